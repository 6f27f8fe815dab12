#pragma once

// ShardLoop: one thread's loop around one shard, in two phases (DESIGN §2). RunOnce collects what
// sockets and timers have; then the execute phase, outside libuv, parses every complete command of
// the connections that are ready, prefetches the whole batch, executes in order, and sends each
// connection's replies with one write.

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/shard.h"
#include "net/event_loop.h"
#include "net/send_ring.h"
#include "net/timer.h"
#include "resp/request_batch.h"
#include "server/client_table.h"
#include "server/idle_spin.h"
#include "server/server_options.h"
#include "server/shard_log.h"

namespace torc {

struct LoopFigures {
  uint64_t turns = 0;
  uint64_t commands_per_s = 0;  // over about the last second
  uint64_t bytes_in_per_s = 0;
  uint64_t bytes_out_per_s = 0;
};

class ShardLoop final : public ConnectionOwner, public BusyHost {
 public:
  // All must outlive the loop object.
  ShardLoop(EventLoop* loop, Shard* shard, const ServerOptions* options);
  ~ShardLoop();

  // A new connection, already admitted.
  void Serve(Stream stream);
  // Until the event loop is asked to stop.
  void Run();
  // Commands held back by a pause are tried again.
  void RetryDeferred();
  // Sends what clients still have to get, within a short while, and closes all.
  void CloseAll();

  ClientTable& clients() { return clients_; }
  const LoopFigures& figures() const { return figures_; }
  // Whether replies leave through io_uring.
  bool uses_ring() const { return ring_ != nullptr; }
  void Ready(Connection* connection) override;

  // --- BusyHost: shard_loop_busy.cc
  void ServeOthers() override;
  bool stop_requested() const override { return loop_->stop_requested(); }

  // The shard's side of the append-only log.
  ShardLog& log() { return log_; }
  // Clients whose replies wait for the disk are disconnected: it will never take what they wrote.
  void DropHeld();
  // Held replies are looked at again.
  void ReleaseHeld();

 private:
  // Part of a connection's input that was parsed into batch_.
  struct Work {
    Connection* connection;
    size_t first_command;
    size_t command_count;
    size_t wire_bytes;  // that the commands, and what was skipped between them, took
    bool broken;        // a protocol error follows
    bool has_more;      // whole commands are left in the input
  };

  // Whether the next turn should wait for something to happen.
  EventLoop::Wait NextWait() const;
  void ExecuteReady();
  void CollectOutput();
  void WatchDeadlines();
  // Parses the serving connections until the batch is full.
  void ParseBatch();
  Work Parse(Connection* connection);
  // Executes the work at executing_.
  void Execute();
  // Runs the commands; returns how many were run.
  size_t RunCommands(const Work& work);
  // Only `run` of the commands were run: the others stay in the input, to be parsed again.
  void PutBack(const Work& work, size_t run);
  void AnswerBroken(Connection& connection);
  // Sends the replies of all connections just served: one system call for all, where that can be
  // had.
  void SendReplies();
  void Finish(const Work& work);
  void TakeSpare(Session& session);
  void GiveSpare(Session& session);
  void Close(Connection* connection);
  bool OverOutputLimit(Connection& connection);

  // --- client_memory.cc
  // maxmemory-clients; 0: no limit.
  size_t ClientsLimitBytes() const;
  // Evicts keys for a large value that has begun to arrive.
  void MakeRoomFor(const Connection& connection);
  // Disconnects the clients with the largest buffers while all together take too much.
  void LimitClients();

  void HoldReplies();

  // A command takes so long that others are served within it: from now on it alone is in hand.
  void BecomeBusy();
  void EndBusy();
  void ServeNested();

  void OnTick();
  void CheckClient(Connection& connection);
  void SampleRates();

  EventLoop* loop_;
  Shard* shard_;
  const ServerOptions* options_;
  ClientTable clients_;
  Timer tick_;
  Timer deadline_timer_;
  int64_t watched_deadline_ns_ = BlockingTable::kNoDeadline;
  std::vector<Connection*> ready_;
  std::vector<Session*> noted_;  // with new output, from the outbox
  std::vector<Connection*> deferred_;
  // Of the execute phase under way.
  std::vector<Connection*> serving_;  // whose turn it is
  size_t served_ = 0;                 // so many of them are in works_, or done
  size_t executing_ = 0;              // of works_
  RequestBatch batch_;
  std::vector<PreparedCommand> prepared_;
  std::vector<Work> works_;
  std::vector<Buffer> spares_;  // lent to sessions that execute, so that idle ones hold no buffer
  std::unique_ptr<SendRing> ring_;
  std::vector<size_t> sendable_bytes_;  // of works_, while replies are sent
  ShardLog log_;
  std::vector<Connection*> held_;  // have replies that wait for the disk
  LoopFigures figures_;
  IdleSpin idle_spin_;
  Connection* busy_ = nullptr;      // whose command takes long
  bool busy_became_ready_ = false;  // meanwhile
  bool background_work_ = false;    // Tick has more to do
  bool background_steps_ = true;    // StepBackground has, or was not asked yet
  int64_t sampled_ns_ = 0;
  uint64_t sampled_commands_ = 0;
  uint64_t sampled_in_ = 0;
  uint64_t sampled_out_ = 0;
};

}  // namespace torc
