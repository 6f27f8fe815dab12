#include "command/context.h"

#include <memory>

#include "command/blocking.h"

namespace torc {

Entry* CommandContext::Read(const KeyRef& key, Touch touch) {
  Keyspace& owner = Owner(key);
  const Keyspace::Found found = owner.Find(session.db, key, now);
  if (!found) {
    ++owner.stats().misses;
    if (services.feed->wants_events())
      Notify(session.db, EventClass::kKeyMiss, "keymiss", key.text);
    return nullptr;
  }
  ++owner.stats().hits;
  if (touch == Touch::kAlways || (touch == Touch::kYes && !session.no_touch)) {
    owner.access_clock().Touch(found.entry);
  }
  return found.entry;
}

Keyspace::Found CommandContext::Write(const KeyRef& key) {
  Keyspace& owner = Owner(key);
  const Keyspace::Found found = owner.Find(session.db, key, now);
  if (!found) return found;
  owner.BeforeWrite(session.db, found.entry);
  if (!session.no_touch) owner.access_clock().Touch(found.entry);
  return found;
}

void CommandContext::ChangedIn(DbIndex db, EventClass event_class, std::string_view event,
                               std::string_view key, uint64_t count) {
  changes_->changes += count;
  if (services.feed->wants_events())
    changes_->events.push_back({event_class, event, std::string(key), db});
}

void CommandContext::Block(Argv keys, ValueType type, int64_t deadline_ns, MissingKey missing) {
  if (session.blocked != nullptr) {
    session.blocked->found_nothing = true;
    return;
  }
  auto blocked = std::make_unique<BlockedCommand>();
  blocked->command = &command;
  blocked->args.assign(argv.begin(), argv.end());
  blocked->db = session.db;
  blocked->type = type;
  blocked->deadline_ns = deadline_ns;
  blocked->needs_key = missing == MissingKey::kEndsIt;
  blocked->reply_mode = session.reply_mode;
  for (const std::string_view key : keys) {
    if (std::find(blocked->keys.begin(), blocked->keys.end(), key) != blocked->keys.end()) continue;
    blocked->keys.emplace_back(key);
  }
  services.blocking->Add(session, std::move(blocked));
}

}  // namespace torc
