// Commands that pause (command/breather.h): a whole turn of the loop runs on the stack of one, with
// its background work and all. What stands back is tried again when it is done, before its own
// client's next command.
//
// With several shards only what runs at its client's own shard or over borrowed ones, or was taken
// out of its parcel, pauses. Shards that were borrowed are given back for the pause, and the next
// turn among those who want shards is waited for: so the shards are everybody's in between, and
// know for themselves which of their keys are held. A shard that pauses lends itself as always; who
// has borrowed it stands back from its held keys.
//
// A parcel's request that is long, or must stand back, would keep all that lies behind it waiting.
// It is taken out, answered by a parcel of its own, and so is whatever comes behind it from the
// same client.

#include <algorithm>
#include <utility>

#include "server/shard_loop.h"

namespace torc {
namespace {

// Beyond so many the shards that send them are not served any more.
constexpr size_t kLateMax = 4096;

}  // namespace

void ShardLoop::Swap(Execution& other) {
  other.serving.swap(serving_);
  std::swap(other.served, served_);
  std::swap(other.executing, executing_);
  std::swap(other.batch, batch_);
  other.prepared.swap(prepared_);
  other.works.swap(works_);
}

bool ShardLoop::may_breathe() const {
  return !serves_busy() && !may_not_pause_;
}

void ShardLoop::Breathe() {
  const ShardSet shards = held_shards_;
  const bool borrowed = group_ != nullptr && !(shards == ShardSet::One(shard_->index()));
  paused_ = true;
  if (borrowed) {
    Return();
  } else if (group_ == nullptr) {
    shard_->SendBroadcasts();
  }
  log_.HandOver();
  if (busy_ == nullptr && !running_late_) BecomeBusy();
  TurnWithin();
  if (borrowed) {
    reborrowing_ = true;
    while (!group_->world.TakesTurn(shard_->index())) TurnWithin();
    reborrowing_ = false;
    Borrow(shards);
  }
  work_began_ns_ = shard_->clock().MonoNs();
}

void ShardLoop::TurnWithin() {
  Execution outer;
  Swap(outer);
  const EventLoop::NestedTurn turn = loop_->BeginNestedTurn();
  Outbox::Suspended suspended = shard_->outbox().Suspend();
  loop_->RunOnce(EventLoop::Wait::kDontWait);
  BeginTurn();
  if (!ready_.empty()) ExecuteReady();
  EndTurn();
  shard_->outbox().Resume(std::move(suspended));
  loop_->EndNestedTurn(turn);
  Swap(outer);
}

void ShardLoop::EndPause() {
  paused_ = false;
  RetryStoodBack();
  if (group_ == nullptr) return;
  for (ShardLoop* loop : group_->loops) {
    if (loop != this) Notify(loop->shard_->index(), [loop] { loop->RetryStoodBack(); });
  }
}

void ShardLoop::RetryStoodBack() {
  RetryDeferred();
  if (group_ != nullptr && shard_->has_unserved()) RunAlone([this] { shard_->ServeUnserved(); });
}

// --- Requests of other shards

bool ShardLoop::MustBeLate(const Parcel::Request& request, Argv argv) {
  if (!late_clients_.empty() && late_clients_.contains(request.client.value())) return true;
  visitor_.db = request.db;
  return shard_->MustStandBack(visitor_, *request.command, argv) ||
         (request.command->Has(kMayPause) && shard_->IsLong(visitor_, *request.command, argv));
}

bool ShardLoop::MakeLate(Parcel& parcel) {
  if (late_.size() >= kLateMax) return false;
  Parcel::Request& request = parcel.requests[parcel.served];
  ++late_clients_[request.client.value()];
  late_.push_back(exchange_->TakeOut(parcel, parcel.served));
  return true;
}

void ShardLoop::RunLate() {
  // In the middle of a pause they wait for its end.
  if (shard_->pausing() || running_late_) return;
  std::vector<std::string_view> args;
  while (!late_.empty() && !stop_requested()) {
    Parcel& parcel = *late_.front();
    const Parcel::Request& request = parcel.requests[0];
    const Argv argv = parcel.Args(request, &args);
    // A command of another shard's that has borrowed this one may pause.
    late_visitor_.db = request.db;
    if (shard_->MustStandBack(late_visitor_, *request.command, argv)) return;
    if (IsObservedHere(parcel.requests[0], argv)) {
      wants_process_ = true;
      return;
    }
    running_late_ = true;
    shard_->BeginBatch();
    late_visitor_.replies.bytes().Swap(parcel.replies);
    ServeOne(late_visitor_, parcel, 0, argv);
    late_visitor_.replies.bytes().Swap(parcel.replies);
    running_late_ = false;
    if (paused_) EndPause();
    log_.HandOver();
    exchange_->set_log_position(log_.Condition(true).position);
    const auto client = late_clients_.find(parcel.requests[0].client.value());
    if (--client->second == 0) late_clients_.erase(client);
    exchange_->SendLate(std::move(late_.front()));
    late_.pop_front();
  }
}

}  // namespace torc
