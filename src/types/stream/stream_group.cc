#include "types/stream/stream_group.h"

#include <algorithm>

#include "base/check.h"
#include "base/memory.h"

namespace torc {

Consumer::Consumer(const Consumer& other)
    : name(other.name),
      seen_ms(other.seen_ms),
      active_ms(other.active_ms),
      pending(other.pending.Clone()) {}

ConsumerGroup::ConsumerGroup(const ConsumerGroup& other)
    : last_id(other.last_id),
      entries_read(other.entries_read),
      name_(other.name_),
      pending_(other.pending_.Clone()),
      consumers_(other.consumers_),
      consumer_bytes_(other.consumer_bytes_),
      by_name_(other.by_name_) {}

namespace {

size_t BytesOf(const Consumer& consumer) {
  static const size_t kBoxBytes = AllocationSize(Shared<Consumer>::kBytes);
  return kBoxBytes + consumer.name.capacity() + consumer.pending.size_bytes();
}

}  // namespace

std::vector<uint32_t>::const_iterator ConsumerGroup::PlaceOf(std::string_view name) const {
  return std::partition_point(by_name_.begin(), by_name_.end(),
                              [&](uint32_t number) { return consumers_[number]->name < name; });
}

std::optional<uint32_t> ConsumerGroup::FindConsumer(std::string_view name) const {
  const auto place = PlaceOf(name);
  if (place == by_name_.end() || consumers_[*place]->name != name) return std::nullopt;
  return *place;
}

uint32_t ConsumerGroup::AddConsumer(std::string_view name, int64_t now_ms) {
  // Numbers of consumers that are gone are given out again, so there are none free while all are
  // in use.
  auto number = static_cast<uint32_t>(consumers_.size());
  if (by_name_.size() < consumers_.size()) {
    const auto free = std::find_if(consumers_.begin(), consumers_.end(),
                                   [](const Shared<Consumer>& one) { return !one; });
    number = static_cast<uint32_t>(free - consumers_.begin());
  } else {
    consumers_.emplace_back();
  }
  const auto place = PlaceOf(name);
  by_name_.insert(place, number);
  consumers_[number] = Shared<Consumer>::Make(name, now_ms);
  consumer_bytes_ += BytesOf(*consumers_[number]);
  return number;
}

void ConsumerGroup::RemoveConsumer(uint32_t number, Pace& pace) {
  constexpr uint64_t kUnits = 24;
  const PendingIds ids = consumers_[number]->pending.Clone();
  ids.ForEach([&](StreamId id) {
    PendingTree::Cursor at = SeekPending(id);
    pending_.Erase(at);
    pace.Step(kUnits);
  });
  by_name_.erase(PlaceOf(consumers_[number]->name));
  consumer_bytes_ -= BytesOf(*consumers_[number]);
  consumers_[number] = {};
}

PendingTree::Cursor ConsumerGroup::SeekPending(StreamId id) const {
  return pending_.LowerBound([id](const PendingEntry& entry) { return entry.id < id; });
}

std::optional<PendingEntry> ConsumerGroup::FindPending(StreamId id) const {
  const PendingTree::Cursor at = SeekPending(id);
  if (at.at_end() || at.item().id != id) return std::nullopt;
  return at.item();
}

namespace {

PendingIds::Cursor SeekId(const PendingIds& ids, StreamId id) {
  return ids.LowerBound([id](StreamId other) { return other < id; });
}

}  // namespace

void ConsumerGroup::AddPendingOf(uint32_t consumer, StreamId id) {
  PendingIds& ids = WriteConsumer(consumer).pending;
  const size_t bytes_before = ids.size_bytes();
  PendingIds::Cursor at = SeekId(ids, id);
  ids.Insert(at, id);
  consumer_bytes_ += ids.size_bytes() - bytes_before;
}

void ConsumerGroup::RemovePendingOf(uint32_t consumer, StreamId id) {
  PendingIds& ids = WriteConsumer(consumer).pending;
  const size_t bytes_before = ids.size_bytes();
  PendingIds::Cursor at = SeekId(ids, id);
  TORC_DCHECK(!at.at_end() && at.item() == id, "a consumer knows what is pending for it");
  ids.Erase(at);
  consumer_bytes_ += ids.size_bytes() - bytes_before;
}

void ConsumerGroup::SetPending(const PendingEntry& entry) {
  PendingTree::Cursor at = SeekPending(entry.id);
  if (at.at_end() || at.item().id != entry.id) {
    pending_.Insert(at, entry);
    return AddPendingOf(entry.consumer, entry.id);
  }
  const PendingEntry old = pending_.Replace(at, entry);
  if (old.consumer == entry.consumer) return;
  RemovePendingOf(old.consumer, entry.id);
  AddPendingOf(entry.consumer, entry.id);
}

bool ConsumerGroup::RemovePending(StreamId id) {
  PendingTree::Cursor at = SeekPending(id);
  if (at.at_end() || at.item().id != id) return false;
  const PendingEntry old = pending_.Erase(at);
  RemovePendingOf(old.consumer, id);
  return true;
}

size_t ConsumerGroup::size_bytes() const {
  static const size_t kBoxBytes = AllocationSize(Shared<ConsumerGroup>::kBytes);
  return kBoxBytes + pending_.size_bytes() + name_.capacity() +
         consumers_.capacity() * sizeof(consumers_[0]) + by_name_.capacity() * sizeof(by_name_[0]) +
         consumer_bytes_;
}

bool ConsumerGroup::FreeSome(size_t budget) {
  if (pending_.FreeSome(budget)) return true;
  while (!consumers_.empty()) {
    if (consumers_.back() && consumers_.back().Write().pending.FreeSome(budget)) return true;
    consumers_.pop_back();
    by_name_.clear();
  }
  return false;
}

void ConsumerGroup::CheckInvariants() const {
  pending_.CheckInvariants();
  uint64_t by_consumer = 0;
  size_t consumer_bytes = 0;
  for (const uint32_t number : by_name_) {
    const PendingIds& ids = consumers_[number]->pending;
    ids.CheckInvariants();
    by_consumer += ids.weight();
    consumer_bytes += BytesOf(*consumers_[number]);
    ids.ForEach([&](StreamId id) {
      const auto entry = FindPending(id);
      TORC_CHECK(entry.has_value(), "what is pending for a consumer is pending");
      TORC_CHECK(entry->consumer == number, "a pending entry knows its consumer");
    });
  }
  TORC_CHECK(consumer_bytes == consumer_bytes_, "the bytes of all consumers are counted");
  TORC_CHECK(by_consumer == pending_count(), "each pending entry is some consumer's");
}

std::optional<size_t> ConsumerGroups::Find(std::string_view name) const {
  const auto place = std::partition_point(
      groups_.begin(), groups_.end(),
      [&](const Shared<ConsumerGroup>& group) { return group->name() < name; });
  if (place == groups_.end() || (*place)->name() != name) return std::nullopt;
  return static_cast<size_t>(place - groups_.begin());
}

bool ConsumerGroups::Add(std::string_view name, StreamId last_id, int64_t entries_read) {
  const auto place = std::partition_point(
      groups_.begin(), groups_.end(),
      [&](const Shared<ConsumerGroup>& group) { return group->name() < name; });
  if (place != groups_.end() && (*place)->name() == name) return false;
  groups_.insert(place, Shared<ConsumerGroup>::Make(name, last_id, entries_read));
  return true;
}

size_t ConsumerGroups::size_bytes() const {
  size_t total = groups_.capacity() * sizeof(groups_[0]);
  for (const auto& group : groups_) total += group->size_bytes();
  return total;
}

bool ConsumerGroups::FreeSome(size_t budget) {
  while (!groups_.empty()) {
    if (groups_.back().Write().FreeSome(budget)) return true;
    groups_.pop_back();
  }
  return false;
}

}  // namespace torc
