// Every command that changes a stream lets a snapshot under way see it first.

#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

// Notes the digest of what it is shown, as it is then.
class Recorder final : public SnapshotVisitor {
 public:
  explicit Recorder(const Keyspace* keyspace) : keyspace_(keyspace) {}
  void Visit(DbIndex db, const Entry& entry) override {
    digest += keyspace_->EntryDigest(db, entry);
  }
  uint64_t digest = 0;

 private:
  const Keyspace* keyspace_;
};

TEST_CASE("a snapshot sees a stream as it was, whichever command writes it") {
  for (const char* command :
       {"XADD s * f v", "XADD s MAXLEN 1 * f v", "XDEL s 1-1", "XTRIM s MAXLEN 0", "XSETID s 9-9",
        "XGROUP CREATE s new 0", "XGROUP SETID s g 0", "XGROUP DESTROY s g",
        "XGROUP CREATECONSUMER s g new", "XGROUP DELCONSUMER s g c", "XACK s g 1-1",
        "XREADGROUP GROUP g c STREAMS s >", "XREADGROUP GROUP g c STREAMS s 0",
        "XREADGROUP GROUP g new STREAMS s >", "XCLAIM s g d 0 1-1", "XAUTOCLAIM s g d 0 0"}) {
    CAPTURE(command);
    EngineHarness engine;
    for (const char* id : {"1-1", "1-2", "2-1"}) engine.Run("XADD s " + std::string(id) + " f v");
    engine.Run("XGROUP CREATE s g 0");
    engine.Run("XREADGROUP GROUP g c COUNT 1 STREAMS s >");
    Keyspace& keyspace = engine.keyspace();
    const uint64_t before = keyspace.Digest();
    Recorder recorder(&keyspace);
    keyspace.BeginSnapshot(&recorder);
    engine.AdvanceMs(5);
    engine.Run(command);
    CHECK(keyspace.Digest() != before);
    while (keyspace.AdvanceSnapshot(100)) {
    }
    CHECK(recorder.digest == before);
  }
}

}  // namespace
}  // namespace torc
