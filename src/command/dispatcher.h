#pragma once

// Dispatcher: from arguments to a reply. Looks the command up, checks arity, authentication and the
// state of the session, runs the handler, counts, and emits what changed as effects of one unit.
// One per shard.

#include <optional>
#include <string_view>

#include "command/context.h"

namespace torc {

// A command of a batch, looked up before it runs, with its first key's reference.
struct PreparedCommand {
  const Command* command = nullptr;  // null: unknown, or a subcommand that must be looked up again
  KeyRef key;                        // text is null if there is none
};

enum class Outcome : uint8_t {
  kDone,
  kDeferred,  // must wait (CLIENT PAUSE): nothing happened, try the same command again later
};

class Dispatcher {
 public:
  // The services must outlive the dispatcher; they may be completed until the first command runs.
  explicit Dispatcher(const Services* services) : services_(services) {}

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

 private:
  const Command* Find(const Session& session, std::string_view name) const;
  // Finds the (sub)command or replies why it cannot run; null then.
  const Command* Resolve(Session& session, Argv argv, const Command* command, ReplyWriter& reply);
  // Closes the connection without a word, and says so in the log, once a minute at most.
  void RefuseHttp(Session& session);
  bool Admit(Session& session, const Command& command, Argv argv, ReplyWriter& reply);
  std::string_view RefusalOfGate(const Command& command) const;
  void Run(Session& session, const Command& command, Argv argv, const KeyRef& hint,
           ReplyWriter& reply, UnixMs now);
  void EmitEffects(const Session& session, const Command& command, Argv argv);
  void Account(const CommandContext& context, int64_t duration_ns);
  void CountReplyError(const Session& session, size_t reply_from, const Command* command);
  void ApplyReplyMode(Session& session, size_t reply_from);
  // What is left to do once the reply is there. Nothing, nearly always.
  void Finish(Session& session, size_t reply_from, const Command* command) {
    const Buffer& out = session.replies.bytes();
    if (out.size() > reply_from && out.data()[reply_from] == '-') [[unlikely]]
      CountReplyError(session, reply_from, command);
    if (session.reply_mode != ReplyMode::kOn) [[unlikely]]
      ApplyReplyMode(session, reply_from);
  }

  const Services* services_;
  ChangeRecord changes_;
  int64_t last_ns_ = 0;
  std::optional<int64_t> http_logged_ns_;
};

}  // namespace torc
