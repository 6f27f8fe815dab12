#pragma once

namespace torc {

// Work of a shard that is done in slices between commands.
class BackgroundWork {
 public:
  virtual ~BackgroundWork() = default;
  // A slice of well below a millisecond; true if the next may follow at once. Asked every turn of
  // the loop: with nothing to do it must cost nothing.
  virtual bool Step() = 0;
  // Whether Step has something to do; for a process of several shards, where Step runs with all of
  // them stopped.
  virtual bool HasStep() const { return true; }
  // `hz` times a second: what goes by the clock.
  virtual void EveryTick() = 0;
};

}  // namespace torc
