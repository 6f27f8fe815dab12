#pragma once

// Notes: what our log says about itself, in lines that begin with '#', which a real Redis skips.
//
//   #TORC:H 1 <id> <position> <crc>            head: the log is ours from here on
//   #TORC:B <position> <crc>                   end of a batch
//   #TORC:D <durable bytes> <seal> <crc>       the file's first so many bytes were synced
//   #TS:<unix seconds>                         time of what follows (Redis's own annotation)
//
// Each ends with CR LF and stays below the 128 bytes that Redis reads of a line. <crc> is the
// CRC32C of all bytes of the file before it: every note vouches for everything before it. <seal> is
// a CRC32C of the mark's own text and the file's random <id>: so a durable mark can be recognised
// behind damage, where <crc> says nothing, and no client can have written it inside a value.
// Exactly one spelling of each is accepted: lower-case hex, decimal without leading zeros.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace torc {

// Longest line of any kind, its end included.
inline constexpr size_t kLogNoteBytesMax = 100;

struct LogNote {
  enum class Kind : uint8_t { kHead, kBatch, kDurable, kTime };
  Kind kind = Kind::kBatch;
  uint64_t id = 0;             // kHead
  uint64_t position = 0;       // kHead, kBatch: bytes of commands before it, over all files
  uint64_t durable_bytes = 0;  // kDurable
  uint32_t seal = 0;           // kDurable
  int64_t unix_s = 0;          // kTime
  uint32_t crc = 0;            // all but kTime
  size_t crc_at = 0;           // where in the line the checksum stands
};

// Writers append to `out`. `crc` is that of all file bytes before the note, and becomes that of all
// bytes with it.
void AppendHead(std::string* out, uint64_t id, uint64_t position, uint32_t* crc);
void AppendBatchEnd(std::string* out, uint64_t position, uint32_t* crc);
void AppendDurableMark(std::string* out, uint64_t id, uint64_t durable_bytes, uint32_t* crc);
void AppendTime(std::string* out, int64_t unix_s, uint32_t* crc);

// A whole line with its CR LF; nothing if it is no note of these forms.
std::optional<LogNote> ParseNote(std::string_view line);
// Whether the checksum is that of what came before; `crc` is that of all bytes before the line.
bool NoteFits(const LogNote& note, std::string_view line, uint32_t crc);
// Whether the mark was written by the file's own server.
bool SealFits(const LogNote& mark, uint64_t id);

// The greatest extent that a durable mark in `bytes`, a part of a file beginning at
// `offset`, vouches for; 0 if there is none. For what lies behind damage. Without an id, because
// the head itself is damaged, anything that looks like a mark counts.
uint64_t DurableExtent(std::string_view bytes, uint64_t offset, std::optional<uint64_t> id);

}  // namespace torc
