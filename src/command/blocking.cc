#include "command/blocking.h"

#include <algorithm>

#include "base/text.h"
#include "command/session.h"

namespace torc {

BlockingTable::~BlockingTable() {
  if (session_count_ == 0) return;
  for (EffectFeed* feed : feeds_) feed->Remove(this);
}

void BlockingTable::Add(Session& session, std::unique_ptr<BlockedCommand> blocked) {
  for (const std::string& key : blocked->keys) {
    waiting_[{blocked->db, key}].push_back(&session);
  }
  if (blocked->deadline_ns != kNoDeadline) deadlines_.emplace(blocked->deadline_ns, &session);
  session.blocked = std::move(blocked);
  if (session_count_++ > 0) return;
  for (EffectFeed* feed : feeds_) feed->Add(this);
}

std::unique_ptr<BlockedCommand> BlockingTable::Remove(Session& session) {
  if (session.blocked == nullptr) return nullptr;
  std::unique_ptr<BlockedCommand> blocked = std::move(session.blocked);
  for (const std::string& key : blocked->keys) {
    const auto it = waiting_.find({blocked->db, key});
    it->second.remove(&session);
    if (it->second.empty()) waiting_.erase(it);
  }
  deadlines_.erase({blocked->deadline_ns, &session});
  if (--session_count_ == 0) {
    for (EffectFeed* feed : feeds_) feed->Remove(this);
    ready_.clear();
  }
  return blocked;
}

std::vector<Session*> BlockingTable::WaitingFor(const Key& key) const {
  const auto it = waiting_.find(key);
  if (it == waiting_.end()) return {};
  return {it->second.begin(), it->second.end()};
}

size_t BlockingTable::needed_key_count() const {
  return static_cast<size_t>(
      std::count_if(waiting_.begin(), waiting_.end(), [](const auto& waited) {
        return std::any_of(waited.second.begin(), waited.second.end(),
                           [](const Session* session) { return session->blocked->needs_key; });
      }));
}

void BlockingTable::MakeReady(DbIndex db, std::string_view key) {
  Key ready(db, key);
  if (!waiting_.contains(ready)) return;
  if (std::find(ready_.begin(), ready_.end(), ready) != ready_.end()) return;
  ready_.push_back(std::move(ready));
}

void BlockingTable::OnEffect(const Effect& effect) {
  if (effect.cause != Cause::kCommand) return;  // what goes serves nobody
  for (const KeyEvent& event : effect.events) {
    if (event.event_class != EventClass::kKeyMiss) MakeReady(event.db, event.key);
  }
  if (effect.args.empty()) return;
  const std::string_view name = effect.args[0];
  if (EqualsIgnoreCase(name, "FLUSHALL")) {
    MakeAllReady(std::nullopt);
  } else if (EqualsIgnoreCase(name, "FLUSHDB")) {
    MakeAllReady(effect.db);
  } else if (EqualsIgnoreCase(name, "SWAPDB") && effect.args.size() == 3) {
    for (const std::string_view text : effect.args.subspan(1)) {
      MakeAllReady(DbIndex(static_cast<uint32_t>(ParseUint64(text).value_or(0))));
    }
  }
}

void BlockingTable::MakeAllReady(std::optional<DbIndex> db) {
  for (const auto& [key, sessions] : waiting_) {
    if (!db || key.first == *db) MakeReady(key.first, key.second);
  }
}

}  // namespace torc
