// The dispatcher's part in waiting: commands that wait run again when a key they wait for is ready.

#include <string>
#include <vector>

#include "command/access.h"
#include "command/blocking.h"
#include "command/dispatcher.h"

namespace torc {

void Dispatcher::ServeReady() {
  // What is there for a moment while a log is read was taken long ago. The keys stay noted.
  if (services_->gate->loading) return;
  BlockingTable& blocking = *services_->blocking;
  // Not the time of the command that made the keys ready: a transaction may have taken long, and
  // what it left may have expired.
  const UnixMs now(services_->clock->WallMs());
  // What one client is served with may make keys ready for others: BLMOVE.
  while (blocking.any_ready()) {
    for (const BlockingTable::Key& key : blocking.TakeReady()) {
      for (Session* session : blocking.WaitingFor(key)) {
        const KeyRef ref = services_->dataset->shards()[0]->Ref(key.second);
        const Keyspace& owner = services_->dataset->Owner(ref.partition);
        const Keyspace::Found found = owner.Peek(key.first, ref);
        if (session->blocked == nullptr) continue;
        const bool serves = found && found.entry->type() == session->blocked->type;
        if (!serves && !session->blocked->needs_key) continue;
        if (session->close_after_reply) continue;  // killed: it takes nothing any more
        if (owner.holds_keys() && !MayServe(*session)) {
          not_served_.push_back(key);
          continue;
        }
        RunAgain(*session, now);
      }
    }
  }
}

bool Dispatcher::RunAgain(Session& session, UnixMs now) {
  // The command's text must live through the end of the wait.
  const std::vector<std::string> args = session.blocked->args;
  const std::vector<std::string_view> argv(args.begin(), args.end());
  const Command& command = *session.blocked->command;
  if (!MayDoEverything(session) && !PermitAgain(session, command, argv)) return true;
  const ReplyMode mode = session.blocked->reply_mode;
  Outbox& outbox = services_->outbox->Of(session);
  Session* const before = outbox.BeginExecuting(&session);
  const size_t reply_from = session.replies.bytes().size();
  ReplyWriter reply(&session.replies.bytes(), session.protocol);
  CommandContext context(command, argv, session, reply, now, *services_, &changes_);
  session.blocked->found_nothing = false;
  BeginBatch();
  const int64_t begin_ns = last_ns_;
  Run(context, {});
  const bool served = !session.blocked->found_nothing;
  if (served) {
    services_->blocking->Remove(session);
    Account(context, last_ns_ - begin_ns);
    Finish(session, reply_from, &command, mode);
  }
  outbox.EndExecuting(before);
  if (served) services_->outbox->NoteOutput(session);
  return served;
}

void Dispatcher::EndWait(Session& session, std::string_view error, Ending ending) {
  if (error.empty() && session.blocked != nullptr && session.blocked->keys.empty()) {
    // A command that waits for no key knows itself what to answer. An empty last word, in the place
    // of the deadline that it keeps there, tells it that the wait is over.
    session.blocked->args.back().clear();
    RunAgain(session, UnixMs(services_->clock->WallMs()));
    return;
  }
  const auto blocked = services_->blocking->Remove(session);
  if (blocked == nullptr) return;
  const size_t reply_from = session.replies.bytes().size();
  ReplyWriter reply(&session.replies.bytes(), session.protocol);
  if (error.empty()) {
    reply.NullArray();
  } else {
    reply.Error(error);
  }
  if (ending == Ending::kRan) {
    // Only now is the command over; what it took while it waited was nobody's time.
    const std::vector<std::string_view> argv(blocked->args.begin(), blocked->args.end());
    const UnixMs now(services_->clock->WallMs());
    Account(CommandContext(*blocked->command, argv, session, reply, now, *services_, &changes_), 0);
    Finish(session, reply_from, blocked->command, blocked->reply_mode);
  } else {
    ++services_->stats->by_command[blocked->command->index].rejected_calls;
    Finish(session, reply_from, nullptr, blocked->reply_mode);
  }
  services_->outbox->NoteOutput(session);
}

void Dispatcher::EndDueWaits() {
  const int64_t now_ns = services_->clock->MonoNs();
  while (Session* session = services_->blocking->Due(now_ns)) {
    if (session->blocked->keys.empty()) {
      // It may go on, with a later deadline.
      RunAgain(*session, UnixMs(services_->clock->WallMs()));
    } else {
      EndWait(*session, {});
    }
  }
}

}  // namespace torc
