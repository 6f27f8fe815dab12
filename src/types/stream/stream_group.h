#pragma once

// Consumer groups: what was delivered to whom and is not acknowledged yet.
//
//   group    pending: a tree of {id, when, how often, whom}, ordered by id
//            consumers, each with a tree of the ids that are pending for it
//
// About 60 bytes a pending entry, both trees together. Trees, consumers and groups are shared
// between copies until one is written, so holding a stream still for a snapshot is O(1), and a
// write to what is held copies a node of a tree and the two or three records above it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/pace.h"
#include "ds/cow_tree.h"
#include "types/stream/stream_id.h"
#include "types/stream/stream_shared.h"

namespace torc {

// An entry that waits for its acknowledgement.
struct PendingEntry {
  StreamId id;
  int64_t delivered_ms = 0;  // Unix milliseconds, of the last delivery
  uint64_t deliveries = 0;
  uint32_t consumer = 0;  // ConsumerGroup's number for it
  uint32_t unused = 0;
};
struct PendingTraits {
  using Item = PendingEntry;
  static uint64_t Weight(const Item& /*item*/) { return 1; }
  static void Retain(const Item& /*item*/) {}
  static void Release(const Item& /*item*/) {}
};
using PendingTree = CowTree<PendingTraits>;

struct PendingIdTraits {
  using Item = StreamId;
  static uint64_t Weight(const Item& /*item*/) { return 1; }
  static void Retain(const Item& /*item*/) {}
  static void Release(const Item& /*item*/) {}
};
using PendingIds = CowTree<PendingIdTraits>;

struct Consumer {
  static constexpr int64_t kNeverActive = -1;

  Consumer(std::string_view name_in, int64_t now_ms) : name(name_in), seen_ms(now_ms) {}
  Consumer(const Consumer& other);
  Consumer(Consumer&&) = default;

  std::string name;
  int64_t seen_ms;                   // its last attempt
  int64_t active_ms = kNeverActive;  // its last success
  PendingIds pending;
};

class ConsumerGroup {
 public:
  static constexpr int64_t kUnknownRead = -1;

  ConsumerGroup(std::string_view name_in, StreamId last_id_in, int64_t entries_read_in)
      : last_id(last_id_in), entries_read(entries_read_in), name_(name_in) {}
  ConsumerGroup(const ConsumerGroup& other);
  ConsumerGroup(ConsumerGroup&&) = default;

  StreamId last_id;      // the last entry delivered
  int64_t entries_read;  // how many there were up to it, or kUnknownRead

  const std::string& name() const { return name_; }

  // --- Consumers, by a number that stays theirs
  std::optional<uint32_t> FindConsumer(std::string_view name) const;
  // The name must be new.
  uint32_t AddConsumer(std::string_view name, int64_t now_ms);
  // Forgets what is pending for it too.
  void RemoveConsumer(uint32_t number, Pace& pace);
  void RemoveConsumer(uint32_t number) {
    SteadyPace pace;
    RemoveConsumer(number, pace);
  }
  const Consumer& consumer(uint32_t number) const { return *consumers_[number]; }
  Consumer& WriteConsumer(uint32_t number) { return consumers_[number].Write(); }
  // Their numbers, ordered by name.
  const std::vector<uint32_t>& consumers_by_name() const { return by_name_; }

  // --- What is pending
  const PendingTree& pending() const { return pending_; }
  uint64_t pending_count() const { return pending_.weight(); }
  // The first pending entry with this id or a later one.
  PendingTree::Cursor SeekPending(StreamId id) const;
  std::optional<PendingEntry> FindPending(StreamId id) const;
  // Makes it pending in this way, whether it was already or not.
  void SetPending(const PendingEntry& entry);
  // False if it was not pending.
  bool RemovePending(StreamId id);

  // Bytes of all this, those shared with copies included.
  size_t size_bytes() const;
  // Lets go of about `budget` pending entries; returns whether any are left. Then only this and the
  // destructor may be called.
  bool FreeSome(size_t budget);
  void CheckInvariants() const;

 private:
  std::vector<uint32_t>::const_iterator PlaceOf(std::string_view name) const;
  void AddPendingOf(uint32_t consumer, StreamId id);
  void RemovePendingOf(uint32_t consumer, StreamId id);

  std::string name_;
  PendingTree pending_;
  std::vector<Shared<Consumer>> consumers_;  // by number; null where it is free
  size_t consumer_bytes_ = 0;                // of all consumers
  std::vector<uint32_t> by_name_;
};

// A stream's groups, ordered by name.
class ConsumerGroups {
 public:
  size_t size() const { return groups_.size(); }
  const ConsumerGroup& operator[](size_t index) const { return *groups_[index]; }
  ConsumerGroup& Write(size_t index) { return groups_[index].Write(); }
  std::optional<size_t> Find(std::string_view name) const;
  // False if there is one of this name.
  bool Add(std::string_view name, StreamId last_id, int64_t entries_read);
  void Remove(size_t index) { groups_.erase(groups_.begin() + static_cast<ptrdiff_t>(index)); }
  size_t size_bytes() const;
  bool FreeSome(size_t budget);

 private:
  std::vector<Shared<ConsumerGroup>> groups_;
};

}  // namespace torc
