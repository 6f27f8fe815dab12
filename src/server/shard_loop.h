#pragma once

// ShardLoop: one thread's loop around one shard, in two phases (DESIGN §2). RunOnce collects what
// sockets and timers have; then the execute phase, outside libuv, parses every complete command of
// the connections that are ready, prefetches the whole batch, executes in order, and sends each
// connection's replies with one write.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/exchange.h"
#include "engine/shard.h"
#include "engine/world.h"
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
  int64_t work_ns = 0;          // spent on the commands of its clients
  int64_t work_ns_max = 0;      // of one turn
  int64_t tick_ns = 0;          // spent on periodic work
  uint64_t commands_max = 0;    // of one turn
  uint64_t slow_turns = 0;      // kept others waiting for a tenth of a second or more
  uint64_t turns_per_s = 0;     // over about the last second
  uint64_t commands_per_s = 0;  // likewise, as all below
  uint64_t bytes_in_per_s = 0;
  uint64_t bytes_out_per_s = 0;
};

class ShardLoop;

// The shards of a process that has several.
struct ShardGroup {
  ShardGroup(size_t shard_count, bool spin)
      : world(shard_count, spin, [this](size_t shard) { Wake(shard); }) {}
  void Wake(size_t shard);

  World world;
  MemoryLedger ledger;
  std::vector<Exchange*> exchanges;  // by index, as the others
  std::vector<Shard*> shards;
  std::vector<ShardLoop*> loops;
};

