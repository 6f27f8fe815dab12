#pragma once

// Effects: the one stream of changes out of the store (DESIGN §4). The log, replication,
// notifications, client-side caching and shadow replay all read it. A command that changed nothing
// emits nothing.
//
// An effect's replay form is deterministic: relative times are absolute, random choices are spelled
// out, an expiry or eviction is a DEL. Applying the replay forms in order to an equal keyspace
// gives an equal one. Effects of one atomic unit (a command, a transaction, a script) carry one
// unit id and end with OnUnitEnd.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace torc {

// Redis's keyspace event classes (notify-keyspace-events letters).
enum class EventClass : char {
  kGeneric = 'g',
  kString = '$',
  kList = 'l',
  kSet = 's',
  kHash = 'h',
  kSortedSet = 'z',
  kExpired = 'x',
  kEvicted = 'e',
  kStream = 't',
  kKeyMiss = 'm',
  kNew = 'n',
  // No event at all: who watches the key or has it in a cache is told of the change, nobody else.
  kUnannounced = '-',
};

struct KeyEvent {
  EventClass event_class;
  std::string_view name;  // static text: "set", "del", "expired"
  std::string_view key;   // lives until the sink returns
  DbIndex db;
};

enum class Cause : uint8_t { kCommand, kExpiry, kEviction };

struct Effect {
  DbIndex db;
  std::span<const std::string_view> args;  // the replay form; empty for a mere event (a key miss)
  std::span<const KeyEvent> events;
  Cause cause = Cause::kCommand;
  ClientId client{};
  uint64_t unit = 0;
};

// Sinks run inside the execute phase of their shard and must not call back into the keyspace.
class EffectSink {
 public:
  virtual ~EffectSink() = default;
  virtual void OnEffect(const Effect& effect) = 0;
  virtual void OnUnitEnd(uint64_t unit) = 0;
  // What came of the unit so far is not to be kept: the process ends in the middle of it.
  virtual void OnUnitDropped(uint64_t unit) { (void)unit; }
  // Whether it looks at events at all; a log does not. Constant.
  virtual bool wants_events() const { return true; }
  // Whether it follows the keys of its own shard: then it is told of what is done to them by a
  // command of another shard, too. Constant.
  virtual bool follows_keys() const { return false; }
};

// Told of keys that come into being while a command runs: the news belongs among the command's
// other events, in the order in which things happened.
class NewKeyListener {
 public:
  virtual ~NewKeyListener() = default;
  virtual void OnNewKey(DbIndex db, std::string_view key) = 0;
};

// One per shard. Costs one branch per change while nobody listens.
class EffectFeed {
 public:
  // The sink must outlive the feed or be removed.
  void Add(EffectSink* sink) {
    sinks_.push_back(sink);
    CountListeners();
  }
  void Remove(EffectSink* sink) {
    std::erase(sinks_, sink);
    CountListeners();
  }
  bool active() const { return active_; }
  // Somebody looks at events: only then are they worth gathering.
  bool wants_events() const { return wants_events_; }
  // Whether the keyspace tells of every key that comes into being ("new").
  bool announce_new_keys() const { return announce_new_keys_; }
  void set_announce_new_keys(bool announce) { announce_new_keys_ = announce; }
  // Null: an effect of its own tells of each. The listener must outlive the feed.
  NewKeyListener* new_keys() const { return new_keys_; }
  void set_new_keys(NewKeyListener* listener) { new_keys_ = listener; }

  // Units nest: only the outermost Begin and End count, so that a transaction of commands is one
  // unit.
  void BeginUnit() {
    if (depth_++ == 0) {
      ++unit_;
      emitted_ = false;
    }
  }
  void EndUnit() {
    if (--depth_ > 0 || !emitted_) return;
    for (EffectSink* sink : sinks_) sink->OnUnitEnd(unit_);
  }
  void DropUnit() {
    for (EffectSink* sink : sinks_) sink->OnUnitDropped(unit_);
  }
  void Emit(Effect effect) {
    effect.unit = unit_;
    emitted_ = true;
    for (EffectSink* sink : sinks_) sink->OnEffect(effect);
    for (EffectFeed* guest : guests_) guest->TellFollowers(effect);
  }

  // --- Several shards: while a shard works on borrowed ones, all effects go through its feed, and
  // those that follow the keys of the others are told from there.
  void AddGuest(EffectFeed* feed) {
    feed->host_ = this;
    guests_.push_back(feed);
    CountListeners();
  }
  void RemoveGuests() {
    for (EffectFeed* guest : guests_) guest->host_ = nullptr;
    guests_.clear();
    CountListeners();
  }

 private:
  void CountListeners() {
    wants_events_ = false;
    active_ = !sinks_.empty();
    for (const EffectSink* sink : sinks_) wants_events_ |= sink->wants_events();
    for (const EffectFeed* guest : guests_) {
      for (const EffectSink* sink : guest->sinks_) {
        wants_events_ |= sink->follows_keys();
        active_ |= sink->follows_keys();
      }
    }
    if (host_ != nullptr) host_->CountListeners();
  }
  void TellFollowers(const Effect& effect) {
    for (EffectSink* sink : sinks_) {
      if (sink->follows_keys()) sink->OnEffect(effect);
    }
  }

  std::vector<EffectSink*> sinks_;
  std::vector<EffectFeed*> guests_;
  EffectFeed* host_ = nullptr;  // while this one is a guest
  bool active_ = false;
  bool wants_events_ = false;
  uint64_t unit_ = 0;
  int depth_ = 0;
  bool emitted_ = false;
  bool announce_new_keys_ = false;
  NewKeyListener* new_keys_ = nullptr;
};

}  // namespace torc
