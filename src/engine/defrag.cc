#include "engine/defrag.h"

#include <algorithm>

namespace torc {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
// A slice: what others may have to wait for.
constexpr int64_t kSliceNs = 200'000;

}  // namespace

void DeclareDefragOptions(ConfigRegistry& config, DefragOptions* options) {
  constexpr int64_t kPercentMax = 1000;
  constexpr int64_t kBytesMax = INT64_MAX;
  config.YesNo({.name = "activedefrag"}, &options->enabled, [options] {
    if (!options->enabled || AllocatorTellsUse()) return Status::Ok();
    return Status::InvalidArgument(
        "Active defragmentation cannot be enabled: the allocator does not tell how its pages are "
        "used");
  });
  config.Memory({.name = "active-defrag-ignore-bytes", .min = 1, .max = kBytesMax},
                &options->ignore_bytes);
  config.Integer({.name = "active-defrag-threshold-lower", .min = 0, .max = kPercentMax},
                 &options->threshold_lower);
  config.Integer({.name = "active-defrag-threshold-upper", .min = 0, .max = kPercentMax},
                 &options->threshold_upper);
  config.Integer({.name = "active-defrag-cycle-min", .min = 1, .max = 99}, &options->cycle_min);
  config.Integer({.name = "active-defrag-cycle-max", .min = 1, .max = 99}, &options->cycle_max);
  config.Integer({.name = "active-defrag-max-scan-fields", .min = 1, .max = INT32_MAX},
                 &options->max_scan_fields);
}

// How much of the time defragmentation is worth now.
int64_t Defrag::WantedPercent() const {
  const AllocatorStats stats = ReadAllocatorStats();
  if (stats.active_bytes <= stats.allocated_bytes || stats.allocated_bytes == 0) return 0;
  const auto waste = static_cast<int64_t>(stats.active_bytes - stats.allocated_bytes);
  const int64_t percent = waste * 100 / static_cast<int64_t>(stats.allocated_bytes);
  if (percent < options_->threshold_lower || waste < options_->ignore_bytes) return 0;
  const int64_t span = std::max<int64_t>(options_->threshold_upper - options_->threshold_lower, 1);
  const int64_t cycle_max = std::max(options_->cycle_max, options_->cycle_min);
  const int64_t above = std::min(percent - options_->threshold_lower, span);
  return options_->cycle_min + (cycle_max - options_->cycle_min) * above / span;
}

void Defrag::EveryTick() {
  if (!options_->enabled && running_percent_ == 0) return;
  const int64_t now_ns = clock_->MonoNs();
  const int64_t passed_ns = std::clamp<int64_t>(now_ns - last_tick_ns_, 0, kNsPerSecond);
  last_tick_ns_ = now_ns;
  const bool was_running = running_percent_ > 0;
  if (!options_->enabled || now_ns < rests_until_ns_) {
    running_percent_ = 0;
  } else if (!was_running || now_ns - last_look_ns_ >= kNsPerSecond) {
    last_look_ns_ = now_ns;
    running_percent_ = WantedPercent();
  }
  KeyspaceStats& stats = keyspace_->stats();
  if (was_running) {
    stats.defrag_ns += passed_ns;
    stats.defrag_current_ns += passed_ns;
  }
  if (running_percent_ == 0) stats.defrag_current_ns = 0;
  stats.defrag_percent = running_percent_;
  if (running_percent_ == 0) large_values_.clear();
  allowance_ns_ = passed_ns * running_percent_ / 100;
}

bool Defrag::StepSlice() {
  const int64_t begin_ns = clock_->MonoNs();
  int64_t spent_ns = 0;
  while (spent_ns < std::min(kSliceNs, allowance_ns_)) {
    if (!WalkOn()) {
      FinishWalk();
      return false;
    }
    const int64_t now_ns = clock_->MonoNs();
    spent_ns = now_ns > begin_ns ? now_ns - begin_ns : spent_ns + 1;
  }
  allowance_ns_ -= spent_ns;
  return allowance_ns_ > 0;
}

void Defrag::FinishWalk() {
  constexpr uint64_t kWorthAnotherPart = 200;  // of all blocks
  constexpr int64_t kRestNs = 10 * kNsPerSecond;
  const uint64_t moved = mover_.moved_blocks() - walk_moved_;
  const uint64_t all = moved + mover_.kept_blocks() - walk_kept_;
  walk_moved_ = mover_.moved_blocks();
  walk_kept_ = mover_.kept_blocks();
  allowance_ns_ = 0;
  last_look_ns_ = 0;  // whether another walk is wanted is found out at the next tick
  if (moved <= all / kWorthAnotherPart) rests_until_ns_ = clock_->MonoNs() + kRestNs;
}

bool Defrag::WalkOn() {
  // A segment has more entries than this; each is some 100 to 200 ns.
  constexpr size_t kEntriesAtATime = 1;
  if (!large_values_.empty()) {
    bool more = false;
    RelocateSome(&large_values_.front(), &more);
    if (!more) large_values_.pop_front();
    return true;
  }
  const bool more = keyspace_->WalkSome(
      &place_, kEntriesAtATime, [this](DbIndex db, Entry* entry) { return Visit(db, entry); });
  return more || !large_values_.empty();
}

Entry* Defrag::Visit(DbIndex db, Entry* entry) {
  // A command that has paused knows where its values lie.
  if (keyspace_->IsHeld(*entry)) return entry;
  const uint64_t moved_before = mover_.moved_blocks();
  entry = static_cast<Entry*>(mover_.Move(entry));
  const TypeOps& type = keyspace_->ops(*entry);
  if (entry->boxed() && type.relocate != nullptr) {
    const auto fields_max = static_cast<size_t>(options_->max_scan_fields);
    if (type.length(*entry) > fields_max) {
      large_values_.push_back({db, std::string(entry->key()), 0});
    } else {
      uint64_t place = 0;
      while (type.relocate(entry, mover_, &place, fields_max)) {
      }
    }
  }
  Note(moved_before);
  return entry;
}

void Defrag::RelocateSome(LargeValue* value, bool* more) {
  constexpr size_t kItems = 256;
  const KeyRef key = keyspace_->Ref(value->key);
  if (keyspace_->IsHeld(key.hash)) return;
  const Keyspace::Found found = keyspace_->Peek(value->db, key);
  if (!found || !found.entry->boxed()) return;
  const TypeOps& type = keyspace_->ops(*found.entry);
  if (type.relocate == nullptr) return;
  const uint64_t moved_before = mover_.moved_blocks();
  *more = type.relocate(found.entry, mover_, &value->place, kItems);
  Note(moved_before);
}

void Defrag::Note(uint64_t moved_before) {
  KeyspaceStats& stats = keyspace_->stats();
  stats.defrag_hits = mover_.moved_blocks();
  stats.defrag_misses = mover_.kept_blocks();
  ++(mover_.moved_blocks() > moved_before ? stats.defrag_key_hits : stats.defrag_key_misses);
}

}  // namespace torc
