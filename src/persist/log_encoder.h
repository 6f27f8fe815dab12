#pragma once

// LogEncoder: effects as the bytes of a log. One per shard, fed by its effects; gathers what one
// turn of the loop changed into a LogBatch, which the turn's end takes away.

#include <cstdint>
#include <optional>

#include "base/buffer.h"
#include "base/ids.h"
#include "store/effects.h"

namespace torc {

// What a shard's turn adds to the log: commands, whole units only.
struct LogBatch {
  Buffer bytes;
  // The database that is selected before the first and after the last command; the batch does not
  // select its first one itself, because only who puts the batches of all shards in one row knows
  // what is selected there.
  DbIndex first_db;
  DbIndex last_db;
  int64_t unix_ms = 0;  // when its first effect came about

  bool empty() const { return bytes.empty(); }
  // Keeps the memory unless it is unusually much.
  void Clear();
};

// One command as the log holds it.
void AppendLogCommand(Buffer* out, std::span<const std::string_view> args);

class LogEncoder final : public EffectSink {
 public:
  // Where effects go from now on; must not change within a unit. The time is put on a batch's first
  // effect.
  void SetTarget(LogBatch* batch) { batch_ = batch; }
  void SetNow(UnixMs now) { now_ms_ = now.value(); }

  void OnEffect(const Effect& effect) override;
  void OnUnitEnd(uint64_t unit) override;
  void OnUnitDropped(uint64_t unit) override;
  bool wants_events() const override { return false; }

 private:
  void Select(DbIndex db);
  // The unit has a second effect: MULTI goes before its first.
  void OpenUnit();

  LogBatch* batch_ = nullptr;
  int64_t now_ms_ = 0;
  // Of the unit that is being written.
  size_t unit_begin_ = 0;  // offset in the batch's bytes
  DbIndex unit_db_;        // what was selected before it
  size_t unit_effects_ = 0;
};

}  // namespace torc
