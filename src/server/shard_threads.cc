#include "server/shard_threads.h"

#include <fcntl.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "server/usable_cores.h"

namespace torc {
namespace {

constexpr int kPartitionsPerShard = 16;

}  // namespace

int PartitionCountFor(int64_t threads) {
  return threads <= 1 ? 1 : static_cast<int>(threads) * kPartitionsPerShard;
}

ShardThreads::ShardThreads(const Parts& parts)
    : group_(parts.count, UsableCores() >= parts.count),
      first_loop_(parts.first_loop),
      pins_(parts.options->pin_threads) {}

StatusOr<std::unique_ptr<ShardThreads>> ShardThreads::Create(const Parts& parts) {
  std::unique_ptr<ShardThreads> out(new ShardThreads(parts));
  ShardGroup& group = out->group_;
  group.exchanges.resize(parts.count);
  group.shards.push_back(parts.first_shard);
  group.loops.push_back(parts.first_loop);
  for (size_t i = 1; i < parts.count; ++i) {
    auto loop = EventLoop::Create();
    if (!loop.ok()) return loop.status();
    Member& member = out->members_.emplace_back();
    member.loop = std::move(loop).value();
    member.shard = std::make_unique<Shard>(parts.engine_options, parts.commands, parts.types,
                                           parts.config, parts.clock, parts.first_shard);
    member.shard_loop =
        std::make_unique<ShardLoop>(member.loop.get(), member.shard.get(), parts.options);
    group.shards.push_back(member.shard.get());
    group.loops.push_back(member.shard_loop.get());
  }
  parts.first_shard->DealPartitions();
  for (ShardLoop* loop : group.loops) loop->Join(&group);
  return out;
}

ShardThreads::~ShardThreads() {
  Stop();
  first_loop_->Part();
  for (Member& member : members_) {
    member.shard_loop.reset();
    member.shard.reset();
    member.loop.reset();
  }
}

void ShardThreads::Start() {
  group_.shards[0]->SetExclusive(false);
  for (size_t i = 0; i < members_.size(); ++i) {
    members_[i].thread = std::thread([this, i] {
      pthread_setname_np(pthread_self(), Format("torc-shard-%zu", i + 1).c_str());
      if (pins_) PinToCore(i + 1);
      members_[i].shard_loop->Run();
    });
  }
}

void ShardThreads::Stop() {
  for (Member& member : members_) member.loop->RequestStop();
  for (Member& member : members_) {
    if (member.thread.joinable()) member.thread.join();
  }
  group_.shards[0]->SetExclusive(true);
}

void ShardThreads::Hand(size_t shard, Stream stream, ClientId id, const TlsContext* tls) {
  const int descriptor = fcntl(stream.descriptor(), F_DUPFD_CLOEXEC, 0);
  stream.Close();
  if (descriptor < 0) return Log(LogLevel::kWarning, "Accepting client connection: no descriptor");
  ShardLoop* const to = group_.loops[shard];
  to->loop().Post([to, descriptor, id, tls] {
    Stream moved = Stream::Adopt(&to->loop(), descriptor);
    if (moved.open() && tls != nullptr) moved.StartTls(*tls);
    if (moved.open()) to->Serve(std::move(moved), id);
  });
}

}  // namespace torc
