#include "command/context.h"

namespace torc {

Entry* CommandContext::Read(const KeyRef& key, Touch touch) {
  Keyspace& owner = Owner(key);
  const Keyspace::Found found = owner.Find(session.db, key, now);
  if (!found) {
    ++owner.stats().misses;
    if (recording()) Notify(session.db, EventClass::kKeyMiss, "keymiss", key.text);
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
  if (recording()) changes_->events.push_back({event_class, event, std::string(key), db});
}

}  // namespace torc
