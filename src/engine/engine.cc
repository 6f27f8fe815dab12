#include "torc/engine.h"

#include <utility>

#include "base/check.h"
#include "base/config.h"
#include "base/key_slot.h"
#include "engine/all_rooms.h"
#include "engine/reply_tree.h"
#include "engine/shard.h"

namespace torc {
namespace {

class EngineClient final : public Client {
 public:
  EngineClient(Shard* shard, ClientId id) : shard_(shard) { shard_->Welcome(session_, id); }
  ~EngineClient() override { shard_->Farewell(session_); }

  std::string ExecuteToBytes(std::span<const std::string_view> argv) override {
    shard_->BeginTurn();
    TORC_CHECK(!argv.empty(), "a command has a name");
    shard_->Execute(session_, argv);
    Buffer& bytes = session_.replies.bytes();
    std::string out(bytes.data(), bytes.size());
    session_.replies.Consume(bytes.size());
    return out;
  }

  Reply Execute(std::span<const std::string_view> argv) override {
    return ParseReply(ExecuteToBytes(argv));
  }

 private:
  Shard* shard_;
  Session session_;
};

class ShardEngine final : public Engine {
 public:
  ShardEngine(const Options& options, Clock* clock, Entropy* entropy) : types_(AllTypes()) {
    options_.keyspace.partition_count = options.partition_count;
    options_.keyspace.hash_seed = options.hash_seed != 0 ? options.hash_seed : entropy->Seed();
    RegisterAllCommands(commands_);
    DeclareEngineOptions(config_, &options_);
    shard_ = std::make_unique<Shard>(&options_, &commands_, &types_, &config_, clock);
    shard_->services().entropy = entropy;
  }

  std::unique_ptr<Client> NewClient() override {
    return std::make_unique<EngineClient>(shard_.get(), ClientId(++last_client_));
  }
  void Tick() override { shard_->Tick(); }
  Shard& shard() override { return *shard_; }

 private:
  EngineOptions options_;
  TypeTable types_;
  CommandRegistry commands_;
  ConfigRegistry config_;
  std::unique_ptr<Shard> shard_;
  uint64_t last_client_ = 0;
};

}  // namespace

StatusOr<std::unique_ptr<Engine>> Engine::Open(const Options& options, Clock* clock,
                                               Entropy* entropy) {
  if (!ValidPartitionCount(options.partition_count)) {
    return Status::InvalidArgument("partition_count must be between 1 and 16384");
  }
  return std::unique_ptr<Engine>(std::make_unique<ShardEngine>(options, clock, entropy));
}

}  // namespace torc
