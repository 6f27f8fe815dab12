#pragma once

// Ids of stream entries: 128 bits, milliseconds and a sequence number, written "ms-seq".

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace torc {

struct StreamId {
  uint64_t ms = 0;
  uint64_t seq = 0;
  constexpr auto operator<=>(const StreamId&) const = default;
};
inline constexpr StreamId kStreamIdMin{};
inline constexpr StreamId kStreamIdMax{UINT64_MAX, UINT64_MAX};

// The id right after, or right before, this one; nothing if there is none.
constexpr std::optional<StreamId> NextStreamId(StreamId id) {
  if (id == kStreamIdMax) return std::nullopt;
  return id.seq == UINT64_MAX ? StreamId{id.ms + 1, 0} : StreamId{id.ms, id.seq + 1};
}
constexpr std::optional<StreamId> PreviousStreamId(StreamId id) {
  if (id == kStreamIdMin) return std::nullopt;
  return id.seq == 0 ? StreamId{id.ms - 1, UINT64_MAX} : StreamId{id.ms, id.seq - 1};
}

// "ms-seq" or "ms", which then has the sequence number `missing_seq`. As Redis reads it: up to the
// first zero byte, with a sign and leading zeros allowed.
std::optional<StreamId> ParseStreamId(std::string_view text, uint64_t missing_seq);

// XADD's: also "ms-*", where the sequence number is for the stream to choose.
struct RequestedStreamId {
  StreamId id;
  bool seq_given = true;
};
std::optional<RequestedStreamId> ParseRequestedStreamId(std::string_view text);

// A bound of a range: "-" and "+" too, and "(" before an id that is excluded.
struct StreamBound {
  StreamId id;
  bool excluded = false;
};
std::optional<StreamBound> ParseStreamBound(std::string_view text, uint64_t missing_seq);

// "ms-seq" on the stack.
class StreamIdText {
 public:
  explicit StreamIdText(StreamId id);
  std::string_view view() const { return {text_, size_bytes_}; }
  operator std::string() const { return std::string(view()); }

 private:
  char text_[48];
  size_t size_bytes_;
};

}  // namespace torc
