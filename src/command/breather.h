#pragma once

// Breather: how a command that takes long lets others run in between, and stays atomic.
//
// Its handler tells each bit of work (Step). Once the slice is over (long-command-slice-us) the
// command pauses: the loop turns one round on its stack and serves others, then it goes on. While
// it pauses the keys it names are held: others may read them, but what would change one of them is
// put back and tried again when the command is done, and they neither expire nor are evicted. So
// the rules for a handler are:
//
// - It changes nothing that others see before its last Step. A result is put together aside; a
// value
//   that is changed is changed as a copy that shares its nodes (command/working_copy.h) and takes
//   its place at the end. Thus others see the state before or after, and a reader waits for
//   nothing.
// - What it knows of its keys' values stays true; slots of tables (Keyspace::Found) die in a Step,
//   entries do not. Keys it does not name may change: then it holds all (HoldEverything).
// - Its spec has kMayPause.
//
// One command pauses at a time. Another with kMayPause and much to do waits until it is done, as do
// commands that may touch anything: scripts, FLUSHALL, DEBUG (Dispatcher::MustStandBack). Within
// MULTI and scripts, and where nobody else could be served, nothing ever pauses.
//
// Its time is the one it began with. What others took is not counted as its own (SLOWLOG, INFO
// commandstats). A slice is at least as long as the round before it, up to twice the usual: so the
// command keeps its share beside many busy clients.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/pace.h"
#include "command/context.h"
#include "store/held_keys.h"

namespace torc {

class Breather final : public Pace {
 public:
  // The context must outlive it. Nothing is asked of the clock before there was some work.
  explicit Breather(CommandContext& context);
  Breather(const Breather&) = delete;
  Breather& operator=(const Breather&) = delete;

  // Whether so many elements are worth an arrangement for pauses.
  bool IsLong(uint64_t element_count) const;
  // The command reads keys that it does not name.
  void HoldEverything() { holds_everything_ = true; }

 private:
  int64_t Rest() override;
  void ChooseKeys();

  CommandContext* context_;
  bool may_pause_;
  bool holds_everything_ = false;
  int64_t since_ns_ = 0;  // when the slice began
  int64_t round_ns_ = 0;  // what the others took of the last pause
  std::optional<HeldKeys> held_;
  std::vector<Keyspace*> holders_;  // whose keys those are
};

// Elements that a command may work on in one go while another one pauses.
uint64_t ElementsOfSlice(int64_t slice_us);

}  // namespace torc
