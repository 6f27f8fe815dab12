// Hand-made histories of one register or list: which orders of calls and ends a single copy could
// give.
#include "sim/check_linearizable.h"

#include <doctest/doctest.h>

namespace torc::sim {
namespace {

using Kind = Access::Kind;

// One operation of key 1, called and ended at the given instants (ended < 0: outcome unknown).
Operation Op(int64_t called, int64_t ended, Kind kind, uint32_t value) {
  Operation op;
  op.called = SimTime(called);
  op.ended = ended < 0 ? kNever : SimTime(ended);
  op.ending = ended < 0 ? Ending::kUnknown : Ending::kOk;
  op.accesses = {Access{kind, 1, value, {}}};
  return op;
}

Operation ReadList(int64_t called, int64_t ended, std::vector<uint32_t> list) {
  Operation op = Op(called, ended, Kind::kReadList, 0);
  op.accesses[0].list = std::move(list);
  return op;
}

TEST_CASE("a read that follows a write sees it") {
  CHECK(CheckLinearizable({Op(0, 1, Kind::kSet, 7), Op(2, 3, Kind::kGet, 7)}).ok());
  CHECK_FALSE(CheckLinearizable({Op(0, 1, Kind::kSet, 7), Op(2, 3, Kind::kGet, 0)}).ok());
}

TEST_CASE("a read beside a write may see it or not, but time does not run backwards") {
  const Operation write = Op(0, 10, Kind::kSet, 7);
  CHECK(CheckLinearizable({write, Op(1, 2, Kind::kGet, 0), Op(3, 4, Kind::kGet, 7)}).ok());
  CHECK_FALSE(CheckLinearizable({write, Op(1, 2, Kind::kGet, 7), Op(3, 4, Kind::kGet, 0)}).ok());
}

TEST_CASE("a write of unknown outcome may take effect late or never") {
  const Operation unknown = Op(0, -1, Kind::kSet, 7);
  const Operation other = Op(1, 2, Kind::kSet, 8);
  CHECK(CheckLinearizable({unknown, other, Op(3, 4, Kind::kGet, 8), Op(5, 6, Kind::kGet, 7)}).ok());
  CHECK(CheckLinearizable({unknown, other, Op(3, 4, Kind::kGet, 8)}).ok());
  CHECK_FALSE(CheckLinearizable({unknown, other, Op(3, 4, Kind::kGet, 7), Op(5, 6, Kind::kGet, 8),
                                 Op(7, 8, Kind::kGet, 7)})
                  .ok());
}

TEST_CASE("a write of unknown outcome is not seen before its call") {
  CHECK_FALSE(CheckLinearizable({Op(0, 1, Kind::kGet, 7), Op(2, -1, Kind::kSet, 7)}).ok());
}

TEST_CASE("a write without effect is never seen") {
  Operation refused = Op(0, 1, Kind::kSet, 7);
  refused.ending = Ending::kNoEffect;
  CHECK(CheckLinearizable({refused, Op(2, 3, Kind::kGet, 0)}).ok());
  CHECK_FALSE(CheckLinearizable({refused, Op(2, 3, Kind::kGet, 7)}).ok());
}

TEST_CASE("an append takes effect once") {
  CHECK(CheckLinearizable({Op(0, 1, Kind::kAppend, 7), ReadList(2, 3, {7})}).ok());
  CHECK_FALSE(CheckLinearizable({Op(0, 1, Kind::kAppend, 7), ReadList(2, 3, {7, 7})}).ok());
  CHECK_FALSE(CheckLinearizable({Op(0, 1, Kind::kAppend, 7), ReadList(2, 3, {})}).ok());
}

TEST_CASE("keys are independent of one another") {
  Operation other_key = Op(2, 3, Kind::kGet, 0);
  other_key.accesses[0].key = 2;
  CHECK(CheckLinearizable({Op(0, 1, Kind::kSet, 7), other_key}).ok());
}

TEST_CASE("many concurrent writes of unknown outcome are still decided") {
  History history;
  for (uint32_t i = 1; i <= 40; ++i) history.push_back(Op(0, -1, Kind::kSet, i));
  for (uint32_t i = 1; i <= 40; ++i) {
    history.push_back(Op(10 * i, 10 * i + 5, Kind::kGet, i));
  }
  CHECK(CheckLinearizable(history).ok());
}

TEST_CASE("a value that comes back without a second write is found among concurrent ones") {
  History history;
  for (uint32_t i = 1; i <= 10; ++i) history.push_back(Op(0, -1, Kind::kSet, i));
  for (uint32_t i = 1; i <= 10; ++i) history.push_back(Op(10 * i, 10 * i + 5, Kind::kGet, i));
  CHECK(CheckLinearizable(history).ok());
  history.push_back(Op(1000, 1001, Kind::kGet, 3));
  CHECK_FALSE(CheckLinearizable(history).ok());
}

TEST_CASE("a search beyond its budget is reported, not passed over") {
  History history;
  for (uint32_t i = 1; i <= 12; ++i) history.push_back(Op(0, 100, Kind::kSet, i));
  history.push_back(Op(200, 201, Kind::kGet, 99));
  const Verdict verdict = CheckLinearizable(history, {.steps_max = 100});
  CHECK(verdict.violation.find("undecided") != std::string::npos);
}

}  // namespace
}  // namespace torc::sim
