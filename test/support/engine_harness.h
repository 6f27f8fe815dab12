#pragma once

// Commands on an in-process engine: no socket, no sleep, a clock that the test moves.
//
//   EngineHarness engine;
//   CHECK(engine.Run("SET k v EX 10") == "OK");
//   engine.AdvanceMs(10'000);
//   CHECK(engine.Run("GET k") == "(nil)");
//
// Every harness replays its effects into a shadow engine and compares both when it is destroyed
// (and at each CheckShadow): a write whose effect is wrong fails its test even if the reply was
// right.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/fake_clock.h"
#include "support/shadow.h"
#include "support/test_shard.h"
#include "torc/reply.h"

namespace torc {

class HarnessClients;
class HarnessServer;

// One client of the harness. Lives as long as the harness.
class TestClient {
 public:
  TestClient(Shard* shard, ClientId id);
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  // Runs the words of `line` (quoted as in redis.conf: "a b", "\x00") and answers the reply as
  // ReplyText shows it; "(no reply)" if there was none, "(deferred)" if the command must wait for
  // the end of a pause, "(blocked)" if it waits for keys, "(disconnected)" if the client no longer
  // is.
  std::string Run(std::string_view line);
  // The same with the words given: nothing needs quoting.
  std::string RunArgs(std::span<const std::string_view> argv);
  // The reply as a tree; for commands that answer exactly one.
  Reply Ask(std::string_view line);
  // The reply's bytes as they go over the wire.
  std::string Wire(std::string_view line);

  // What has come without being asked for just now, as it goes over the wire: messages, and the
  // reply to a command that was blocked.
  std::string Received();

  Session& session() { return session_; }
  bool connected() const { return connected_; }
  void Disconnect();

 private:
  enum class Ran : uint8_t { kDone, kBlocked, kDeferred, kDisconnected };
  Ran Execute(std::span<const std::string_view> argv, std::string* bytes);

  Shard* shard_;
  Session session_;
  bool connected_ = true;
};

class EngineHarness {
 public:
  explicit EngineHarness(const TestShard::Settings& settings = {});
  // Checks the shadow.
  ~EngineHarness();
  EngineHarness(const EngineHarness&) = delete;
  EngineHarness& operator=(const EngineHarness&) = delete;

  // By the first client: see TestClient.
  std::string Run(std::string_view line) { return clients_.front()->Run(line); }
  std::string RunArgs(std::initializer_list<std::string_view> argv) {
    return clients_.front()->RunArgs({argv.begin(), argv.size()});
  }
  Reply Ask(std::string_view line) { return clients_.front()->Ask(line); }
  TestClient& client() { return *clients_.front(); }
  // Another client; the harness owns it.
  TestClient& NewClient();
  const std::vector<std::unique_ptr<TestClient>>& clients() const { return clients_; }

  // Moves the time, without any background work.
  void AdvanceMs(int64_t ms) { clock_.AdvanceMs(ms); }
  // Background work: the expiry sweep and the like.
  void Tick() { shard_.shard().Tick(); }
  FakeClock& clock() { return clock_; }

  Shard& shard() { return shard_.shard(); }
  Keyspace& keyspace() { return shard_.shard().keyspace(); }
  EngineOptions& options() { return shard_.options(); }
  ConfigRegistry& config() { return shard_.config(); }
  const CommandRegistry& commands() const { return shard_.commands(); }
  HarnessServer& server() { return *server_; }

  // The effects since the last call, as lines (see Shadow::TakeLines).
  std::vector<std::string> TakeEffects() { return shadow_.TakeLines(); }
  // Compares this engine's data with its shadow's; fails the test case on a difference.
  void CheckShadow();

 private:
  FakeClock clock_;
  TestShard shard_;
  Shadow shadow_;
  std::vector<std::unique_ptr<TestClient>> clients_;
  std::unique_ptr<HarnessClients> directory_;
  std::unique_ptr<HarnessServer> server_;
};

// What the commands asked of the process around them.
class HarnessServer final : public ServerControl {
 public:
  explicit HarnessServer(FakeClock* clock) : clock_(clock) {}
  Status Shutdown(const ShutdownRequest& request) override;
  Status RewriteConfig() override;
  void PauseChanged() override { ++pauses_changed; }
  void ResetStats() override { ++stats_resets; }
  void Sleep(int64_t duration_us) override { clock_->AdvanceMs(duration_us / 1000); }

  std::vector<ShutdownRequest> shutdowns;
  int rewrites = 0;
  int pauses_changed = 0;
  int stats_resets = 0;
  // What the next requests answer.
  Status answer;

 private:
  FakeClock* clock_;
};

}  // namespace torc
