#pragma once

// HotKeys: which keys a shard spends its time and its network on, and which of those written are
// the largest, while somebody wants to know (HOTKEYS START). One per shard; who reads adds them up.
// A key is noted by the shard that owns it, also if another ran the command over borrowed shards.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/rng.h"
#include "ds/heavy_hitters.h"

namespace torc {

class CommandContext;
struct KeyRef;

struct HotKeysSettings {
  bool cpu = false;
  bool net = false;
  bool size = false;         // Torc's own: the largest of the keys that are written
  size_t count = 10;         // of keys to show
  int64_t sample_ratio = 1;  // one in so many commands is looked at
  int64_t duration_ms = 0;   // 0: until it is stopped
};

class HotKeys {
 public:
  struct Totals {
    uint64_t cpu_us = 0;     // of all commands, sampled or not
    uint64_t net_bytes = 0;  // likewise
  };

  // CPU time of the process so far.
  struct CpuTimes {
    int64_t user_ms = 0;
    int64_t system_ms = 0;
  };

  HotKeys(const HotKeysSettings& settings, UnixMs now, const CpuTimes& before);

  // The command ran for so long and answered so many bytes.
  void Note(const CommandContext& context, int64_t duration_ns, size_t reply_bytes);
  void Stop(UnixMs now);

  bool ActiveAt(UnixMs now) const { return !stopped_ && !Over(now); }
  const HotKeysSettings& settings() const { return settings_; }
  UnixMs started() const { return started_; }
  const CpuTimes& cpu_before() const { return cpu_before_; }
  int64_t DurationMs(UnixMs now) const;
  Totals totals() const { return {cpu_ns_ / 1000, net_bytes_}; }
  // Estimates for all commands: what was sampled times the ratio. Microseconds and bytes.
  std::vector<HeavyHitters::Item> TopByCpu() const;
  std::vector<HeavyHitters::Item> TopByNet() const;
  // What the keys took in memory when they were last looked at. Bytes.
  std::vector<HeavyHitters::Item> TopBySize() const;

 private:
  struct SizedKey {
    uint64_t hash;
    HeavyHitters::Item item;
  };

  struct Cost {
    uint64_t cpu_ns;
    uint64_t net_bytes;
  };

  void NoteKey(const CommandContext& context, const KeyRef& key, const Cost& cost);
  void NoteSize(const CommandContext& context, uint64_t hash, const KeyRef& key);
  bool Over(UnixMs now) const {
    return settings_.duration_ms > 0 && now.value() - started_.value() >= settings_.duration_ms;
  }

  HotKeysSettings settings_;
  UnixMs started_;
  std::optional<UnixMs> stopped_;
  CpuTimes cpu_before_;
  Rng rng_;
  int64_t until_sample_ = 1;
  uint64_t cpu_ns_ = 0;
  uint64_t net_bytes_ = 0;
  HeavyHitters by_cpu_;  // nanoseconds
  HeavyHitters by_net_;
  std::vector<SizedKey> by_size_;  // the largest so far, in no order
};

}  // namespace torc
