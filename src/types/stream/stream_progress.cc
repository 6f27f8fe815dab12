// Groups of a stream, and how far they have read. The counters follow Redis: a group's number of
// entries read is exact as long as nothing behind it was deleted; where it is not known it is
// worked out again at the ends of the stream, and else left open.

#include <limits>

#include "types/stream/stream.h"

namespace torc {

const ConsumerGroup* StreamValue::FindGroup(std::string_view name) const {
  if (!groups_) return nullptr;
  const auto index = groups_->Find(name);
  return index ? &(*groups_)[*index] : nullptr;
}

ConsumerGroup* StreamValue::WriteGroup(std::string_view name) {
  if (!groups_) return nullptr;
  const auto index = groups_->Find(name);
  return index ? &WriteGroups().Write(*index) : nullptr;
}

ConsumerGroups& StreamValue::WriteGroups() {
  group_bytes_ = 0;
  if (!groups_) groups_ = Shared<ConsumerGroups>::Make();
  return groups_.Write();
}

bool StreamValue::AddGroup(std::string_view name, StreamId group_last_id, int64_t entries_read) {
  if (FindGroup(name) != nullptr) return false;
  return WriteGroups().Add(name, group_last_id, entries_read);
}

bool StreamValue::RemoveGroup(std::string_view name) {
  if (!groups_) return false;
  const auto index = groups_->Find(name);
  if (!index) return false;
  WriteGroups().Remove(*index);
  return true;
}

bool StreamValue::HasHolesFrom(StreamId id) const {
  return length_ > 0 && max_deleted_id != StreamId{} && id <= max_deleted_id &&
         first_id() <= max_deleted_id;
}

std::optional<uint64_t> StreamValue::CountUpTo(StreamId id) const {
  if (entries_added == 0) return 0;
  if (length_ == 0 && id <= last_id) return entries_added;
  if (id == last_id) return entries_added;
  if (id > last_id) return std::nullopt;
  const StreamId first = first_id();
  if (max_deleted_id != StreamId{} && max_deleted_id >= first) return std::nullopt;
  if (id < first) return entries_added - length_;
  if (id == first) return entries_added - length_ + 1;
  return std::nullopt;
}

std::optional<int64_t> StreamValue::LagOf(const ConsumerGroup& group) const {
  if (entries_added == 0) return 0;
  if (group.entries_read != ConsumerGroup::kUnknownRead && !HasHolesFrom(group.last_id)) {
    return static_cast<int64_t>(entries_added - static_cast<uint64_t>(group.entries_read));
  }
  const auto read = CountUpTo(group.last_id);
  if (!read) return std::nullopt;
  return static_cast<int64_t>(entries_added - *read);
}

void StreamValue::AdvanceGroup(ConsumerGroup* group, StreamId id) const {
  if (group->entries_read != ConsumerGroup::kUnknownRead && !HasHolesFrom(id)) {
    // A client may have set it to any number.
    if (group->entries_read < std::numeric_limits<int64_t>::max()) ++group->entries_read;
  } else if (entries_added > 0) {
    const auto read = CountUpTo(id);
    group->entries_read = read ? static_cast<int64_t>(*read) : ConsumerGroup::kUnknownRead;
  }
  group->last_id = id;
}

}  // namespace torc
