#include "resp/request_parser.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/check.h"
#include "base/text.h"
#include "resp/inline_args.h"

namespace torc {
namespace {

constexpr size_t kBulkTailBytes = 2;  // CR LF behind a bulk's bytes
// Header lines up to here are judged by their number, whatever the limit for lines is.
constexpr size_t kHeaderLineBytes = 32;

// A header line's number, and the byte behind the line; null when the line is not plain.
struct Number {
  const char* next;
  uint64_t value;
};

// The number at `p` of a header line that is plain and all there: at most nine digits without a
// leading zero, CR, and one more byte. Anything else is ReadLine's: it waits, or finds what is
// wrong.
Number PlainNumber(const char* p, const char* end) {
  constexpr ptrdiff_t kDigitsMax = 9;
  if (end - p < 3) return {nullptr, 0};
  const char* const last =
      p + std::min(end - p - 2, kDigitsMax);  // where the CR may stand at the latest
  auto digit = static_cast<unsigned>(*p - '0');
  if (digit > 9) return {nullptr, 0};
  uint64_t value = digit;
  for (++p; *p != '\r'; ++p) {
    digit = static_cast<unsigned>(*p - '0');
    if (digit > 9 || value == 0 || p == last) return {nullptr, 0};
    value = value * 10 + digit;
  }
  return {p + 2, value};
}

// The same where at least kHeaderRoomBytes follow: numbers of one and two digits without a loop.
constexpr ptrdiff_t kHeaderRoomBytes = 5;
inline Number ShortNumber(const char* p, const char* end) {
  const auto first = static_cast<unsigned>(p[0] - '0');
  if (p[1] == '\r' && first <= 9) return {p + 3, first};
  const auto second = static_cast<unsigned>(p[1] - '0');
  if (p[2] == '\r' && first - 1 < 9 && second <= 9) return {p + 4, first * 10 + second};
  return PlainNumber(p, end);
}

// More arguments than this are not tried in one go, so that little is done twice when the last is
// not there.
constexpr uint64_t kWholeArgsMax = 64;

// Takes requests as nearly all of them are: an array of few bulks, all of it there, nothing odd.
// Appends up to `commands_max` of them and returns the byte behind the last; stops in front of
// anything else, which the careful path decides.
const char* TakePlain(const char* p, const char* end, size_t commands_max,
                      const ParseLimits& limits, RequestBatch* batch) {
  auto& args = batch->args;
  const uint64_t length_max = limits.bulk_bytes_max;
  const auto count_max = std::min<uint64_t>(kWholeArgsMax, static_cast<uint64_t>(limits.args_max));
  for (; commands_max > 0; --commands_max) {
    // A bulk, the empty one too, leaves room for a header's digits: fewer bytes are no whole
    // request.
    if (end - p <= kHeaderRoomBytes || *p != '*') break;
    const Number count = ShortNumber(p + 1, end);
    if (count.next == nullptr || count.value - 1 >= count_max) break;
    const char* at = count.next;
    uint64_t left = count.value;
    do {
      if (end - at <= kHeaderRoomBytes || *at != '$') break;
      const Number length = ShortNumber(at + 1, end);
      if (length.next == nullptr || length.value > length_max) break;
      if (static_cast<size_t>(end - length.next) < length.value + kBulkTailBytes) break;
      at = length.next + length.value + kBulkTailBytes;
      args.emplace_back(length.next, length.value);
    } while (--left > 0);
    if (left > 0) {
      args.resize(args.size() - (count.value - left));
      break;
    }
    batch->commands.push_back({static_cast<uint32_t>(args.size() - count.value),
                               static_cast<uint32_t>(count.value), static_cast<size_t>(at - p)});
    p = at;
  }
  return p;
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

RequestParser::Result RequestParser::Take(std::string_view input, size_t commands_max,
                                          const ParseLimits& limits, RequestBatch* batch,
                                          size_t* consumed) {
  const size_t before = batch->commands.size();
  const size_t commands_end =
      before + std::min(commands_max, std::numeric_limits<size_t>::max() - before);
  size_t at = 0;
  Result result = Result::kComplete;
  while (result == Result::kComplete && batch->commands.size() < commands_end) {
    const char* const p = input.data() + at;
    const size_t left = commands_end - batch->commands.size();
    size_t used = 0;
    if (limits.authenticated && idle()) {
      const char* const next = TakePlain(p, input.data() + input.size(), left, limits, batch);
      used = static_cast<size_t>(next - p);
    }
    if (used == 0) result = NextCarefully(input.substr(at), limits, batch, &used);
    at += used;
  }
  *consumed = at;
  return result;
}

RequestParser::Result RequestParser::NextCarefully(std::string_view input,
                                                   const ParseLimits& limits, RequestBatch* batch,
                                                   size_t* consumed) {
  *consumed = 0;
  if (fault_ != Fault::kNone) return Result::kError;
  const size_t first_arg = batch->args.size();
  for (;;) {
    if (input.empty()) return Result::kNeedMore;
    Result result;
    if (input[0] == '*') {
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
    if (arg_count > 0) {
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
  std::string_view line;
  const Result result = ReadLine(input, limits.inline_bytes_max, Fault::kMultibulkLine, &line);
  if (result != Result::kComplete) return result;
  const auto parsed = ParseInt64(line.substr(1));
  if (!parsed) return Fail(Fault::kMultibulkLength);
  const int64_t count = *parsed;
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
  const char* const begin = input.data() + at_;
  const char* const end = input.data() + input.size();
  const bool bulk = begin != end && *begin == '$';
  const Number plain = bulk ? PlainNumber(begin + 1, end) : Number{nullptr, 0};
  uint64_t length = plain.value;
  if (plain.next != nullptr) {
    at_ = static_cast<size_t>(plain.next - input.data());
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
