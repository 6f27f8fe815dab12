#include "persist/log_reader.h"

#include <algorithm>

#include "base/crc.h"
#include "base/text.h"
#include "persist/log_record.h"

namespace torc {
namespace {

constexpr size_t kSectorBytes = 512;

// Whether bytes [from, from + size) of the file hold a whole sector of zeros.
bool HasZeroSector(std::string_view bytes, uint64_t from) {
  const uint64_t first = (from + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
  for (uint64_t at = first - from; at + kSectorBytes <= bytes.size(); at += kSectorBytes) {
    const std::string_view sector = bytes.substr(static_cast<size_t>(at), kSectorBytes);
    if (sector.find_first_not_of('\0') == std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

// One look at a window.
struct LogReader::Walk {
  std::string_view window;
  bool at_end;
  RequestBatch* batch;
  Place counted = {};  // up to here everything counts
  size_t at = 0;       // up to here it was looked at
  size_t crc_at = 0;   // up to here `crc` goes
  uint32_t crc = 0;
  uint64_t payload_bytes = 0;  // of commands between counted.at and at
  bool in_unit = false;        // behind a MULTI
};

void LogReader::Count(Walk& walk) {
  walk.counted = {walk.at, walk.batch->commands.size(), walk.batch->args.size()};
  counted_ += walk.payload_bytes;
  walk.payload_bytes = 0;
}

// Ends a call: what counts is taken, the rest of the batch forgotten.
LogReader::Step LogReader::Settle(Walk& walk, Step step) {
  walk.batch->commands.resize(walk.counted.commands);
  walk.batch->args.resize(walk.counted.args);
  taken_ = walk.counted.at;
  crc_ = walk.crc_at <= taken_
             ? Crc32c(walk.crc, walk.window.substr(walk.crc_at, taken_ - walk.crc_at))
             : Crc32c(crc_, walk.window.substr(0, taken_));
  offset_ += taken_;
  if (taken_ > 0 && step != Step::kTimeLimit) return Step::kBatch;
  return step;
}

LogReader::Step LogReader::Stop(Walk& walk, size_t at, bool is_short, const char* what) {
  damage_ = {offset_ + walk.counted.at, is_short,
             Format("%s at offset %llu", what, static_cast<unsigned long long>(offset_ + at))};
  // What counts is handed out first; the next call comes here again.
  return Settle(walk, Step::kDamage);
}

LogReader::Step LogReader::Next(std::string_view window, bool at_end, size_t commands_wanted,
                                RequestBatch* batch) {
  const size_t commands_before = batch->commands.size();
  Walk walk{.window = window, .at_end = at_end, .batch = batch};
  walk.counted = {0, commands_before, batch->args.size()};
  walk.crc = crc_;
  Step step = Step::kNeedMore;
  while (step == Step::kNeedMore) {
    const bool enough = walk.counted.commands - commands_before >= commands_wanted;
    if (enough && walk.counted.at == walk.at) {
      step = Settle(walk, Step::kBatch);
      break;
    }
    if (walk.at == window.size()) {
      if (at_end && walk.counted.at == walk.at) {
        step = Settle(walk, Step::kEnd);
      } else if (at_end) {
        step = Stop(walk, walk.at, true, "Unexpected end of file");
      } else {
        step = Settle(walk, Step::kNeedMore);
        break;
      }
      continue;
    }
    size_t size_bytes = 0;
    switch (NextRecord(window.substr(walk.at), batch, &size_bytes)) {
      case RecordResult::kRecord:
        step = TakeRecord(walk, size_bytes);
        break;
      case RecordResult::kNote:
        step = TakeNote(walk, window.substr(walk.at, size_bytes));
        break;
      case RecordResult::kNeedMore:
        if (!at_end) {
          commands_ += walk.counted.commands - commands_before;
          return Settle(walk, Step::kNeedMore);
        }
        step = Stop(walk, walk.at, true, "Unexpected end of file");
        break;
      case RecordResult::kBad:
        step = Stop(walk, walk.at + size_bytes, false, "Bad file format");
        break;
    }
  }
  // Behind the last note that fits, one unit after the other may still count, if nothing is wrong
  // there but the end.
  if (step == Step::kDamage && damage_.is_short && id_ && !in_tail_) {
    in_tail_ = true;
    return Next(window, at_end, commands_wanted, batch);
  }
  commands_ += walk.counted.commands - commands_before;
  return step;
}

LogReader::Step LogReader::TakeRecord(Walk& walk, size_t size_bytes) {
  const RequestBatch::Command command = walk.batch->commands.back();
  const std::string_view name = walk.batch->args[command.first_arg];
  const size_t begin = walk.at;
  walk.at += size_bytes;
  walk.payload_bytes += size_bytes;
  if (command.arg_count == 1) {
    const bool opens = EqualsIgnoreCase(name, "MULTI");
    const bool closes = EqualsIgnoreCase(name, "EXEC");
    if (opens || closes) {
      if (opens == walk.in_unit) {
        return Stop(walk, begin, false, opens ? "A MULTI within a MULTI" : "An EXEC without MULTI");
      }
      walk.in_unit = opens;
      walk.batch->commands.pop_back();
      walk.batch->args.resize(command.first_arg);
    }
  }
  if (walk.in_unit || (id_ && !in_tail_)) return Step::kNeedMore;
  if (in_tail_) {
    const uint64_t from = offset_ + walk.counted.at;
    const std::string_view unit = walk.window.substr(walk.counted.at, walk.at - walk.counted.at);
    if (HasZeroSector(unit, from)) return Stop(walk, begin, false, "A sector of zeros");
  }
  Count(walk);
  return Step::kNeedMore;
}

LogReader::Step LogReader::TakeNote(Walk& walk, std::string_view line) {
  const auto note = ParseNote(line);
  if (!note) return Stop(walk, walk.at, false, "An annotation of an unknown form");
  if (note->kind == LogNote::Kind::kTime) {
    if (time_limit_ && note->unix_s > *time_limit_ && walk.counted.at == walk.at) {
      return Settle(walk, walk.counted.at == 0 ? Step::kTimeLimit : Step::kBatch);
    }
    unix_s_ = note->unix_s;
    walk.at += line.size();
    if ((!id_ || in_tail_) && !walk.in_unit) Count(walk);
    return Step::kNeedMore;
  }
  if (!CheckNote(walk, *note, line)) {
    return Stop(walk, walk.at, false,
                "A checksum or position that does not fit what is before it,");
  }
  walk.at += line.size();
  Count(walk);
  return Step::kNeedMore;
}

bool LogReader::CheckNote(Walk& walk, const LogNote& note, std::string_view line) {
  walk.crc = Crc32c(walk.crc, walk.window.substr(walk.crc_at, walk.at - walk.crc_at));
  walk.crc_at = walk.at;
  if (walk.in_unit || in_tail_ || !NoteFits(note, line, walk.crc)) return false;
  const uint64_t position = this->position() + walk.payload_bytes;
  switch (note.kind) {
    case LogNote::Kind::kHead:
      if (position_ && note.position != position) return false;
      position_ = note.position;
      counted_ = 0;
      walk.payload_bytes = 0;
      id_ = note.id;
      return true;
    case LogNote::Kind::kBatch:
      return id_ && note.position == position;
    case LogNote::Kind::kDurable:
      return id_ && SealFits(note, *id_) && note.durable_bytes <= offset_ + walk.at;
    case LogNote::Kind::kTime:
      break;
  }
  return false;
}

}  // namespace torc
