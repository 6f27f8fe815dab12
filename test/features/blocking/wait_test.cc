// WAIT and WAITAOF, beside a log that a test makes durable when it likes.

#include <doctest/doctest.h>

#include <string>

#include "command/persistence.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

class FakeLog final : public LogControl {
 public:
  bool enabled() const override { return on; }
  void WriteInfo(InfoWriter& /*out*/) const override {}
  StatusOr<std::string> Rewrite(BackgroundStart /*start*/) override { return std::string("OK"); }
  uint64_t Appended() override { return appended; }
  uint64_t Durable() override { return durable; }
  void RequestSync() override { ++requests; }
  Status ReloadNow() override { return Status::Ok(); }

  bool on = true;
  uint64_t appended = 100;
  uint64_t durable = 100;
  int requests = 0;
};

struct Waiting {
  Waiting() { engine.shard().services().log = &log; }
  void Pass(int64_t ms) {
    engine.AdvanceMs(ms);
    engine.Tick();
  }
  FakeLog log;
  EngineHarness engine;
};

TEST_CASE_FIXTURE(Waiting, "nobody replicates: WAIT for one ends by its time, for none at once") {
  CHECK(engine.Run("WAIT 0 1000") == "0");
  CHECK(engine.Run("WAIT -1 0") == "0");
  TestClient& client = engine.NewClient();
  CHECK(client.Run("WAIT 1 50") == "(blocked)");
  Pass(49);
  CHECK(client.Received().empty());
  Pass(1);
  CHECK(client.Received() == ":0\r\n");
  CHECK(engine.shard().services().blocking->session_count() == 0);
}

TEST_CASE_FIXTURE(Waiting, "WAIT without end is ended by others") {
  TestClient& client = engine.NewClient();
  CHECK(client.Run("WAIT 1 0") == "(blocked)");
  Pass(1'000'000);
  CHECK(client.Received().empty());
  CHECK(engine.Run("CLIENT UNBLOCK 2") == "1");
  CHECK(client.Received() == ":0\r\n");
  CHECK(client.Run("WAIT 1 0") == "(blocked)");
  CHECK(engine.Run("CLIENT UNBLOCK 2 ERROR") == "1");
  CHECK(client.Received() == "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
}

TEST_CASE_FIXTURE(Waiting, "WAITAOF waits until the log has what was there when it began") {
  CHECK(engine.Run("WAITAOF 1 0 0") == "[1, 0]");
  CHECK(log.requests == 0);
  log.appended = 200;
  TestClient& client = engine.NewClient();
  CHECK(client.Run("WAITAOF 1 0 0") == "(blocked)");
  CHECK(log.requests == 1);
  log.appended = 300;  // of others, later
  Pass(1000);
  CHECK(client.Received().empty());
  log.durable = 200;
  Pass(1000);
  CHECK(client.Received() == "*2\r\n:1\r\n:0\r\n");
  CHECK(log.requests == 1);
}

TEST_CASE_FIXTURE(Waiting, "WAITAOF answers what there is when its time is over") {
  log.appended = 200;
  TestClient& client = engine.NewClient();
  CHECK(client.Run("WAITAOF 1 0 50") == "(blocked)");
  Pass(49);
  CHECK(client.Received().empty());
  Pass(1);
  CHECK(client.Received() == "*2\r\n:0\r\n:0\r\n");
  CHECK(client.Run("WAITAOF 1 1 50") == "(blocked)");
  log.durable = 200;
  Pass(10);
  CHECK(client.Received().empty());
  Pass(40);
  CHECK(client.Received() == "*2\r\n:1\r\n:0\r\n");
  log.appended = 300;
  CHECK(client.Run("WAITAOF 1 0 0") == "(blocked)");
  CHECK(engine.Run("CLIENT UNBLOCK 2 TIMEOUT") == "1");
  CHECK(client.Received() == "*2\r\n:0\r\n:0\r\n");
}

TEST_CASE_FIXTURE(Waiting, "WAITAOF needs a log, and hears when it is switched off") {
  constexpr const char* kOff =
      "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";
  log.on = false;
  CHECK(engine.Run("WAITAOF 0 0 0") == "[0, 0]");
  CHECK(engine.Run("WAITAOF 1 0 0") == "(error) " + std::string(kOff));
  log.on = true;
  log.appended = 200;
  TestClient& client = engine.NewClient();
  CHECK(client.Run("WAITAOF 1 0 0") == "(blocked)");
  log.on = false;
  Pass(1000);
  CHECK(client.Received() == "-" + std::string(kOff) + "\r\n");
}

TEST_CASE_FIXTURE(Waiting, "within a transaction and a script neither waits") {
  log.appended = 200;
  engine.Run("MULTI");
  engine.Run("WAIT 1 0");
  engine.Run("WAITAOF 1 0 0");
  CHECK(engine.Run("EXEC") == "[0, [0, 0]]");
  CHECK(engine.Run("EVAL 'return redis.call(\"WAIT\", 1, 0)' 0") == "0");
  CHECK(engine.Run("EVAL 'return redis.pcall(\"WAITAOF\", 0, 0, 0)' 0") ==
        "(error) ERR This Redis command is not allowed from script");
}

TEST_CASE_FIXTURE(Waiting, "the arguments of WAIT and WAITAOF are judged as Redis does") {
  const auto error = [&](const char* line) { return engine.Run(line).substr(8); };
  CHECK(error("WAIT x 0") == "ERR value is not an integer or out of range");
  CHECK(error("WAIT 0 x") == "ERR timeout is not an integer or out of range");
  CHECK(error("WAIT 0 -1") == "ERR timeout is negative");
  CHECK(error("WAIT 1 9223372036854775807") == "ERR timeout is out of range");
  CHECK(error("WAITAOF 2 0 0") == "ERR value is out of range, value must between 0 and 1");
  CHECK(error("WAITAOF -1 0 0") == "ERR value is out of range, value must between 0 and 1");
  CHECK(error("WAITAOF x 0 0") == "ERR value is not an integer or out of range");
  CHECK(error("WAITAOF 0 -1 0") == "ERR value is out of range, must be positive");
  CHECK(error("WAITAOF 0 0 -1") == "ERR timeout is negative");
}

}  // namespace
}  // namespace torc
