#include "support/engine_harness.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/config_words.h"
#include "engine/reply_tree.h"
#include "support/reply_text.h"

namespace torc {

// The clients of a harness, as commands see them.
class HarnessClients final : public ClientDirectory {
 public:
  explicit HarnessClients(const std::vector<std::unique_ptr<TestClient>>* clients)
      : clients_(clients) {}

  void ForEach(const std::function<void(Session&, const Transport&)>& visit) override {
    for (const auto& client : *clients_) {
      if (client->connected()) visit(client->session(), TransportOf(client->session()));
    }
  }
  void Disconnect(ClientId id, bool after_reply) override {
    for (const auto& client : *clients_) {
      if (client->session().id != id) continue;
      client->session().close_after_reply = true;
      if (!after_reply) client->Disconnect();
    }
  }
  // The first client has address 127.0.0.1:10001, the second 127.0.0.1:10002, and so on.
  Transport TransportOf(const Session& session) override {
    const auto port = 10000 + static_cast<int>(session.id.value());
    return {.peer_address = "127.0.0.1:" + std::to_string(port),
            .local_address = "127.0.0.1:6379",
            .descriptor = 100 + static_cast<int>(session.id.value())};
  }
  Session* SessionOf(ClientId id) override {
    for (const auto& client : *clients_) {
      if (client->connected() && client->session().id == id) return &client->session();
    }
    return nullptr;
  }

 private:
  const std::vector<std::unique_ptr<TestClient>>* clients_;
};

namespace {

std::vector<std::string> WordsOf(std::string_view line) {
  auto words = SplitConfigLine(line);
  TORC_CHECK(words.has_value() && !words->empty(), "a command line with balanced quotes");
  return *std::move(words);
}

std::vector<std::string_view> Views(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

}  // namespace

TestClient::TestClient(Shard* shard, ClientId id) : shard_(shard) {
  shard_->Welcome(session_, id);
}

TestClient::~TestClient() {
  Disconnect();
}

void TestClient::Disconnect() {
  if (std::exchange(connected_, false)) shard_->Farewell(session_);
}

TestClient::Ran TestClient::Execute(std::span<const std::string_view> argv, std::string* bytes) {
  if (!connected_) return Ran::kDisconnected;
  shard_->BeginTurn();
  const Outcome outcome = shard_->Execute(session_, argv);
  if (outcome == Outcome::kDeferred) return Ran::kDeferred;
  if (outcome == Outcome::kBlocked) return Ran::kBlocked;
  Buffer& out = session_.replies.bytes();
  *bytes = std::string(out.view());
  session_.replies.Consume(out.size());
  if (session_.close_after_reply) Disconnect();
  return Ran::kDone;
}

std::string TestClient::Received() {
  Buffer& out = session_.replies.bytes();
  std::string bytes(out.view());
  session_.replies.Consume(out.size());
  return bytes;
}

std::string TestClient::RunArgs(std::span<const std::string_view> argv) {
  std::string bytes;
  switch (Execute(argv, &bytes)) {
    case Ran::kDone:
      return bytes.empty() ? "(no reply)" : ReplyText(ParseReply(bytes));
    case Ran::kBlocked:
      return "(blocked)";
    case Ran::kDeferred:
      return "(deferred)";
    case Ran::kDisconnected:
      return "(disconnected)";
  }
  return {};
}

std::string TestClient::Run(std::string_view line) {
  const std::vector<std::string> words = WordsOf(line);
  return RunArgs(Views(words));
}

Reply TestClient::Ask(std::string_view line) {
  return ParseReply(Wire(line));
}

std::string TestClient::Wire(std::string_view line) {
  const std::vector<std::string> words = WordsOf(line);
  std::string bytes;
  TORC_CHECK(Execute(Views(words), &bytes) == Ran::kDone, "the command runs at once");
  return bytes;
}

EngineHarness::EngineHarness(const TestShard::Settings& settings)
    : shard_(settings, &clock_),
      shadow_(&clock_),
      directory_(std::make_unique<HarnessClients>(&clients_)),
      server_(std::make_unique<HarnessServer>(&clock_)) {
  shard().feed().Add(&shadow_);
  shard().services().clients = directory_.get();
  shard().services().server = server_.get();
  NewClient();
}

namespace {

// What was counted along the way must be what there is.
void CheckFigures(const Keyspace& keyspace) {
  for (const DbIndex db : keyspace.NonEmptyDatabases()) {
    const FiguresByType kept = keyspace.Figures(db);
    const FiguresByType counted = keyspace.CountFigures(db);
    for (size_t i = 0; i < kept.size(); ++i) {
      CAPTURE(db.value());
      CAPTURE(i);
      CHECK(kept[i].key_count == counted[i].key_count);
      CHECK(kept[i].entry_bytes == counted[i].entry_bytes);
      CHECK(kept[i].value_bytes == counted[i].value_bytes);
    }
  }
}

}  // namespace

EngineHarness::~EngineHarness() {
  CheckShadow();
  shard().feed().Remove(&shadow_);
}

TestClient& EngineHarness::NewClient() {
  clients_.push_back(std::make_unique<TestClient>(&shard(), ClientId(clients_.size() + 1)));
  return *clients_.back();
}

void EngineHarness::CheckShadow() {
  for (const std::string& failure : shadow_.failures()) FAIL_CHECK("shadow replay: " << failure);
  CHECK_MESSAGE(keyspace().Digest() == shadow_.keyspace().Digest(),
                "shadow replay: the replayed effects must give the same data");
  CheckFigures(keyspace());
  CheckFigures(shadow_.keyspace());
}

Status HarnessServer::Shutdown(const ShutdownRequest& request) {
  shutdowns.push_back(request);
  return answer;
}

Status HarnessServer::RewriteConfig() {
  ++rewrites;
  return answer;
}

}  // namespace torc
