// Slots of keys against values published in Redis Cluster's specification and against `CLUSTER
// KEYSLOT` of a Redis 7 server; partitions against their definition, exhaustively.
#include "base/key_slot.h"

#include <doctest/doctest.h>

#include <string>

namespace torc {
namespace {

TEST_CASE("a key's slot is the CRC16 of the key modulo 16384") {
  CHECK(KeySlot("123456789") == Slot(0x31c3));
  CHECK(KeySlot("foo") == Slot(12182));
  CHECK(KeySlot("bar") == Slot(5061));
  CHECK(KeySlot("") == Slot(0));
  CHECK(KeySlot("foo{}{bar}") == Slot(8363));
  CHECK(KeySlot("foo{{bar}}zap") == Slot(4015));
}

TEST_CASE("only the first tag of a key is hashed, and an empty tag is none") {
  CHECK(HashedPart("{user1000}.following") == "user1000");
  CHECK(HashedPart("foo{}{bar}") == "foo{}{bar}");
  CHECK(HashedPart("foo{{bar}}zap") == "{bar");
  CHECK(HashedPart("foo{bar}{zap}") == "bar");
  CHECK(HashedPart("foo{bar") == "foo{bar");
  CHECK(HashedPart("foo}bar{") == "foo}bar{");
  CHECK(HashedPart("}{a}") == "a");
  CHECK(HashedPart("{}") == "{}");
  CHECK(KeySlot("{user1000}.following") == KeySlot("{user1000}.followers"));
  CHECK(KeySlot("a{foo}b") == KeySlot("foo"));
}

TEST_CASE("a tag may hold any bytes, zeros and high bits included") {
  const std::string tag("\0\xff\n", 3);
  CHECK(KeySlot("x{" + tag + "}y") == KeySlot(tag));
}

TEST_CASE(
    "partitions are runs of slots that cover everything once and differ by one slot at most") {
  for (const int count :
       {1, 2, 3, 5, 7, 16, 100, 255, 256, 1000, 1024, 4096, 10000, 16383, 16384}) {
    CAPTURE(count);
    int next = 0;
    bool agrees = true;
    for (int p = 0; p < count; ++p) {
      const PartitionId partition(static_cast<uint16_t>(p));
      const SlotRun run = SlotsOf(partition, count);
      agrees = agrees && run.first == next && run.count() >= kSlotCount / count &&
               run.count() <= kSlotCount / count + 1;
      for (int slot = run.first; slot < run.end; ++slot) {
        agrees = agrees && PartitionOf(Slot(static_cast<uint16_t>(slot)), count) == partition;
      }
      next = run.end;
    }
    CHECK(agrees);
    CHECK(next == kSlotCount);
  }
}

TEST_CASE("partition counts outside 1..16384 are not valid") {
  CHECK_FALSE(ValidPartitionCount(0));
  CHECK(ValidPartitionCount(1));
  CHECK(ValidPartitionCount(16384));
  CHECK_FALSE(ValidPartitionCount(16385));
  CHECK_FALSE(ValidPartitionCount(-1));
}

}  // namespace
}  // namespace torc
