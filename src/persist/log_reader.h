#pragma once

// LogReader: walks one file of a log and says which commands may be replayed and where, if
// anywhere, it stops making sense. A machine over windows of the file: it does no I/O.
//
// A file is of two sorts, and may change from the first to the second once:
//   foreign  written by a Redis: no notes. A command (or a whole MULTI … EXEC) counts by being
//   there. sealed   ours, from a head on: commands count when the note behind them vouches for
//   them.
// So a flipped bit is found before the command it hit is run. Only at the very end of a file is a
// command taken without a note, when the write that would have brought the note was cut short: then
// each whole unit counts, up to the first that is incomplete or holds a whole disk sector of zeros,
// which is what an unsynced page looks like after a loss of power. Nothing that was promised
// durable can lie there.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "persist/log_note.h"
#include "resp/request_batch.h"

namespace torc {

class LogReader {
 public:
  enum class Step : uint8_t {
    kBatch,      // commands were appended (perhaps none); taken() bytes of the window are done
    kNeedMore,   // the same again with a longer window
    kEnd,        // the file ends here, and well
    kDamage,     // damage() says where and what
    kTimeLimit,  // what follows is later than the limit
  };
  struct Damage {
    uint64_t offset = 0;  // everything before it counts
    // The file just ends too early; everything there is right.
    bool is_short = false;
    std::string what;
  };

  // The position that the file before it ended with, if there was one.
  explicit LogReader(std::optional<uint64_t> position = {}) : position_(position) {}
  // Stop before the first annotation of a later time.
  void SetTimeLimit(int64_t unix_s) { time_limit_ = unix_s; }

  // `window` is the file from offset() on; at_end: to its end. Whole batches are appended until
  // there are about `commands_wanted`; MULTI and EXEC themselves are left out. The batch's views
  // point into the window.
  Step Next(std::string_view window, bool at_end, size_t commands_wanted, RequestBatch* batch);

  uint64_t offset() const { return offset_; }
  size_t taken() const { return taken_; }
  const Damage& damage() const { return damage_; }
  // The file's own mark; nothing as long as no head was met.
  std::optional<uint64_t> id() const { return id_; }
  // Bytes of commands before offset(), over all files; counted from 0 until a note says better.
  uint64_t position() const { return position_.value_or(0) + counted_; }
  // CRC32C of everything before offset().
  uint32_t crc() const { return crc_; }
  // The time of the last annotation met; 0 without one.
  int64_t unix_s() const { return unix_s_; }
  uint64_t commands() const { return commands_; }

 private:
  // How far the file counts, while a window is looked at.
  struct Place {
    size_t at = 0;
    size_t commands = 0;
    size_t args = 0;
  };
  struct Walk;

  Step TakeRecord(Walk& walk, size_t size_bytes);
  Step TakeNote(Walk& walk, std::string_view line);
  bool CheckNote(Walk& walk, const LogNote& note, std::string_view line);
  Step Stop(Walk& walk, size_t at, bool is_short, const char* what);
  Step Settle(Walk& walk, Step step);
  void Count(Walk& walk);

  std::optional<uint64_t> position_;
  uint64_t counted_ = 0;  // bytes of commands since position_ was set
  uint64_t offset_ = 0;
  uint32_t crc_ = 0;
  std::optional<uint64_t> id_;
  int64_t unix_s_ = 0;
  std::optional<int64_t> time_limit_;
  uint64_t commands_ = 0;
  size_t taken_ = 0;
  bool in_tail_ = false;  // behind the last note that fits: units count without one
  Damage damage_;
};

}  // namespace torc
