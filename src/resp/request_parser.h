#pragma once

// Cuts a client's bytes into commands: RESP arrays of bulk strings, and inline commands (a line of
// words). Incremental and without copies: arguments are views into the input.
//
// The caller keeps the bytes. It passes everything from the start of the oldest unfinished request;
// when the parser needs more, the caller comes back with the same bytes and more behind them,
// perhaps at another address. The parser remembers only how far it came: 32 bytes, no heap, however
// long the request. A request that arrived in pieces is skimmed piece by piece, and once it is
// whole its headers are read a second time to collect the arguments. So input that comes byte by
// byte costs O(n) in all, and a request of a million arguments that never ends costs nothing but
// its own bytes. (Refused: keeping the arguments' offsets, which takes more memory than the
// shortest arguments do on the wire.)
//
// What is accepted is what Redis accepts, its laxness included: any byte may stand where the LF of
// a header and the CR LF of a bulk are expected; lengths have no leading zeros and no '+'; arrays
// of no or a negative number of elements, and empty lines, are skipped. Two things differ, so that
// the outcome never depends on how the bytes were cut into packets: a line above the limit is
// refused even if all of it arrived at once, and a zero byte in a line is an ordinary byte (Redis
// waits there until the line is too long).

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "resp/request_batch.h"

namespace torc {

struct ParseLimits {
  int64_t args_max = std::numeric_limits<int32_t>::max();  // at most this
  uint64_t bulk_bytes_max = uint64_t{512} << 20;           // proto-max-bulk-len
  size_t inline_bytes_max = size_t{64} << 10;              // of an inline command or a header line
  // Before a client has shown its password it may not make the server hold much.
  bool authenticated = true;
  int64_t unauthenticated_args_max = 10;
  uint64_t unauthenticated_bulk_bytes_max = 16384;
};

class RequestParser {
 public:
  enum class Result { kComplete, kNeedMore, kError };

  // Parses up to `commands_max` requests from the front of `input` and appends them to `batch`.
  // *consumed is set to the bytes that the caller may drop from the front: all appended requests
  // and skipped empty ones.
  //   kComplete  as many as were asked for were appended.
  //   kNeedMore  fewer: the rest of the input is an unfinished request, or nothing.
  //   kError     fewer: execute those, answer error() and close. Every later call says kError
  //   again.
  // Each limit is looked at when its header is read, so limits may change between calls (AUTH). A
  // client that is not authenticated must therefore be parsed one request at a time.
  Result Take(std::string_view input, size_t commands_max, const ParseLimits& limits,
              RequestBatch* batch, size_t* consumed);
  // One request.
  Result Next(std::string_view input, const ParseLimits& limits, RequestBatch* batch,
              size_t* consumed) {
    return Take(input, 1, limits, batch, consumed);
  }

  // After kError: the reply's text with its code word, "ERR Protocol error: …", as Redis words it.
  // May hold a CR or LF, which ReplyWriter::Error replaces. Static storage.
  std::string_view error() const;
  // After kNeedMore within a bulk string: how many bytes behind the input complete that bulk, so
  // that the caller can size its buffer once. It is the client's claim, up to the bulk limit: grow
  // towards it with what arrives, do not trust it with memory. 0 elsewhere.
  size_t wanted_bytes() const { return bulk_bytes_ == kUnknown ? 0 : pending_bytes_; }
  // Neither within a request nor after an error.
  bool idle() const { return at_ == 0 && pending_bytes_ == 0 && fault_ == Fault::kNone; }
  // Forgets an unfinished request or an error.
  void Reset() { *this = RequestParser(); }

 private:
  enum class Fault : uint8_t {
    kNone,
    kMultibulkLength,
    kUnauthenticatedMultibulk,
    kMultibulkLine,
    kBulkLength,
    kUnauthenticatedBulk,
    kBulkLine,
    kNoDollar,
    kInlineLine,
    kQuotes,
  };
  using Args = std::vector<std::string_view>;
  static constexpr uint64_t kUnknown = std::numeric_limits<uint64_t>::max();

  // One request, for all that is not plain or not whole.
  Result NextCarefully(std::string_view input, const ParseLimits& limits, RequestBatch* batch,
                       size_t* consumed);
  // Each goes on from the state below and leaves it where it came to. `args` may be null: skim
  // only.
  Result Multibulk(std::string_view input, const ParseLimits& limits, Args* args);
  Result Inline(std::string_view input, const ParseLimits& limits, RequestBatch* batch);
  Result ReadCount(std::string_view input, const ParseLimits& limits);
  Result ReadBulkLength(std::string_view input, const ParseLimits& limits);
  // The header line at at_, found or waited for; kComplete sets *line and moves at_ behind it.
  Result ReadLine(std::string_view input, size_t line_bytes_max, Fault too_long,
                  std::string_view* line);
  void Collect(std::string_view input, Args* args);
  Result Fail(Fault fault) {
    fault_ = fault;
    return Result::kError;
  }

  size_t at_ = 0;  // offset of what comes next: a header line or a bulk's bytes
  uint64_t bulk_bytes_ =
      kUnknown;  // length of the bulk at at_; kUnknown while its header is awaited
  // While a line is awaited: its first bytes known not to end it. While a bulk is awaited: bytes it
  // misses.
  size_t pending_bytes_ = 0;
  int32_t args_left_ = -1;  // bulks still to come; -1 while the count is awaited
  Fault fault_ = Fault::kNone;
  uint8_t not_dollar_ = 0;  // with kNoDollar: what stood there
};

static_assert(sizeof(RequestParser) <= 32);

}  // namespace torc
