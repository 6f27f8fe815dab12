#include "redis-tests/differential/compare.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "redis-tests/differential/terms.h"

namespace torc::differential {
namespace {

using testing::RespType;
using testing::RespValue;

constexpr int64_t kClockSlackSeconds = 10;

// Absolute expiry times of the grammar are the same on both sides; only what was relative may
// differ.
bool IsAbsoluteTime(const Command& command, int64_t value) {
  const std::string name = CommandName(command);
  const bool in_ms = name == "PEXPIRETIME" || name == "HPEXPIRETIME";
  const int64_t seconds = in_ms ? value / 1000 : value;
  return (in_ms || name == "EXPIRETIME" || name == "HEXPIRETIME") &&
         seconds >= kAbsoluteTimesFromSeconds && seconds <= kAbsoluteTimesUntilSeconds;
}

bool SameNear(const Command& command, const RespValue& ours, const RespValue& peer) {
  if (ours.IsAggregate() && ours.type == peer.type && ours.items.size() == peer.items.size()) {
    for (size_t i = 0; i < ours.items.size(); ++i) {
      if (!SameNear(command, ours.items[i], peer.items[i])) return false;
    }
    return ours.is_null == peer.is_null;
  }
  if (ours.type != RespType::kInteger || peer.type != RespType::kInteger) return ours == peer;
  // -1 and -2 are answers of their own, not times.
  if (ours.integer < 0 || peer.integer < 0 || IsAbsoluteTime(command, peer.integer)) {
    return ours.integer == peer.integer;
  }
  return std::llabs(ours.integer - peer.integer) <= command.tolerance;
}

bool SameShape(const RespValue& ours, const RespValue& peer) {
  if (ours.IsError() && peer.IsError()) return ours == peer;
  return ours.type == peer.type && ours.is_null == peer.is_null;
}

// HELLO describes the server; its version and the connection's id are its own.
bool SameHello(RespValue ours, RespValue peer) {
  if (!ours.IsAggregate() || ours.items.size() != peer.items.size()) return ours == peer;
  for (size_t i = 0; i + 1 < ours.items.size(); i += 2) {
    if (ours.items[i] != peer.items[i]) return false;
    const bool own = ours.items[i].Is("version") || ours.items[i].Is("id");
    if (own ? ours.items[i + 1].type != peer.items[i + 1].type
            : ours.items[i + 1] != peer.items[i + 1]) {
      return false;
    }
  }
  return ours.type == peer.type;
}

// A stream's description, or what is pending in it, without the times in it: of a pending entry
// [id, consumer, time, deliveries] or [id, time, deliveries], and of a consumer what it says by
// name, which Redis 7.2 does of more than 7.0.
RespValue WithoutStreamTimes(RespValue value) {
  auto& items = value.items;
  for (auto& item : items) item = WithoutStreamTimes(std::move(item));
  const auto is_number = [&](size_t i) { return items[i].type == RespType::kInteger; };
  const bool entry = items.size() >= 3 && items[0].type == RespType::kBulk &&
                     is_number(items.size() - 1) && is_number(items.size() - 2);
  if (entry && items.size() == 4 && items[1].type == RespType::kBulk) items[2] = {};
  if (entry && items.size() == 3) items[1] = {};
  for (size_t i = 0; i + 1 < items.size();) {
    if (items[i].Is("idle") || items[i].Is("seen-time")) items[i + 1] = {};
    if (items[i].Is("inactive") || items[i].Is("active-time")) {
      items.erase(items.begin() + static_cast<ptrdiff_t>(i),
                  items.begin() + static_cast<ptrdiff_t>(i) + 2);
    } else {
      i += 2;
    }
  }
  return value;
}

bool SameTime(const RespValue& ours, const RespValue& peer) {
  if (ours.items.size() != 2 || peer.items.size() != 2) return ours == peer;
  const auto our_seconds = ParseInt64(ours.items[0].text);
  const auto peer_seconds = ParseInt64(peer.items[0].text);
  const auto our_micros = ParseInt64(ours.items[1].text);
  return our_seconds && peer_seconds && our_micros && *our_micros >= 0 && *our_micros < 1'000'000 &&
         std::llabs(*our_seconds - *peer_seconds) <= kClockSlackSeconds;
}

}  // namespace

RespValue Sorted(RespValue value, bool pairs) {
  for (auto& item : value.items) item = Sorted(std::move(item), pairs);
  const bool by_pairs = value.type == RespType::kMap || (pairs && value.type == RespType::kArray);
  const size_t stride = by_pairs && value.items.size() % 2 == 0 ? 2 : 1;
  std::vector<std::pair<std::string, size_t>> order;
  for (size_t i = 0; i < value.items.size(); i += stride) {
    std::string form = value.items[i].Print();
    if (stride == 2) form += '\n' + value.items[i + 1].Print();
    order.emplace_back(std::move(form), i);
  }
  std::sort(order.begin(), order.end());
  std::vector<RespValue> items;
  items.reserve(value.items.size());
  for (const auto& [form, index] : order) {
    for (size_t i = 0; i < stride; ++i) items.push_back(std::move(value.items[index + i]));
  }
  value.items = std::move(items);
  return value;
}

bool SameValue(const Command& command, const RespValue& ours, const RespValue& peer) {
  switch (command.check) {
    case Check::kExact:
    case Check::kAlone:
      return ours == peer;
    case Check::kUnordered:
      return Sorted(ours, false) == Sorted(peer, false);
    case Check::kUnorderedPairs:
      return Sorted(ours, true) == Sorted(peer, true);
    case Check::kNear:
      return SameNear(command, ours, peer);
    case Check::kStream:
      return WithoutStreamTimes(ours) == WithoutStreamTimes(peer);
    case Check::kHello:
      return SameHello(ours, peer);
    case Check::kTime:
      return SameTime(ours, peer);
    default:
      return SameShape(ours, peer);
  }
}

bool SameReply(const Command& command, std::string_view ours, std::string_view peer) {
  if (ours == peer) return true;
  if (command.check == Check::kExact) return false;
  const auto our_value = testing::ParseResp(ours);
  const auto peer_value = testing::ParseResp(peer);
  if (!our_value || !peer_value) return false;
  return SameValue(command, *our_value, *peer_value);
}

}  // namespace torc::differential
