#pragma once

// ShardThreads: the shards beside the first, each with a loop and a thread of its own.

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "net/event_loop.h"
#include "server/shard_loop.h"
#include "torc/status.h"

namespace torc {

// How many partitions a data set of one process needs: with one shard one, and then no key's slot
// is computed; otherwise enough to deal them evenly.
int PartitionCountFor(int64_t threads);

class ShardThreads {
 public:
  struct Parts {
    size_t count;  // of shards, the first included
    EngineOptions* engine_options;
    const CommandRegistry* commands;
    const TypeTable* types;
    ConfigRegistry* config;
    Clock* clock;
    const ServerOptions* options;
    ShardLoop* first_loop;
    Shard* first_shard;
  };
  // All parts must outlive it. The first shard joins the group as well.
  static StatusOr<std::unique_ptr<ShardThreads>> Create(const Parts& parts);
  ~ShardThreads();
  ShardThreads(const ShardThreads&) = delete;
  ShardThreads& operator=(const ShardThreads&) = delete;

  ShardGroup& group() { return group_; }
  // Begins and ends the threads; the first shard's, which stays unbound, is the caller's. The first
  // shard's loop must have ended, or not begun.
  void Start();
  void Stop();
  // Gives a connection that the first shard has accepted to another. The first shard's thread.
  // `tls`: null for a plain one.
  void Hand(size_t shard, Stream stream, ClientId id, const TlsContext* tls);

 private:
  struct Member {
    std::unique_ptr<EventLoop> loop;
    std::unique_ptr<Shard> shard;
    std::unique_ptr<ShardLoop> shard_loop;
    std::thread thread;
  };
  explicit ShardThreads(const Parts& parts);

  ShardGroup group_;
  ShardLoop* first_loop_;
  const bool pins_;
  std::vector<Member> members_;
};

}  // namespace torc
