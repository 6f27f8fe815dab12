#pragma once

// LogManifest: which files make up the log, in Redis 7's words, one line each:
//
//   file appendonly.aof.3.base.rdb seq 3 type b       the base: a snapshot, or commands
//   file appendonly.aof.2.base.rdb seq 2 type h       history: replaced, to be deleted
//   file appendonly.aof.7.incr.aof seq 7 type i       increments, in order
//   #TORC:M <crc>                                     ours: CRC32C of all bytes before the digits
//
// Redis skips the last line. A manifest without it was written by a Redis and is taken as it is;
// any other comment is damage, since no Redis writes one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "torc/status.h"

namespace torc {

struct LogFileEntry {
  std::string name;
  uint64_t sequence = 0;
  bool operator==(const LogFileEntry&) const = default;
};

struct LogManifest {
  std::optional<LogFileEntry> base;
  std::vector<LogFileEntry> increments;  // by ascending sequence
  std::vector<LogFileEntry> history;
  bool operator==(const LogManifest&) const = default;

  uint64_t LastIncrement() const { return increments.empty() ? 0 : increments.back().sequence; }
  uint64_t LastBase() const { return base ? base->sequence : 0; }
  // A new base that stands for everything up to, but not including, increment `first_kept`: what it
  // replaces becomes history.
  void ReplaceBase(LogFileEntry new_base, uint64_t first_kept);
};

enum class BaseForm : uint8_t { kSnapshot, kCommands };

// Redis's names: "<stem>.<sequence>.base.rdb", ".base.aof", ".incr.aof", "<stem>.manifest".
std::string BaseFileName(std::string_view stem, uint64_t sequence, BaseForm form);
std::string IncrementFileName(std::string_view stem, uint64_t sequence);
std::string ManifestFileName(std::string_view stem);

std::string FormatManifest(const LogManifest& manifest);
// The message of an error names the line.
StatusOr<LogManifest> ParseManifest(std::string_view text);
// Whether the text carries our checksum (which ParseManifest has looked at).
bool HasManifestChecksum(std::string_view text);

}  // namespace torc
