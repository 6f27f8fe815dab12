#pragma once

// A second reader of RESP2 and RESP3, written for tests so that what the server writes is judged by
// code that shares nothing with it. It takes every reply a Redis server can send, bounds-checks
// every length, and refuses anything that is not exactly the protocol (a bare LF, "+5" as a length,
// a missing CRLF).
//
// Two layers: RespScanner only finds where a reply ends (cheap, incremental, for comparing raw
// bytes); ParseResp turns one complete reply into a tree. RespReader joins them over a byte stream.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torc::testing {

// Each enumerator is the byte that opens the type on the wire.
enum class RespType : char {
  kSimple = '+',
  kError = '-',
  kInteger = ':',
  kBulk = '$',
  kArray = '*',
  kNull = '_',
  kDouble = ',',
  kBoolean = '#',
  kBigNumber = '(',
  kBulkError = '!',
  kVerbatim = '=',
  kMap = '%',
  kSet = '~',
  kAttribute = '|',
  kPush = '>',
};

// One reply. RESP2's "$-1" and "*-1" keep their type and have is_null set; RESP3's "_" is kNull
// with is_null set.
struct RespValue {
  RespType type = RespType::kNull;
  bool is_null = false;
  int64_t integer = 0;  // kInteger; kBoolean as 0 or 1
  double number = 0;    // kDouble
  // Simple, error, bulk and verbatim payloads (a verbatim's without its "txt:"), or the digits as
  // sent.
  std::string text;
  std::string verbatim_format;        // "txt" or "mkd"
  std::vector<RespValue> items;       // aggregates; a map's are key, value, key, value, …
  std::vector<RespValue> attributes;  // of an attribute sent before this value; pairs like a map's

  bool IsError() const { return type == RespType::kError || type == RespType::kBulkError; }
  bool IsAggregate() const;
  // True for a string of any kind (simple, bulk, verbatim) with exactly this text.
  bool Is(std::string_view expected) const;
  bool IsInteger(int64_t expected) const;
  // The value under `key` of a map, or of an array read as pairs (RESP2's form); null when absent.
  const RespValue* Find(std::string_view key) const;
  // The same, with a null value where there is none: for expectations that then fail as such.
  const RespValue& At(std::string_view key) const;
  // Compact and unambiguous, on one line: `+OK`, `:1`, `"a\x00"`, `[1, "x"]`, `{"k": 1}`, `~{…}`,
  // `nil`.
  std::string Print() const;

  friend bool operator==(const RespValue&, const RespValue&) = default;
};

// What a reader accepts at most; a reply beyond these counts as malformed.
struct RespLimits {
  size_t depth_max = 64;
  uint64_t bulk_bytes_max = uint64_t{1} << 30;
  uint64_t items_max = uint64_t{1} << 28;
};

// Finds the end of a reply. Give Scan the bytes from the reply's start, longer at each call; it
// goes on where it stopped. O(bytes) over all calls together.
class RespScanner {
 public:
  enum class Result : uint8_t { kNeedMore, kComplete, kMalformed };

  explicit RespScanner(const RespLimits& limits = RespLimits{}) : limits_(limits) {}

  Result Scan(std::string_view bytes);
  // After kComplete: the size of the reply (its attributes included).
  size_t size_bytes() const { return position_; }
  // After kMalformed: what was wrong.
  const std::string& error() const { return error_; }
  // Ready for the next reply.
  void Reset();

 private:
  Result Malformed(std::string what);
  // Reads one element's header (and payload, for those that have one) at position_.
  Result Element(std::string_view bytes);
  Result Length(std::string_view line, bool may_be_null, uint64_t max,
                std::optional<uint64_t>* out);
  Result Bulk(std::string_view bytes, std::string_view line, size_t header_bytes);
  Result Aggregate(char type, std::string_view line, size_t header_bytes);
  void CloseFinished();

  RespLimits limits_;
  size_t position_ = 0;
  std::vector<uint64_t> missing_;  // elements still to come, per open aggregate
  std::string error_;
};

// The tree of exactly one complete reply; nothing when `frame` is not that. `error`, if given, says
// why.
std::optional<RespValue> ParseResp(std::string_view frame, std::string* error = nullptr,
                                   const RespLimits& limits = RespLimits{});

// A byte stream in, replies out, in order.
class RespReader {
 public:
  explicit RespReader(const RespLimits& limits = RespLimits{})
      : limits_(limits), scanner_(limits) {}

  void Feed(std::string_view bytes);
  // The next complete reply, or nothing yet. After a malformed one nothing ever comes again.
  std::optional<RespValue> Next();
  bool malformed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }
  // Bytes fed and not yet returned as part of a reply.
  std::string_view pending() const { return std::string_view(buffer_).substr(begin_); }

 private:
  RespLimits limits_;
  RespScanner scanner_;
  std::string buffer_;
  size_t begin_ = 0;
  std::string error_;
};

// The request form of a command: an array of bulk strings.
std::string EncodeCommand(const std::vector<std::string>& args);
void AppendCommand(const std::vector<std::string>& args, std::string* out);

}  // namespace torc::testing
