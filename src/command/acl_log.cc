#include "command/acl_log.h"

#include <algorithm>
#include <utility>

namespace torc {

void AclLog::Add(AclLogEntry entry) {
  const std::scoped_lock lock(mutex_);
  ++refusals_[static_cast<size_t>(entry.reason)];
  const auto end =
      entries_.begin() + static_cast<std::ptrdiff_t>(std::min(entries_.size(), kLookBackEntries));
  const auto like = std::find_if(entries_.begin(), end, [&](const AclLogEntry& other) {
    return other.reason == entry.reason && other.context == entry.context &&
           entry.created_unix_ms - other.updated_unix_ms <= kLookBackMs &&
           other.object == entry.object && other.user == entry.user;
  });
  if (like != end) {
    AclLogEntry again = std::move(*like);
    entries_.erase(like);
    ++again.count;
    again.updated_unix_ms = entry.created_unix_ms;
    again.client_line = std::move(entry.client_line);
    entries_.push_front(std::move(again));
  } else {
    entry.id = next_id_++;
    entry.updated_unix_ms = entry.created_unix_ms;
    entries_.push_front(std::move(entry));
  }
  while (entries_.size() > static_cast<size_t>(length_max)) entries_.pop_back();
}

void AclLog::Reset() {
  const std::scoped_lock lock(mutex_);
  entries_.clear();
}

std::vector<AclLogEntry> AclLog::Newest(size_t count_max) const {
  const std::scoped_lock lock(mutex_);
  const size_t count = std::min(count_max, entries_.size());
  return {entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count)};
}

uint64_t AclLog::refusals(AclReason reason) const {
  const std::scoped_lock lock(mutex_);
  return refusals_[static_cast<size_t>(reason)];
}

}  // namespace torc
