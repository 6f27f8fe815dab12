#pragma once

// Client-side caching: who has read which keys, and the messages that say when these have changed.
//
// By default the table remembers for each key the clients that have read it, and forgets both with
// the first change. It is bounded: a key that no longer fits is taken for changed. In broadcast
// mode nothing is remembered: changed keys are gathered by prefix and sent once per turn. The table
// listens to the effects only while somebody tracks. Keys of all databases are one, as in Redis.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "command/arg_cursor.h"
#include "command/outbox.h"
#include "command/session.h"
#include "store/effects.h"

namespace torc {

struct Services;

class TrackingTable;

// A shard's ear for the table: what happens while the shards run by themselves and concerns keys
// that are tracked is only an expiry (commands on such keys run over all shards, borrowed); it is
// kept until the table may be changed.
class TrackingFeed final : public EffectSink {
 public:
  // All must outlive it. `exclusive`: whether whoever emits has the whole process to itself.
  TrackingFeed(TrackingTable* table, EffectFeed* feed, const bool* exclusive)
      : table_(table), feed_(feed), exclusive_(exclusive) {}
  void Follow() { feed_->Add(this); }
  void Leave() { feed_->Remove(this); }
  bool has_kept() const { return !kept_.empty(); }
  // With the process to itself.
  void TellKept();

  void OnEffect(const Effect& effect) override;
  void OnUnitEnd(uint64_t unit) override { (void)unit; }

 private:
  TrackingTable* table_;
  EffectFeed* feed_;
  const bool* exclusive_;
  std::vector<std::pair<DbIndex, std::string>> kept_;
};

// One per process.
class TrackingTable final {
 public:
  // All must outlive the table.
  explicit TrackingTable(const Services* services) : services_(services) {}
  // One of each shard, before anybody tracks.
  void AddFeed(TrackingFeed* feed) { feeds_.push_back(feed); }
  void RemoveFeed(TrackingFeed* feed) { std::erase(feeds_, feed); }
  // Whether a change of the key concerns somebody.
  bool Observes(std::string_view key) const;
  ~TrackingTable();
  TrackingTable(const TrackingTable&) = delete;
  TrackingTable& operator=(const TrackingTable&) = delete;

  // Begins to track for the session, or changes how; its prefixes join those it has.
  void Enable(Session& session, TrackingMode mode);
  void Disable(Session& session);

  // The session, which is tracking, has run a command that reads.
  void RememberKeys(Session& session, const Command& command, Argv argv);
  // Takes keys for changed until the table is within its limit again.
  void TrimTable();
  // Every key has changed: all tracking clients are told.
  void InvalidateAll();
  // Sends what was gathered for broadcast; cheap when there is nothing. Once per turn.
  void SendBroadcasts() {
    if (broadcasts_pending_) SendGathered();
  }

  size_t client_count() const { return sessions_.size(); }
  size_t key_count() const { return readers_.size(); }
  size_t item_count() const { return item_count_; }
  size_t prefix_count() const { return prefixes_.size(); }

  void OnEffect(const Effect& effect);

 private:
  struct Prefix {
    size_t client_count = 0;
    std::map<std::string, ClientId> changed;  // by whom last
  };

  void ForgetKey(std::string_view key, ClientId changed_by);
  void SendGathered();
  // `keys`: the encoded list of keys.
  void SendMessage(Session& session, std::string_view keys);
  Session* Target(Session& session);

  const Services* services_;
  std::vector<TrackingFeed*> feeds_;
  std::unordered_map<uint64_t, Session*> sessions_;  // that track, by id
  // By key, the ids of the clients that have read it, in order. Some may track no longer.
  std::unordered_map<std::string, std::vector<uint64_t>> readers_;
  size_t item_count_ = 0;
  std::map<std::string, Prefix> prefixes_;  // of clients in broadcast mode
  bool broadcasts_pending_ = false;
};

}  // namespace torc
