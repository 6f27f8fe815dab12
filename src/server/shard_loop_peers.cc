// A shard's loop among others: commands that go to another shard and come from there, shards that
// are borrowed and lent. See engine/exchange.h and engine/world.h.

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "server/shard_loop.h"

namespace torc {

void ShardGroup::Wake(size_t shard) {
  loops[shard]->loop().Wake();
}

void ShardLoop::Join(ShardGroup* group) {
  group_ = group;
  const size_t self = shard_->index();
  exchange_ = std::make_unique<Exchange>(self, &group->world, &group->exchanges);
  group->exchanges[self] = exchange_.get();
  held_shards_ = ShardSet::One(self);
  shard_->services().router = this;
  shard_->ShareMemory(&group->ledger);
  visitor_.visiting = true;
  shard_->Welcome(visitor_, {});
  late_visitor_.visiting = true;
  shard_->Welcome(late_visitor_, {});
}

void ShardLoop::Part() {
  shard_->ShareMemory(nullptr);  // a loop that never ran has not said so
  exchange_.reset();
  group_ = nullptr;
}

void ShardLoop::RunAlone(std::function<void()> work) {
  alone_.push_back(std::move(work));
}

// --- Where a command runs

Router::Placement ShardLoop::Place(Session& session, const Command& command, Argv argv,
                                   const KeyRef& hint) {
  Connection& connection = *works_[executing_].connection;
  const bool awaits = session.replies.awaited() > 0;
  if (shard_->exclusive() && !awaits) return Placement::kHere;
  const Services& services = shard_->services();
  ShardSet shards = group_->world.all();
  if (shard_->has_kept_news() && !shard_->exclusive()) [[unlikely]] {
    // Who keeps copies hears of keys that were evicted for a command before its reply.
    return awaits ? Park(connection, Waiting::kReplies)
                  : Park(connection, Waiting::kShards, shards);
  }
  bool alone = shard_->exclusive();
  if (!IsObserved(services, session, command, argv)) {
    shards = ShardsOf(services, session, command, argv, hint);
    alone = true;
  }
  if (command.reach == Reach::kKeys && alone && shards.count() <= 1) {
    if (held_shards_.Contains(shards)) {
      const bool keeps_order = options_->pipeline_order == PipelineOrder::kStrict;
      return awaits && keeps_order ? Park(connection, Waiting::kReplies) : Placement::kHere;
    }
    return Send(connection, shards.front(), command, argv, hint);
  }
  if (awaits) return Park(connection, Waiting::kReplies);
  if (held_shards_.Contains(shards) && alone) return Placement::kHere;
  return Park(connection, Waiting::kShards, shards);
}

Router::Placement ShardLoop::Send(Connection& connection, size_t shard, const Command& command,
                                  Argv argv, const KeyRef& hint) {
  Session& session = connection.session();
  const bool elsewhere = session.replies.awaited() > 0 && connection.sent_to != shard;
  if (elsewhere && options_->pipeline_order == PipelineOrder::kStrict) {
    return Park(connection, Waiting::kReplies);
  }
  if (!exchange_->HasRoom(shard)) return Park(connection, Waiting::kRoom);
  connection.sent_to = shard;
  Parcel::Request& request = exchange_->Add(shard, argv);
  request.command = &command;
  if (hint.text.data() != nullptr) {
    request.key_hash = hint.hash;
    request.partition = hint.partition;
    request.key_arg = static_cast<uint32_t>(
        std::find_if(argv.begin(), argv.end(),
                     [&hint](std::string_view arg) { return arg.data() == hint.text.data(); }) -
        argv.begin());
  }
  request.db = session.db;
  request.client = session.id;
  request.protocol = session.protocol;
  request.no_touch = session.no_touch;
  request.wants_reply = session.reply_mode == ReplyMode::kOn;
  if (session.reply_mode == ReplyMode::kSkipThis) session.reply_mode = ReplyMode::kOn;
  request.origin = &connection;
  request.slot = session.replies.OpenSlot();
  ++session.commands;
  return Placement::kAway;
}

Router::Placement ShardLoop::Park(Connection& connection, Waiting waiting, ShardSet shards) {
  connection.waiting = waiting;
  connection.wanted_shards = shards;
  if (waiting == Waiting::kShards) waiting_for_shards_.push_back(&connection);
  if (waiting == Waiting::kRoom) {
    stalled_.push_back(&connection);
    connection.stream().PauseReading();
  }
  return Placement::kWait;
}

void ShardLoop::Unpark(Connection& connection) {
  connection.waiting = Waiting::kNothing;
  Ready(&connection);
}

void ShardLoop::RetryStalled() {
  std::vector<Connection*> stalled;
  stalled.swap(stalled_);
  for (Connection* connection : stalled) {
    if (!connection->ended()) connection->stream().StartReading();
    Unpark(*connection);
  }
}

// --- Parcels

bool ShardLoop::IsObservedHere(const Parcel::Request& request, Argv argv) {
  visitor_.db = request.db;
  return !shard_->exclusive() && IsObserved(shard_->services(), visitor_, *request.command, argv);
}

bool ShardLoop::Serve(Parcel& parcel) {
  for (size_t i = parcel.served; i < parcel.requests.size(); ++i) {
    const Parcel::Request& request = parcel.requests[i];
    const KeyRef key = parcel.Key(request);
    if (key.text.data() != nullptr) shard_->keyspace().Prefetch(request.db, key);
  }
  for (size_t i = parcel.served; i < parcel.requests.size(); ++i) {
    const Parcel::Request& request = parcel.requests[i];
    const KeyRef key = parcel.Key(request);
    if (key.text.data() != nullptr) shard_->keyspace().PrefetchEntry(request.db, key);
  }
  shard_->BeginBatch();
  const bool might_not_pause = std::exchange(may_not_pause_, true);
  visitor_.replies.bytes().Swap(parcel.replies);
  for (; parcel.served < parcel.requests.size(); ++parcel.served) {
    const Argv argv = parcel.Args(parcel.requests[parcel.served], &args_);
    if (IsObservedHere(parcel.requests[parcel.served], argv)) {
      wants_process_ = true;
      break;
    }
    if (!MustBeLate(parcel.requests[parcel.served], argv)) [[likely]] {
      ServeOne(visitor_, parcel, parcel.served, argv);
      continue;
    }
    if (!MakeLate(parcel)) break;
    parcel.requests[parcel.served].reply_end = visitor_.replies.bytes().size();
  }
  visitor_.replies.bytes().Swap(parcel.replies);
  may_not_pause_ = might_not_pause;
  log_.HandOver();
  exchange_->set_log_position(log_.Condition(true).position);
  return parcel.served == parcel.requests.size();
}

void ShardLoop::ServeOne(Session& visitor, Parcel& parcel, size_t index, Argv argv) {
  Parcel::Request& request = parcel.requests[index];
  visitor.db = request.db;
  visitor.id = request.client;
  visitor.protocol = request.protocol;
  visitor.no_touch = request.no_touch;
  shard_->Serve(visitor, *request.command, argv, parcel.Key(request));
  request.slow_us = std::exchange(visitor.slow_us, -1);
  request.reply_end = visitor.replies.bytes().size();
}

void ShardLoop::Deliver(Parcel& parcel) {
  for (size_t i = 0; i < parcel.requests.size(); ++i) {
    const Parcel::Request& request = parcel.requests[i];
    if (request.late && !parcel.late) continue;
    auto& connection = *static_cast<Connection*>(request.origin);
    Session& session = connection.session();
    const std::string_view reply = request.wants_reply ? parcel.Reply(i) : std::string_view();
    if (&connection == busy_) [[unlikely]] {
      // Its command has begun a reply: where that lies must not change.
      busy_replies_.emplace_back(request.slot, reply);
    } else {
      session.replies.Fill(request.slot, reply);
    }
    if (request.slow_us >= 0) {
      shard_->services().slowlog->Add(parcel.Args(request, &args_), 0, shard_->now().value() / 1000,
                                      request.slow_us, connection.stream().PeerAddress(),
                                      session.name);
    }
    if (connection.waiting == Waiting::kReplies && session.replies.awaited() == 0) {
      connection.waiting = Waiting::kNothing;
    }
    Ready(&connection);
  }
}

void ShardLoop::ReceiveParcels() {
  group_->world.EndSleep(shard_->index());
  const bool received = exchange_->Receive(*this);
  if (!late_.empty()) [[unlikely]]
    RunLate();
  if (received) {
    idle_spin_.WorkBegins(shard_->clock().MonoNs(), options_->busy_poll_us * 1000);
    if (!stalled_.empty()) RetryStalled();
    if (ready_.empty()) idle_spin_.WorkEnds(shard_->clock().MonoNs());
    FlushParcels();
  }
  LendIfAsked();
}

void ShardLoop::FlushParcels() {
  exchange_->Flush(log_.horizon().durable_position);
  if (exchange_->holds_replies()) log_.AwaitRelease();
}

bool ShardLoop::MaySleep() {
  // What is late runs as soon as nothing is held any more.
  if (!late_.empty() && !wants_process_ && !shard_->keyspace().keys_are_held()) return false;
  World& world = group_->world;
  const size_t self = shard_->index();
  world.BeginSleep(self);
  if (!world.MayNotSleep(self) && exchange_->idle() && !(WantsShards() && world.TakesTurn(self))) {
    return true;
  }
  world.EndSleep(self);
  return false;
}

// --- Lending and borrowing

void ShardLoop::LendIfAsked() {
  World& world = group_->world;
  const size_t self = shard_->index();
  if (!world.IsAsked(self)) return;
  for (; served_ < serving_.size(); ++served_) Ready(serving_[served_]);
  log_.HandOver();
  FlushParcels();
  world.Lend(self);
  shard_->BeginTurn();
}

bool ShardLoop::WantsShards() const {
  return !waiting_for_shards_.empty() || !alone_.empty() || !closing_.empty() || wants_process_ ||
         shard_->has_kept_news();
}

void ShardLoop::Borrow(ShardSet shards) {
  const size_t self = shard_->index();
  log_.HandOver();
  group_->world.Borrow(self, shards);
  shard_->BeginTurn();
  held_shards_ = shards;
  borrowed_.clear();
  (shards - ShardSet::One(self)).ForEach([&](size_t shard) {
    borrowed_.push_back(group_->shards[shard]);
    shard_->Adopt(*borrowed_.back());
  });
  if (shards == group_->world.all()) shard_->SetExclusive(true);
}

void ShardLoop::Return() {
  const size_t self = shard_->index();
  const bool exclusive = held_shards_ == group_->world.all();
  if (exclusive) shard_->SendBroadcasts();
  log_.HandOver();
  if (exclusive) shard_->SetExclusive(false);
  shard_->GiveBack(borrowed_);
  held_shards_ = ShardSet::One(self);
  group_->world.Return(self);
}

void ShardLoop::RunBorrowed() {
  if (!WantsShards() || reborrowing_) return;
  World& world = group_->world;
  const size_t self = shard_->index();
  if (!world.TakesTurn(self)) return;
  ShardSet needed = ShardSet::One(self);
  for (const Connection* connection : waiting_for_shards_) {
    needed = needed | connection->wanted_shards;
  }
  const bool process =
      !alone_.empty() || !closing_.empty() || wants_process_ || shard_->has_kept_news();
  if (process) needed = world.all();
  Borrow(needed);
  if (process) RunWithProcess();
  serving_.clear();
  serving_.swap(waiting_for_shards_);
  served_ = 0;
  for (Connection* connection : serving_) connection->waiting = Waiting::kNothing;
  batch_.Clear();
  prepared_.clear();
  works_.clear();
  ParseBatch();
  for (executing_ = 0; executing_ < works_.size(); ++executing_) Execute();
  Return();
  for (; served_ < serving_.size(); ++served_) Park(*serving_[served_], Waiting::kShards, needed);
  serving_.clear();
  FinishBatch();
}

// What concerns the whole process: all shards are ours.
void ShardLoop::RunWithProcess() {
  std::vector<std::function<void()>> alone;
  alone.swap(alone_);
  for (const auto& work : alone) work();
  shard_->TellKeptNews();
  wants_process_ = false;
  const bool might_not_pause = std::exchange(may_not_pause_, true);
  exchange_->Receive(*this);
  RunLate();
  may_not_pause_ = might_not_pause;
  std::vector<Connection*> closing;
  closing.swap(closing_);
  for (Connection* connection : closing) {
    connection->closing = false;
    Close(connection);
  }
}

// Whether work of the process is due; the first shard looks after it.
void ShardLoop::WatchProcess() {
  background_steps_ = shard_->StepOwn();
  if (shard_->index() > 0 || process_work_asked_) return;
  const int64_t deadline_ns = shard_->next_deadline_ns();
  const bool wait_is_over =
      deadline_ns != BlockingTable::kNoDeadline && deadline_ns <= shard_->clock().MonoNs();
  if (!wait_is_over && !shard_->has_background_step()) return;
  process_work_asked_ = true;
  RunAlone([this] {
    process_work_asked_ = false;
    shard_->EndDueWaits();
    background_steps_ = shard_->StepBackground();
  });
}

bool ShardLoop::MayClose(Connection& connection) {
  const Session& session = connection.session();
  if (connection.closing) return false;
  if (session.replies.awaited() > 0) {
    connection.Kill();  // comes here again with the last of them
    return false;
  }
  if (IsEntangled(session) && !shard_->exclusive()) {
    connection.Kill();
    connection.closing = true;
    closing_.push_back(&connection);
    return false;
  }
  if (connection.waiting == Waiting::kShards) std::erase(waiting_for_shards_, &connection);
  if (connection.waiting == Waiting::kRoom) std::erase(stalled_, &connection);
  return true;
}

}  // namespace torc
