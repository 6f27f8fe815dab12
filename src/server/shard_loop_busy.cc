// A command that takes long: a script. Others are served within it, by turns of the loop on its own
// stack (DESIGN: two phases). Only what the gate lets through runs; the rest hears BUSY.
//
// The execute phase may have been in the middle of a batch. What ran before the command is finished
// first; what comes behind it goes back to where it came from, to be parsed again. So the command's
// own connection is the only one in hand, and it reads nothing until it is done: its arguments lie
// where they were received.
//
// With several shards a script has all of them to itself. The others stand still, so this thread
// turns their loops, too: every client hears BUSY, and SCRIPT KILL may come from anywhere.

#include <utility>

#include "base/log.h"
#include "server/shard_loop.h"

namespace torc {

void ShardLoop::BecomeBusy() {
  const Work current = works_[executing_];
  for (size_t i = executing_ + 1; i < works_.size(); ++i) {
    PutBack(works_[i], 0);
    Ready(works_[i].connection);
  }
  for (; served_ < serving_.size(); ++served_) Ready(serving_[served_]);
  works_.resize(executing_);
  if (log_.attached()) HoldReplies();
  SendReplies();
  for (const Work& work : works_) Finish(work);
  works_.assign(1, current);
  executing_ = 0;
  busy_ = current.connection;
  busy_->stream().PauseReading();
}

void ShardLoop::EndBusy() {
  if (paused_) EndPause();
  Connection* const connection = std::exchange(busy_, nullptr);
  for (const auto& [slot, reply] : busy_replies_) connection->session().replies.Fill(slot, reply);
  busy_replies_.clear();
  if (connection->stream().open() && !connection->ended()) connection->stream().StartReading();
  if (std::exchange(busy_became_ready_, false)) Ready(connection);
}

void ShardLoop::ServeNested() {
  Execution outer;
  Swap(outer);
  ExecuteReady();
  Swap(outer);
}

void ShardLoop::ServeOthers() {
  if (busy_ == nullptr) BecomeBusy();
  if (group_ == nullptr) return ServeWithinBusy();
  for (ShardLoop* loop : group_->loops) loop->ServeWithinBusy();
}

bool ShardLoop::stop_requested() const {
  return (group_ == nullptr ? *loop_ : *group_->loops[0]->loop_).stop_requested();
}

void ShardLoop::ServeWithinBusy() {
  const EventLoop::NestedTurn turn = loop_->BeginNestedTurn();
  loop_->RunOnce(EventLoop::Wait::kDontWait);
  if (log_.BeginTurn(shard_->now())) ReleaseHeld();
  Outbox::Suspended suspended = shard_->outbox().Suspend();
  if (group_ != nullptr) {
    // Nobody waits for shards now: what these clients want is refused.
    std::vector<Connection*> waiting;
    waiting.swap(waiting_for_shards_);
    for (Connection* connection : waiting) Unpark(*connection);
    exchange_->Receive(*this);
  }
  CollectOutput();
  // One round: what a client has sent beyond it comes with the next.
  if (!ready_.empty()) ServeNested();
  if (group_ != nullptr) FlushParcels();
  shard_->outbox().Resume(std::move(suspended));
  loop_->EndNestedTurn(turn);
}

}  // namespace torc
