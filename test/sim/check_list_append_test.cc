// Hand-made transaction histories, one for each anomaly the checker knows, and good ones beside
// them.
#include "sim/check_list_append.h"

#include <doctest/doctest.h>

namespace torc::sim {
namespace {

using Kind = Access::Kind;

Access Append(uint32_t key, uint32_t value) {
  return {Kind::kAppend, key, value, {}};
}
Access Read(uint32_t key, std::vector<uint32_t> list) {
  return {Kind::kReadList, key, 0, std::move(list)};
}

Operation Txn(int64_t called, int64_t ended, std::vector<Access> accesses) {
  Operation op;
  op.called = SimTime(called);
  op.ended = ended < 0 ? kNever : SimTime(ended);
  op.ending = ended < 0 ? Ending::kUnknown : Ending::kOk;
  op.id = static_cast<uint32_t>(called);
  op.accesses = std::move(accesses);
  return op;
}

bool Finds(const History& history, const std::string& name) {
  const Verdict verdict = CheckListAppend(history);
  INFO(verdict.violation);
  return verdict.violation.find(name) == 0;
}

TEST_CASE("a serial history of transactions is clean") {
  CHECK(CheckListAppend({Txn(0, 1, {Append(1, 1), Append(2, 2)}),
                         Txn(2, 3, {Read(1, {1}), Append(1, 3)}),
                         Txn(4, 5, {Read(1, {1, 3}), Read(2, {2})})})
            .ok());
}

TEST_CASE("concurrent transactions may be ordered either way") {
  const Operation a = Txn(0, 10, {Append(1, 1), Read(2, {})});
  CHECK(CheckListAppend({a, Txn(0, 10, {Append(2, 2), Read(1, {1})})}).ok());
}

TEST_CASE("writes in a circle are G0") {
  CHECK(Finds({Txn(0, 100, {Append(1, 1), Append(2, 2)}), Txn(1, 100, {Append(1, 3), Append(2, 4)}),
               Txn(2, 100, {Read(1, {1, 3})}), Txn(3, 100, {Read(2, {4, 2})})},
              "G0"));
}

TEST_CASE("a read of an append without effect is G1a") {
  Operation refused = Txn(0, 1, {Append(1, 1)});
  refused.ending = Ending::kNoEffect;
  CHECK(Finds({refused, Txn(2, 3, {Read(1, {1})})}, "G1a"));
}

TEST_CASE("a read between two appends of one transaction is G1b") {
  CHECK(Finds({Txn(0, 10, {Append(1, 1), Append(1, 2)}), Txn(1, 9, {Read(1, {1})})}, "G1b"));
}

TEST_CASE("two transactions that read one another's appends are G1c") {
  CHECK(Finds({Txn(0, 10, {Append(1, 1), Read(2, {2})}), Txn(0, 10, {Append(2, 2), Read(1, {1})})},
              "G1c"));
}

TEST_CASE("a skewed read is G-single") {
  CHECK(Finds({Txn(0, 10, {Append(1, 1), Append(2, 2)}), Txn(0, 10, {Read(1, {1}), Read(2, {})}),
               Txn(20, 21, {Read(1, {1}), Read(2, {2})})},
              "G-single"));
}

TEST_CASE("a skewed write is G2") {
  CHECK(Finds({Txn(0, 10, {Read(1, {}), Append(2, 2)}), Txn(0, 10, {Read(2, {}), Append(1, 1)}),
               Txn(20, 21, {Read(1, {1}), Read(2, {2})})},
              "G2"));
}

TEST_CASE("a stale read breaks real time") {
  CHECK(Finds({Txn(0, 1, {Append(1, 1)}), Txn(2, 3, {Read(1, {})}), Txn(4, 5, {Read(1, {1})})},
              "G-single with real time"));
}

TEST_CASE("an acknowledged append that a later read misses is lost") {
  CHECK(Finds({Txn(0, 1, {Append(1, 1)}), Txn(2, 3, {Read(1, {})})}, "lost acknowledged append"));
}

TEST_CASE("an append of unknown outcome may be missing, or appear late") {
  CHECK(CheckListAppend({Txn(0, -1, {Append(1, 1)}), Txn(2, 3, {Read(1, {})})}).ok());
  CHECK(CheckListAppend(
            {Txn(0, -1, {Append(1, 1)}), Txn(2, 3, {Read(1, {})}), Txn(4, 5, {Read(1, {1})})})
            .ok());
}

TEST_CASE("an element twice, from nowhere, or in another order is told apart") {
  CHECK(Finds({Txn(0, 1, {Append(1, 1)}), Txn(2, 3, {Read(1, {1, 1})})}, "duplicate"));
  CHECK(Finds({Txn(2, 3, {Read(1, {9})})}, "nobody appended"));
  CHECK(Finds({Txn(0, 1, {Append(1, 1)}), Txn(0, 1, {Append(1, 2)}), Txn(2, 3, {Read(1, {1, 2})}),
               Txn(4, 5, {Read(1, {2, 1})})},
              "incompatible orders"));
}

TEST_CASE("a transaction's own appends do not confuse its reads") {
  CHECK(CheckListAppend({Txn(0, 1, {Append(1, 1), Read(1, {1}), Append(1, 2), Read(1, {1, 2})}),
                         Txn(2, 3, {Read(1, {1, 2})})})
            .ok());
}

}  // namespace
}  // namespace torc::sim