class ShardLoop final : public ConnectionOwner,
                        public Router,
                        public BusyHost,
                        private Exchange::Handler {
 public:
  // All must outlive the loop object.
  ShardLoop(EventLoop* loop, Shard* shard, const ServerOptions* options);
  ~ShardLoop();

  // A new connection, already admitted.
  void Serve(Stream stream, ClientId id);
  // Until the event loop is asked to stop.
  void Run();
  EventLoop& loop() { return *loop_; }

  // --- Several shards (shard_loop_peers.cc)
  // Before Run, when the group's shards and loops are there. The group must outlive the loop.
  void Join(ShardGroup* group);
  // When no thread runs any more: sessions that the others know may end.
  void Part();
  // Runs `work` on this thread with all shards lent to it, soon. From this thread, at any time.
  void RunAlone(std::function<void()> work);
  // A command's place: Router.
  Placement Place(Session& session, const Command& command, Argv argv, const KeyRef& hint) override;
  void Notify(size_t shard, std::function<void()> notice) override {
    exchange_->Notify(shard, std::move(notice));
  }
  const Exchange* exchange() const { return exchange_.get(); }
  // Commands held back by a pause are tried again.
  void RetryDeferred();
  // Sends what clients still have to get, within a short while, and closes all.
  void CloseAll();

  ClientTable& clients() { return clients_; }
  const ClientTable& clients() const { return clients_; }
  const LoopFigures& figures() const { return figures_; }
  // Clients whose command waits for the end of a pause.
  size_t deferred_count() const { return deferred_.size(); }
  // Whether replies leave through io_uring.
  bool uses_ring() const { return ring_ != nullptr; }
  void Ready(Connection* connection) override;

  // --- BusyHost: shard_loop_busy.cc
  void ServeOthers() override;
  bool may_breathe() const override;
  void Breathe() override;  // shard_loop_pauses.cc
  bool stop_requested() const override;

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
  EventLoop::Wait NextWait();
  // What a turn does between the event loop and the execute phase, and behind that.
  void BeginTurn();
  void EndTurn();
  void NoteSlowTurn(int64_t begin_ns, int64_t end_ns);
  // A turn's work on commands, and how many had run before it.
  void NoteWork(int64_t duration_ns, uint64_t calls_before);
  void ExecuteReady();
  // What follows once the commands of works_ have run.
  void FinishBatch();

  // --- Several shards
  bool Serve(Parcel& parcel) override;
  void Deliver(Parcel& parcel) override;
  bool IsObservedHere(const Parcel::Request& request, Argv argv);
  Placement Send(Connection& connection, size_t shard, const Command& command, Argv argv,
                 const KeyRef& hint);
  Placement Park(Connection& connection, Waiting waiting, ShardSet shards = {});
  void Unpark(Connection& connection);
  // Between the event loop and the execute phase.
  void ReceiveParcels();
  // Another shard may have this one for a while. Who is yet to be served is ready again then.
  void LendIfAsked();
  bool WantsShards() const;
  void RunBorrowed();
  void RunWithProcess();
  void WatchProcess();
  void RetryStalled();
  void FlushParcels();
  // Nothing is left to do until the event loop, or another shard, has something.
  bool MaySleep();
  // Whether nobody else knows the connection; if not, its end comes later.
  bool MayClose(Connection& connection);
  void CollectOutput();
  void WatchDeadlines();
  // Parses the serving connections until the batch is full.
  void ParseBatch();
  void PrefetchBatch();
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
  size_t OwnClientsLimitBytes() const;
  // Evicts keys for a large value that has begun to arrive.
  void MakeRoomFor(const Connection& connection);
  // Disconnects the clients with the largest buffers while all together take too much.
  void LimitClients();
  // The same before large requests run: what they take is free again behind them.
  void LimitLargeRequests();

  void HoldReplies();

  // --- Long commands: shard_loop_pauses.cc
  // A whole turn within the one whose command pauses.
  void TurnWithin();
  // The command that paused is done: who stood back is served.
  void EndPause();
  void RetryStoodBack();
  // Whether a request of another shard's client is better answered by itself: it is long, or stands
  // back, or comes behind such a one of its client's.
  bool MustBeLate(const Parcel::Request& request, Argv argv);
  bool MakeLate(Parcel& parcel);
  void RunLate();
  void ServeOne(Session& visitor, Parcel& parcel, size_t index, Argv argv);
  // All shards of the set are ours until Return. Only in turn.
  void Borrow(ShardSet shards);
  void Return();

  // A command takes so long, or pauses, that others are served within it: from now on it alone is
  // in hand.
  void BecomeBusy();
  void EndBusy();
  // One round of this loop within a command that takes long, of its own or of a shard that has
  // borrowed it; on the thread that runs the command.
  void ServeWithinBusy();
  void ServeNested();
  // What the execute phase under way has in hand; one within it has its own.
  struct Execution {
    std::vector<Connection*> serving;
    size_t served = 0;
    size_t executing = 0;
    RequestBatch batch;
    std::vector<PreparedCommand> prepared;
    std::vector<Work> works;
  };
  void Swap(Execution& other);
  // Some shard's command, which has all shards to itself, takes so long that others are served
  // within it: only what may run then does.
  bool serves_busy() const { return !shard_->gate().busy.empty(); }

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
  Connection* busy_ = nullptr;                                  // whose command takes long
  bool busy_became_ready_ = false;                              // meanwhile
  std::vector<std::pair<uint64_t, std::string>> busy_replies_;  // to its earlier commands, likewise
  bool background_work_ = false;                                // Tick has more to do
  bool background_steps_ = true;  // StepBackground has, or was not asked yet

  ShardGroup* group_ = nullptr;  // null: there is one shard
  std::unique_ptr<Exchange> exchange_;
  ShardSet held_shards_;  // this one, and those it has borrowed
  std::vector<Connection*> waiting_for_shards_;
  std::vector<Connection*> stalled_;  // wait for room in the parcels to another shard
  std::vector<Connection*> closing_;  // their ends concern other shards
  std::vector<std::function<void()>> alone_;
  bool wants_process_ = false;  // a parcel waits for all shards
  bool process_work_asked_ = false;
  Session visitor_;
  Session late_visitor_;
  std::vector<Shard*> borrowed_;
  bool paused_ = false;         // the command in hand has paused
  bool may_not_pause_ = false;  // what runs now must be done with at once
  bool reborrowing_ = false;    // a command that paused waits for the shards it had
  // Requests that were taken out of their parcels, in order; the first may be running. And how many
  // there are of each client.
  std::deque<std::unique_ptr<Parcel>> late_;
  std::unordered_map<uint64_t, size_t> late_clients_;
  bool running_late_ = false;
  std::vector<std::string_view> args_;
  int64_t work_began_ns_ = 0;  // since then this thread has served nobody else
  int64_t slow_turn_told_ns_ = INT64_MIN / 2;
  int64_t sampled_ns_ = 0;
  uint64_t sampled_turns_ = 0;
  uint64_t sampled_commands_ = 0;
  uint64_t sampled_in_ = 0;
  uint64_t sampled_out_ = 0;
};

}  // namespace torc
