#pragma once

// What the tests of the log share: batches of commands, and everything a file holds.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "persist/log_encoder.h"
#include "persist/log_file_reader.h"
#include "torc/env.h"

namespace torc {

// "SET k v" as an effect of its own unit.
inline void Emit(LogEncoder& encoder, std::string_view line, uint32_t db = 0) {
  const auto words = Split(line, ' ');
  encoder.OnEffect({.db = DbIndex(db), .args = words, .events = {}});
}

inline LogBatch MakeBatch(const std::vector<std::string>& lines, uint32_t db = 0,
                          int64_t unix_ms = 0) {
  LogBatch batch;
  LogEncoder encoder;
  encoder.SetTarget(&batch);
  encoder.SetNow(UnixMs(unix_ms));
  for (const std::string& line : lines) {
    Emit(encoder, line, db);
    encoder.OnUnitEnd(0);
  }
  return batch;
}

struct LogContent {
  std::vector<std::string> commands;  // words joined by blanks, SELECT left out
  LogReader::Step end = LogReader::Step::kEnd;
  LogReader::Damage damage;
  Status may_cut;  // after damage
  uint64_t offset = 0;
  uint64_t position = 0;
  uint32_t crc = 0;
  uint64_t id = 0;
};

inline LogContent ReadLog(File* file, bool load_truncated = true) {
  LogFileReader reader(file, "log", {});
  LogContent content;
  RequestBatch batch;
  while (true) {
    batch.Clear();
    const auto step = reader.Next(7, &batch);
    if (!step.ok()) {
      content.may_cut = step.status();
      return content;
    }
    for (const RequestBatch::Command& command : batch.commands) {
      std::string line;
      for (const std::string_view word : batch.Args(command)) {
        line += (line.empty() ? "" : " ") + std::string(word);
      }
      if (!line.starts_with("SELECT")) content.commands.push_back(line);
    }
    content.end = *step;
    if (*step != LogReader::Step::kBatch) break;
  }
  content.damage = reader.reader().damage();
  content.offset = reader.reader().offset();
  content.position = reader.reader().position();
  content.crc = reader.reader().crc();
  content.id = reader.reader().id().value_or(0);
  if (content.end == LogReader::Step::kDamage) {
    content.may_cut = reader.MayCut(LogFileReader::Place::kLast, load_truncated);
  }
  return content;
}

}  // namespace torc
