#pragma once

// CommandContext: all a handler gets besides its arguments: the reply, the session, the time (read
// once per command), the keys, and the record of what it changed.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command/arg_cursor.h"
#include "command/command_registry.h"
#include "command/services.h"
#include "command/session.h"
#include "resp/reply_writer.h"
#include "store/keyspace.h"

namespace torc {

using ReplayForm = std::vector<std::string>;

// What one command changed, gathered while it runs and emitted as effects behind it.
struct ChangeRecord {
  struct Event {
    EventClass event_class;
    std::string_view name;
    std::string key;
    DbIndex db;
  };
  uint64_t changes = 0;
  bool replays_given = false;
  std::vector<std::pair<DbIndex, ReplayForm>> replays;
  std::vector<Event> events;

  // After a command that changed nothing: whatever it meant to replay is not.
  void ForgetReplays() {
    if (replays_given) Clear();
  }
  void Clear() {
    changes = 0;
    replays_given = false;
    replays.clear();
    events.clear();
  }
};

class CommandContext {
 public:
  CommandContext(const Command& command_in, Argv argv_in, Session& session_in,
                 ReplyWriter& reply_in, UnixMs now_in, const Services& services_in,
                 ChangeRecord* changes)
      : command(command_in),
        argv(argv_in),
        session(session_in),
        reply(reply_in),
        now(now_in),
        services(services_in),
        changes_(changes) {}

  const Command& command;
  const Argv argv;
  Session& session;
  ReplyWriter& reply;
  const UnixMs now;
  const Services& services;

  // The same caller running another command, inside this one: its changes join this one's.
  CommandContext For(const Command& other, Argv other_argv, ReplyWriter& other_reply) const {
    return {other, other_argv, session, other_reply, now, services, changes_};
  }

  // --- Keys of the session's database
  // ----------------------------------------------------------------- The key's reference, computed
  // once per argument; the first key's came with the batch.
  [[gnu::always_inline]] KeyRef Key(std::string_view key) const {
    if (key.data() == hint_.text.data() && key.size() == hint_.text.size()) return hint_;
    return services.dataset->shards()[0]->Ref(key);
  }
  void set_key_hint(const KeyRef& hint) { hint_ = hint; }
  Keyspace& Owner(const KeyRef& key) const { return services.dataset->Owner(key.partition); }

  // For reading: counts a hit or miss and touches the access clock. Null if the key does not exist.
  // kAlways: also for a client that said CLIENT NO-TOUCH.
  enum class Touch : uint8_t { kYes, kNo, kAlways };
  Entry* Read(const KeyRef& key, Touch touch = Touch::kYes);
  // Without statistics or touch.
  Keyspace::Found Find(const KeyRef& key) { return Owner(key).Find(session.db, key, now); }
  // For writing: touches the clock, counts nothing.
  Keyspace::Found Write(const KeyRef& key);

  // --- What changed
  // ----------------------------------------------------------------------------------- The command
  // changed something; `count` is what Redis adds to its dirty counter.
  void Changed(EventClass event_class, std::string_view event, std::string_view key,
               uint64_t count = 1) {
    ChangedIn(session.db, event_class, event, key, count);
  }
  void ChangedIn(DbIndex db, EventClass event_class, std::string_view event, std::string_view key,
                 uint64_t count = 1);
  // A change without a key's event (FLUSHALL, SWAPDB).
  void ChangedSilently(uint64_t count = 1) { changes_->changes += count; }
  // An event without a further change (the second event of one change).
  void Notify(DbIndex db, EventClass event_class, std::string_view event, std::string_view key) {
    ChangedIn(db, event_class, event, key, 0);
  }
  // For commands over the whole data set: every shard's keyspace (all of them borrowed).
  const std::vector<Keyspace*>& AllKeyspaces() const { return services.dataset->shards(); }
  // True if somebody reads effects: only then is a replay form worth building.
  bool recording() const { return services.feed->active(); }
  // The deterministic form to replay instead of the command as it was sent; may be called several
  // times. A command whose own text is deterministic needs none.
  void Replay(ReplayForm form) { ReplayIn(session.db, std::move(form)); }
  void ReplayIn(DbIndex db, ReplayForm form) {
    changes_->replays_given = true;
    if (recording()) changes_->replays.emplace_back(db, std::move(form));
  }
  const ChangeRecord& changes() const { return *changes_; }

  // --- Waiting
  // Whether the command may wait for keys: neither within a transaction nor a script.
  bool may_block() const {
    return session.transaction == nullptr && !session.internal && session.script_caller == nullptr;
  }
  // The command found nothing and waits until one of the keys holds a value of this type, or until
  // the deadline (on the monotone clock, 0 for none). It has replied nothing; it is run again then.
  // `kEndsIt`: it is run again also when a key is gone or of another type, which is an error to it.
  enum class MissingKey : uint8_t { kIsAwaited, kEndsIt };
  void Block(Argv keys, ValueType type, int64_t deadline_ns,
             MissingKey missing = MissingKey::kIsAwaited);

  // --- Pauses (command/breather.h)
  // Of its duration, so much was others' time.
  void NotePaused(int64_t duration_ns) { paused_ns_ += duration_ns; }
  int64_t paused_ns() const { return paused_ns_; }

  // --- Secrets
  // The argument at `position` of argv is a secret: whoever keeps or shows this command later shows
  // "(redacted)" in its place. From the 64th argument on, all count as one.
  void RedactArg(size_t position) { redacted_ |= uint64_t{1} << std::min<size_t>(position, 63); }
  uint64_t redacted_args() const { return redacted_; }

 private:
  ChangeRecord* changes_;
  uint64_t redacted_ = 0;  // a bit per argument
  int64_t paused_ns_ = 0;
  KeyRef hint_;
};

}  // namespace torc
