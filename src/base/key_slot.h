#pragma once

// From a key to its hash slot, and from a slot to its partition: the two numbers that say where a
// key lives. Both are Redis Cluster's or follow from it, so that every client library computes the
// same slot.
//
// The tag rule: when a key holds a '{' and, after the first one, a '}', and at least one byte
// stands between the first '{' and the first '}' after it, only those bytes are hashed. Keys of one
// tag share a slot.
//
// A partition is a run of consecutive slots. With P partitions (1..16384, any number) slot s
// belongs to floor(s * P / 16384): run lengths differ by one at most, the map is monotone, and it
// costs a multiply and a shift. 16384 partitions are one slot each.

#include <string_view>

#include "base/check.h"
#include "base/ids.h"

namespace torc {

// The bytes of `key` that are hashed: its tag, or all of it. A view into `key`.
std::string_view HashedPart(std::string_view key);

// CRC16 of the hashed part modulo 16384. O(bytes hashed).
Slot KeySlot(std::string_view key);

// Slots are 14 bits, so slot * count never exceeds 28.
inline constexpr int kSlotBits = 14;
static_assert(kSlotCount == 1 << kSlotBits);

// A partition count is 1..16384; callers validate configuration with this before they use the rest.
constexpr bool ValidPartitionCount(int partition_count) {
  return partition_count >= 1 && partition_count <= kSlotCount;
}

constexpr PartitionId PartitionOf(Slot slot, int partition_count) {
  return PartitionId(static_cast<uint16_t>(
      (static_cast<uint32_t>(slot.value()) * static_cast<uint32_t>(partition_count)) >> kSlotBits));
}

// The half-open run [first, end) of slots of a partition; `end` may be 16384, so both are plain
// ints.
struct SlotRun {
  int first = 0;
  int end = 0;
  constexpr int count() const { return end - first; }
  constexpr bool operator==(const SlotRun&) const = default;
};

// The slots of `partition`, which must be below `partition_count`.
constexpr SlotRun SlotsOf(PartitionId partition, int partition_count) {
  TORC_DCHECK(partition.value() < partition_count, "a partition of this data set");
  // The first slot s with floor(s * P / 16384) = p is ceil(p * 16384 / P).
  const auto first_of = [partition_count](int p) {
    return (p * kSlotCount + partition_count - 1) / partition_count;
  };
  return {.first = first_of(partition.value()), .end = first_of(partition.value() + 1)};
}

}  // namespace torc
