#include "sim/watch.h"

#include "base/hash.h"

namespace torc::sim {
namespace {

std::string Where(const Replica& replica, LogIndex index) {
  return "group " + std::to_string(replica.group().value()) + " index " +
         std::to_string(index.value());
}

}  // namespace

uint64_t Watch::HashOf(const Entry& entry) {
  const uint64_t seed = entry.term.value() * 4 + static_cast<uint64_t>(entry.kind);
  return HashBytes(entry.payload, seed);
}

void Watch::Elected(uint32_t node, const Replica& replica) {
  world_->elected.push_back({replica.group().value(), node});
  const auto key = std::pair(replica.group().value(), replica.term().value());
  const auto [place, is_new] = primaries_.emplace(key, node);
  if (!is_new && place->second != node) {
    world_->Violate("two primaries of group " + std::to_string(key.first) + " in term " +
                    std::to_string(key.second));
  }
}

void Watch::Committed(uint32_t node, const Replica& replica) {
  const uint32_t group = replica.group().value();
  LogIndex& checked = checked_[{group, replica.self()}];
  auto& places = committed_[group];
  for (LogIndex i = checked + 1; i <= replica.committed(); ++i) {
    if (!replica.log().Has(i)) continue;
    const uint64_t hash = HashOf(replica.log().At(i));
    if (places.size() < i.value()) places.resize(i.value());
    auto& place = places[i.value() - 1];
    if (place.known && place.hash != hash) {
      world_->Violate("two committed entries at " + Where(replica, i) + ", seen at node " +
                      std::to_string(node));
      return;
    }
    place = {hash, true};
  }
  checked = std::max(checked, replica.committed());
}

void Watch::Acknowledged(const Replica& replica, LogIndex index, std::string_view effects) {
  const auto& places = committed_[replica.group().value()];
  if (!replica.log().Has(index)) return;
  const Entry& entry = replica.log().At(index);
  const bool is_committed = index.value() <= places.size() && places[index.value() - 1].known &&
                            places[index.value() - 1].hash == HashOf(entry);
  if (!is_committed || (!effects.empty() && entry.payload != effects)) {
    world_->Violate("acknowledged without commit: " + Where(replica, index));
  }
}

void Watch::Lost(const LostEntry& lost) {
  early_.erase({lost.group.value(), HashOf(lost.entry)});
}

void Watch::AcknowledgedEarly(uint32_t node, GroupId group, const Entry& entry) {
  early_[{group.value(), HashOf(entry)}] = node;
}

void Watch::Ended(uint32_t node, NodeId id) {
  std::erase_if(checked_, [&](const auto& item) { return item.first.second.node == id; });
  std::erase_if(early_, [&](const auto& item) { return item.second == node; });
}

std::string Watch::MissingEarly() const {
  for (const auto& [key, node] : early_) {
    bool found = false;
    for (const auto& place : committed_[key.first]) found = found || place.hash == key.second;
    if (!found) {
      return "acknowledged at W=1 by node " + std::to_string(node) +
             ", neither committed nor reported lost: group " + std::to_string(key.first);
    }
  }
  return {};
}

uint64_t Watch::CommittedCount() const {
  uint64_t count = 0;
  for (const auto& places : committed_) count += places.size();
  return count;
}

}  // namespace torc::sim
