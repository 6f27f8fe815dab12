#include "types/stream/stream_id.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "resp/decimal.h"

namespace torc {
namespace {

constexpr size_t kIdBytesMax = 127;

// One number of an id. Redis reads it as an integer in canonical form, which must not be negative,
// and if it is none, by C's strtoull: a sign may stand before it, zeros may lead, and a minus
// counts down from 2^64.
std::optional<uint64_t> ParseNumber(std::string_view text) {
  if (const auto canonical = ParseInt64(text)) {
    if (*canonical < 0) return std::nullopt;
    return static_cast<uint64_t>(*canonical);
  }
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size()));
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (value > (std::numeric_limits<uint64_t>::max() - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return negative ? 0 - value : value;
}

// The text up to its first zero byte, unless it is too long to be an id.
std::optional<std::string_view> IdText(std::string_view text) {
  if (text.size() > kIdBytesMax) return std::nullopt;
  return text.substr(0, text.find('\0'));
}

}  // namespace

std::optional<StreamId> ParseStreamId(std::string_view text, uint64_t missing_seq) {
  const auto id = IdText(text);
  if (!id) return std::nullopt;
  const size_t dash = id->find('-');
  const auto ms = ParseNumber(id->substr(0, dash));
  if (!ms) return std::nullopt;
  if (dash == std::string_view::npos) return StreamId{*ms, missing_seq};
  const auto seq = ParseNumber(id->substr(dash + 1));
  if (!seq) return std::nullopt;
  return StreamId{*ms, *seq};
}

std::optional<RequestedStreamId> ParseRequestedStreamId(std::string_view text) {
  const auto id = IdText(text);
  if (!id) return std::nullopt;
  const size_t dash = id->find('-');
  if (dash != std::string_view::npos && id->substr(dash + 1) == "*") {
    const auto ms = ParseNumber(id->substr(0, dash));
    if (!ms) return std::nullopt;
    return RequestedStreamId{{*ms, 0}, false};
  }
  const auto whole = ParseStreamId(*id, 0);
  if (!whole) return std::nullopt;
  return RequestedStreamId{*whole, true};
}

std::optional<StreamBound> ParseStreamBound(std::string_view text, uint64_t missing_seq) {
  if (text.size() > 1 && text[0] == '(') {
    const auto id = ParseStreamId(text.substr(1), missing_seq);
    if (!id) return std::nullopt;
    return StreamBound{*id, true};
  }
  const auto shown = IdText(text);
  if (!shown) return std::nullopt;
  if (*shown == "-") return StreamBound{kStreamIdMin};
  if (*shown == "+") return StreamBound{kStreamIdMax};
  const auto id = ParseStreamId(*shown, missing_seq);
  if (!id) return std::nullopt;
  return StreamBound{*id};
}

StreamIdText::StreamIdText(StreamId id) {
  char* at = WriteDecimal(text_, id.ms);
  *at++ = '-';
  at = WriteDecimal(at, id.seq);
  size_bytes_ = static_cast<size_t>(at - text_);
}

}  // namespace torc
