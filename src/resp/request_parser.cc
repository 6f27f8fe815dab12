#include "resp/request_parser.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "base/text.h"
#include "resp/inline_args.h"

namespace torc {
namespace {

constexpr size_t kBulkTailBytes = 2;  // CR LF behind a bulk's bytes
// Header lines up to here are judged by their number, whatever the limit for lines is.
constexpr size_t kHeaderLineBytes = 32;

// The number of a header line when it is all there, short and plain: digits without a leading zero,
// CR, and one more byte. Anything else is left to ReadLine, which waits, or finds what is wrong.
// Returns the offset behind the line, or 0.
inline size_t ShortNumber(std::string_view input, size_t at, uint64_t* value) {
  constexpr int kDigitsMax = 9;
  const char* p = input.data() + at;
  const char* const end = input.data() + input.size();
  if (end - p < 3) return 0;
  auto digit = static_cast<unsigned>(*p - '0');
  if (digit > 9) return 0;
  uint64_t number = digit;
  const char* const digits_end = std::min(end - 2, p + kDigitsMax);
  ++p;
  if (number != 0) {
    while (p < digits_end && (digit = static_cast<unsigned>(*p - '0')) <= 9) {
      number = number * 10 + digit;
      ++p;
    }
  }
  if (*p != '\r') return 0;
  *value = number;
  return static_cast<size_t>(p + 2 - input.data());
}

// "expected '$', got 'x'" for every x: the one text with a byte of the client's in it.
constexpr std::string_view kNoDollarText = "ERR Protocol error: expected '$', got '?'";
constexpr auto MakeNoDollarTexts() {
  std::array<std::array<char, kNoDollarText.size()>, 256> texts{};
  for (size_t i = 0; i < texts.size(); ++i) {
    for (size_t j = 0; j < kNoDollarText.size(); ++j) texts[i][j] = kNoDollarText[j];
    texts[i][kNoDollarText.size() - 2] = static_cast<char>(static_cast<unsigned char>(i));
  }
  return texts;
}
constexpr auto kNoDollarTexts = MakeNoDollarTexts();

}  // namespace

RequestParser::Result RequestParser::Next(std::string_view input, const ParseLimits& limits,
                                          RequestBatch* batch, size_t* consumed) {
  *consumed = 0;
  if (fault_ != Fault::kNone) [[unlikely]]
    return Result::kError;
  const size_t first_arg = batch->args.size();
  for (;;) {
    if (input.empty()) return Result::kNeedMore;
    Result result;
    if (input[0] == '*') [[likely]] {
      const bool resumed = !idle();
      result = Multibulk(input, limits, resumed ? nullptr : &batch->args);
      if (resumed && result == Result::kComplete) Collect(input, &batch->args);
    } else {
      result = Inline(input, limits, batch);
    }
    if (result != Result::kComplete) {
      batch->args.resize(first_arg);
      return result;
    }
    const size_t wire_bytes = at_;
    *consumed += wire_bytes;
    at_ = 0;
    args_left_ = -1;
    const size_t arg_count = batch->args.size() - first_arg;
    if (arg_count > 0) [[likely]] {
      batch->commands.push_back(
          {static_cast<uint32_t>(first_arg), static_cast<uint32_t>(arg_count), wire_bytes});
      return Result::kComplete;
    }
    input.remove_prefix(wire_bytes);
  }
}

RequestParser::Result RequestParser::Multibulk(std::string_view input, const ParseLimits& limits,
                                               Args* args) {
  if (args_left_ < 0) {
    const Result result = ReadCount(input, limits);
    if (result != Result::kComplete) return result;
  }
  while (args_left_ > 0) {
    if (bulk_bytes_ == kUnknown) {
      const Result result = ReadBulkLength(input, limits);
      if (result != Result::kComplete) return result;
    }
    const size_t available = input.size() - at_;
    if (available < bulk_bytes_ + kBulkTailBytes) {
      pending_bytes_ = bulk_bytes_ + kBulkTailBytes - available;
      return Result::kNeedMore;
    }
    if (args != nullptr) args->emplace_back(input.data() + at_, bulk_bytes_);
    at_ += bulk_bytes_ + kBulkTailBytes;
    bulk_bytes_ = kUnknown;
    pending_bytes_ = 0;
    --args_left_;
  }
  return Result::kComplete;
}

RequestParser::Result RequestParser::ReadCount(std::string_view input, const ParseLimits& limits) {
  uint64_t number = 0;
  int64_t count = 0;
  if (const size_t next = ShortNumber(input, at_ + 1, &number); next != 0) [[likely]] {
    at_ = next;
    pending_bytes_ = 0;
    count = static_cast<int64_t>(number);
  } else {
    std::string_view line;
    const Result result = ReadLine(input, limits.inline_bytes_max, Fault::kMultibulkLine, &line);
    if (result != Result::kComplete) return result;
    const auto parsed = ParseInt64(line.substr(1));
    if (!parsed) return Fail(Fault::kMultibulkLength);
    count = *parsed;
  }
  constexpr int64_t kArgsMax = std::numeric_limits<int32_t>::max();
  if (count > std::min(limits.args_max, kArgsMax)) return Fail(Fault::kMultibulkLength);
  if (!limits.authenticated && count > limits.unauthenticated_args_max) {
    return Fail(Fault::kUnauthenticatedMultibulk);
  }
  args_left_ = static_cast<int32_t>(std::max<int64_t>(count, 0));
  return Result::kComplete;
}

RequestParser::Result RequestParser::ReadBulkLength(std::string_view input,
                                                    const ParseLimits& limits) {
  uint64_t length = 0;
  size_t next = 0;
  if (at_ < input.size() && input[at_] == '$') next = ShortNumber(input, at_ + 1, &length);
  if (next != 0) [[likely]] {
    at_ = next;
    pending_bytes_ = 0;
  } else {
    std::string_view line;
    const Result result = ReadLine(input, limits.inline_bytes_max, Fault::kBulkLine, &line);
    if (result != Result::kComplete) return result;
    // An empty line shows its CR here.
    if (*line.data() != '$') {
      not_dollar_ = static_cast<uint8_t>(*line.data());
      return Fail(Fault::kNoDollar);
    }
    const auto parsed = ParseInt64(line.substr(1));
    if (!parsed || *parsed < 0) return Fail(Fault::kBulkLength);
    length = static_cast<uint64_t>(*parsed);
  }
  if (length > limits.bulk_bytes_max) return Fail(Fault::kBulkLength);
  if (!limits.authenticated && length > limits.unauthenticated_bulk_bytes_max) {
    return Fail(Fault::kUnauthenticatedBulk);
  }
  bulk_bytes_ = length;
  return Result::kComplete;
}

RequestParser::Result RequestParser::ReadLine(std::string_view input, size_t line_bytes_max,
                                              Fault too_long, std::string_view* line) {
  line_bytes_max = std::max(line_bytes_max, kHeaderLineBytes);
  const std::string_view rest = input.substr(at_);
  const std::string_view searched = rest.substr(0, line_bytes_max + 1);
  const size_t length = searched.find('\r', pending_bytes_);
  if (length == std::string_view::npos) {
    if (rest.size() > line_bytes_max) return Fail(too_long);
    pending_bytes_ = rest.size();
    return Result::kNeedMore;
  }
  if (length + 1 >= rest.size()) {
    pending_bytes_ = length;
    return Result::kNeedMore;
  }
  *line = rest.substr(0, length);
  at_ += length + 2;
  pending_bytes_ = 0;
  return Result::kComplete;
}

RequestParser::Result RequestParser::Inline(std::string_view input, const ParseLimits& limits,
                                            RequestBatch* batch) {
  const std::string_view searched = input.substr(0, limits.inline_bytes_max + 1);
  const size_t length = searched.find('\n', pending_bytes_);
  if (length == std::string_view::npos) {
    if (input.size() > limits.inline_bytes_max) return Fail(Fault::kInlineLine);
    pending_bytes_ = input.size();
    return Result::kNeedMore;
  }
  pending_bytes_ = 0;
  std::string_view line = input.substr(0, length);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (!SplitInlineArgs(line, batch)) return Fail(Fault::kQuotes);
  at_ = length + 1;
  return Result::kComplete;
}

// The headers were judged when they arrived, so no limit applies again: one may have changed since.
void RequestParser::Collect(std::string_view input, Args* args) {
  constexpr ParseLimits kNone{.bulk_bytes_max = std::numeric_limits<int64_t>::max(),
                              .inline_bytes_max = std::numeric_limits<size_t>::max() - 1};
  const size_t wire_bytes = at_;
  RequestParser again;
  const Result result = again.Multibulk(input.substr(0, wire_bytes), kNone, args);
  TORC_CHECK(result == Result::kComplete && again.at_ == wire_bytes,
             "a resumed request is given from its first byte, unchanged");
}

std::string_view RequestParser::error() const {
  switch (fault_) {
    case Fault::kNone:
      return {};
    case Fault::kMultibulkLength:
      return "ERR Protocol error: invalid multibulk length";
    case Fault::kUnauthenticatedMultibulk:
      return "ERR Protocol error: unauthenticated multibulk length";
    case Fault::kMultibulkLine:
      return "ERR Protocol error: too big mbulk count string";
    case Fault::kBulkLength:
      return "ERR Protocol error: invalid bulk length";
    case Fault::kUnauthenticatedBulk:
      return "ERR Protocol error: unauthenticated bulk length";
    case Fault::kBulkLine:
      return "ERR Protocol error: too big bulk count string";
    case Fault::kNoDollar:
      return {kNoDollarTexts[not_dollar_].data(), kNoDollarText.size()};
    case Fault::kInlineLine:
      return "ERR Protocol error: too big inline request";
    case Fault::kQuotes:
      return "ERR Protocol error: unbalanced quotes in request";
  }
  return {};
}

}  // namespace torc
