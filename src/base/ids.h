#pragma once

// Strong ids and times: integers that do not mix. Each has value(), ordering, hashing by value, and
// prints through value(). Arithmetic exists only where it means something (times, offsets,
// indexes).

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace torc {

template <typename Tag, typename Rep>
class StrongId {
 public:
  using rep = Rep;
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const StrongId&) const = default;

 private:
  Rep value_{};
};

// A StrongId that counts: it can be advanced, and two of them have a distance.
template <typename Tag, typename Rep>
class StrongCount {
 public:
  using rep = Rep;
  constexpr StrongCount() = default;
  constexpr explicit StrongCount(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const StrongCount&) const = default;
  constexpr StrongCount& operator+=(Rep n) {
    value_ = static_cast<Rep>(value_ + n);
    return *this;
  }
  constexpr StrongCount& operator++() { return *this += 1; }
  friend constexpr StrongCount operator+(StrongCount a, Rep n) {
    return StrongCount(static_cast<Rep>(a.value_ + n));
  }
  friend constexpr StrongCount operator-(StrongCount a, Rep n) {
    return StrongCount(static_cast<Rep>(a.value_ - n));
  }
  friend constexpr Rep operator-(StrongCount a, StrongCount b) {
    return static_cast<Rep>(a.value_ - b.value_);
  }

 private:
  Rep value_{};
};

// Milliseconds since the Unix epoch, from the wall clock: what TTLs are kept in. May jump.
using UnixMs = StrongCount<struct UnixMsTag, int64_t>;
// Microseconds of a monotone clock with an arbitrary origin: intervals and time-outs.
using MonoUs = StrongCount<struct MonoUsTag, int64_t>;

// Redis Cluster's hash slot, 0..16383.
using Slot = StrongId<struct SlotTag, uint16_t>;
// Index of a run of consecutive slots, 0..partition count - 1.
using PartitionId = StrongId<struct PartitionIdTag, uint16_t>;
using DbIndex = StrongId<struct DbIndexTag, uint32_t>;
using ClientId = StrongId<struct ClientIdTag, uint64_t>;
// A cluster node: random, drawn once and kept, whatever its address. 0 is nobody.
using NodeId = StrongId<struct NodeIdTag, uint64_t>;

inline constexpr int kSlotCount = 16384;

}  // namespace torc

template <typename Tag, typename Rep>
struct std::hash<torc::StrongId<Tag, Rep>> {
  size_t operator()(torc::StrongId<Tag, Rep> id) const { return std::hash<Rep>()(id.value()); }
};
template <typename Tag, typename Rep>
struct std::hash<torc::StrongCount<Tag, Rep>> {
  size_t operator()(torc::StrongCount<Tag, Rep> id) const { return std::hash<Rep>()(id.value()); }
};
