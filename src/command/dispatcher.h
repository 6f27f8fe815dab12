#pragma once

// Dispatcher: from arguments to a reply. Looks the command up, checks arity, authentication and the
// state of the session, runs the handler, counts, and emits what changed as effects of one unit.
// One per shard.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command/context.h"

namespace torc {

// A command of a batch, looked up before it runs, with its first key's reference.
struct PreparedCommand {
  const Command* command = nullptr;  // null: unknown, or a subcommand that must be looked up again
  KeyRef key;                        // text is null if there is none
  std::string_view part = {};        // of its value that will be looked for; null if there is none
};

enum class Outcome : uint8_t {
  kDone,
  kBlocked,     // waits for keys: the session's further commands wait with it
  kDeferred,    // must wait (CLIENT PAUSE, a long command): nothing happened, try it again later
  kAway,        // sent to another shard; its reply comes later
  kMustBorrow,  // nothing happened: again when the router has what it takes
};

class Dispatcher final : public NewKeyListener {
 public:
  // The services must outlive the dispatcher; they may be completed until the first command runs.
  explicit Dispatcher(const Services* services) : services_(services) {}

  // A command's new key is one of its events.
  void OnNewKey(DbIndex db, std::string_view key) override;

  // Looks up, and prefetches the key's bucket.
  PreparedCommand Prepare(const Session& session, Argv argv) const;
  // Time is read once per command: where one ends the next begins. To be called before the first of
  // several Execute calls that follow each other closely.
  void BeginBatch() { last_ns_ = services_->clock->MonoNs(); }
  // Runs one command. The reply is appended to session.replies.
  Outcome Execute(Session& session, Argv argv, const PreparedCommand& prepared, UnixMs now);
  Outcome Execute(Session& session, Argv argv, UnixMs now) {
    BeginBatch();
    return Execute(session, argv, Prepare(session, argv), now);
  }
  // Runs a command that a client of another shard sent, as `visitor`: it was admitted there.
  void Serve(Session& visitor, const Command& command, Argv argv, const KeyRef& hint, UnixMs now);
  // Runs a command inside another one, which has changed nothing itself: one of EXEC's queue, a
  // script's. Over the data the outer command was given, at its time, with effects, figures and
  // reply of its own; what the caller may not run is answered with an error instead. `hint`: the
  // reference of its first key, if it is there.
  void RunInside(CommandContext& outer, const Command& command, Argv argv, const KeyRef& hint);
  // The same for a command of a script, whose calls are judged by itself: in the script's own
  // session, where the reply is then all there is.
  void RunForScript(CommandContext& outer, Session& session, const Command& command, Argv argv);
  // Tells monitors of a script before they hear of its commands.
  void AnnounceScript(const CommandContext& context);

  // --- Long commands: dispatcher_pauses.cc
  // Lets others run for one round while these keys are held; returns the time when it is over. What
  // the command has changed so far must be invisible.
  int64_t LetOthersRun(CommandContext& context, const HeldKeys& held,
                       std::span<Keyspace* const> holders);
  // Whether the command must wait for the end of one that pauses.
  bool MustStandBack(const Session& session, const Command& command, Argv argv) const;
  // Whether its keys hold so much that it may have to pause.
  bool IsLong(const Session& session, const Command& command, Argv argv) const;
  // Clients that were not served because a key of theirs was held are served, if they can be now.
  bool has_unserved() const { return !not_served_.empty(); }
  void ServeUnserved();
  // Whether a command of this shard's is in the middle of that.
  bool pausing() const { return pausing_; }
  // When the command that runs began, on the monotone clock.
  int64_t command_began_ns() const { return last_ns_; }

  // --- Commands that wait: dispatcher_blocking.cc
  // Ends the wait of a blocked session with this error, or with "nothing came" if it is empty.
  void EndWait(Session& session, std::string_view error) { EndWait(session, error, Ending::kRan); }
  // Ends the waits whose deadline has come.
  void EndDueWaits();

 private:
  const Command* Find(const Session& session, std::string_view name) const;
  // The flags of a call: a script's are what it says of itself, EXEC's those of its queue as well.
  uint32_t FlagsOf(const Session& session, const Command& command, Argv argv) const;
  std::string_view RefusalOfGate(const Session& session, const Command& command, Argv argv) const;
  // Finds the (sub)command or replies why it cannot run; null then.
  const Command* Resolve(Session& session, Argv argv, const Command* command, ReplyWriter& reply);
  // Closes the connection without a word, and says so in the log, once a minute at most.
  void RefuseHttp(Session& session);
  // Whether the command goes to the shard of its only key.
  bool RunsElsewhere(const Session& session, const KeyRef& key) const;
  // Makes room before a command where memory is limited; false, having refused the command, if
  // there is none and it would take more.
  bool RoomFor(Session& session, const Command& command, Argv argv, ReplyWriter& reply);
  bool Admit(Session& session, const Command& command, Argv argv, const KeyRef& key,
             ReplyWriter& reply);
  // --- dispatcher_access.cc: false, with the error replied, if the session's user may not.
  bool Permit(Session& session, const Command& command, Argv argv, ReplyWriter& reply);
  bool PermitInside(const CommandContext& outer, const Command& command, Argv argv,
                    ReplyWriter& reply);
  // Whether what ended with an error counts as a call that failed, or as one that was refused.
  enum class Ending : uint8_t { kRan, kRefused };
  void EndWait(Session& session, std::string_view error, Ending ending);
  // Of a command that waits and is about to run again: its wait ends with the error.
  bool PermitAgain(Session& session, const Command& command, Argv argv);
  // Answers why a command does not run, and what follows from that for an open transaction.
  void Refuse(Session& session, const Command* command, ReplyWriter& reply, std::string_view error);
  bool MustWait(const Session& session, const Command& command, Argv argv, UnixMs now) const;
  bool MayServe(const Session& waiting) const;
  void MakeUnservedReady();
  void Run(CommandContext& context, const KeyRef& hint);
  void EmitEffects(const Session& session, const Command& command, Argv argv);
  static void EndCaching(Session& session, const Command& command);
  // Runs the commands again that wait for keys which have become ready.
  void ServeReady();
  // Whether the session waits no longer.
  bool RunAgain(Session& session, UnixMs now);
  void Account(const CommandContext& context, int64_t duration_ns);
  void FeedMonitors(const CommandContext& context);
  void CountReplyError(Session& session, size_t reply_from, const Command* command);
  // What is left to do once the reply is there. Nothing, nearly always. `mode`: the session's reply
  // mode when the command began.
  void Finish(Session& session, size_t reply_from, const Command* command, ReplyMode mode) {
    Buffer& out = session.replies.bytes();
    if (out.size() > reply_from && out.data()[reply_from] == '-') [[unlikely]]
      CountReplyError(session, reply_from, command);
    if (mode != ReplyMode::kOff && mode != ReplyMode::kSkipThis) [[likely]]
      return;
    if (session.reply_mode == ReplyMode::kOn) return;  // CLIENT REPLY ON
    if (command == nullptr || !command->SpeaksByPushes()) out.Truncate(reply_from);
    if (session.reply_mode == ReplyMode::kSkipThis) session.reply_mode = ReplyMode::kOn;
  }

  const Services* services_;
  ChangeRecord changes_;
  int64_t last_ns_ = 0;
  bool pausing_ = false;
  std::vector<std::pair<DbIndex, std::string>> not_served_;  // keys that became ready meanwhile
  std::optional<int64_t> http_logged_ns_;
};

}  // namespace torc
