#pragma once

// Clients that wait for keys: BLPOP and its kin, and whatever else is served by a key's coming.
//
// A command that finds nothing asks to wait (CommandContext::Block). Its session is then registered
// under each of its keys, in order of arrival, with the command as it was sent. The table listens
// to the effects while anybody waits: an event of a key that is waited for makes the key ready.
// Behind each command, transaction or script the dispatcher runs the commands of those who wait for
// ready keys again, first come first served; whoever finds nothing this time either keeps its
// place. So a client is served as if it had sent its command just then, and by keys in argument
// order.

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "command/blocked_command.h"
#include "store/effects.h"

namespace torc {

class BlockingTable final : public EffectSink {
 public:
  static constexpr int64_t kNoDeadline = 0;
  using Key = std::pair<DbIndex, std::string>;

  // The feed must outlive the table.
  explicit BlockingTable(EffectFeed* feed) : feeds_({feed}) {}
  ~BlockingTable();
  BlockingTable(const BlockingTable&) = delete;
  BlockingTable& operator=(const BlockingTable&) = delete;

  // With several shards one table serves all: it listens to the feed of each. Only while nobody
  // waits. The table changes only while all shards are borrowed; meanwhile any may look.
  void AddFeed(EffectFeed* feed) { feeds_.push_back(feed); }
  void RemoveFeed(EffectFeed* feed) { std::erase(feeds_, feed); }
  bool Waits(DbIndex db, std::string_view key) const {
    return session_count_ > 0 && waiting_.contains(Key(db, key));
  }

  // The session waits from now on. O(keys × log(waited-for keys)).
  void Add(Session& session, std::unique_ptr<BlockedCommand> blocked);
  // It waits no longer; returns what it had waited for. Null if it did not wait.
  std::unique_ptr<BlockedCommand> Remove(Session& session);

  size_t session_count() const { return session_count_; }
  size_t key_count() const { return waiting_.size(); }
  // Of them, those whose going ends a wait (BlockedCommand::needs_key). O(waiting sessions).
  size_t needed_key_count() const;
  // The earliest deadline on the monotone clock, or kNoDeadline.
  int64_t next_deadline_ns() const {
    return deadlines_.empty() ? kNoDeadline : deadlines_.begin()->first;
  }
  // A session whose deadline has come, or null.
  Session* Due(int64_t now_ns) const {
    const bool due = !deadlines_.empty() && deadlines_.begin()->first <= now_ns;
    return due ? deadlines_.begin()->second : nullptr;
  }

  bool any_ready() const { return !ready_.empty(); }
  // The keys made ready since the last call, in that order.
  std::vector<Key> TakeReady() { return std::exchange(ready_, {}); }
  // Who waits for the key, if anybody does, is to be served.
  void MakeReady(DbIndex db, std::string_view key);
  // All that are waited for in a database, or in any.
  void MakeAllReady(std::optional<DbIndex> db);
  // Who waits for a key, in order of arrival.
  std::vector<Session*> WaitingFor(const Key& key) const;

  void OnEffect(const Effect& effect) override;
  void OnUnitEnd(uint64_t unit) override { (void)unit; }

 private:
  std::vector<EffectFeed*> feeds_;
  // Only keys that somebody waits for. Lists: their iterators stay valid.
  std::map<Key, std::list<Session*>> waiting_;
  std::set<std::pair<int64_t, Session*>> deadlines_;
  std::vector<Key> ready_;
  size_t session_count_ = 0;
};

}  // namespace torc
