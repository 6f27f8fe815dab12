// Where a connection's bytes live: in the arena while a turn lasts, in its own block only when it
// must.
#include "net/input_buffer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/rng.h"
#include "net/read_arena.h"

namespace torc {
namespace {

TEST_CASE("bytes consumed within their turn are never copied") {
  InputBuffer input;
  const std::string turn = "one two";
  CHECK(input.ReadTarget(0).empty());
  input.Add(turn);
  CHECK(input.bytes().data() == turn.data());
  input.Consume(4);
  CHECK(input.bytes() == "two");
  input.Consume(3);
  input.Settle();
  CHECK(input.empty());
  CHECK(input.allocated_bytes() == 0);
}

TEST_CASE("a client's claim of a huge value takes no memory before its bytes come") {
  InputBuffer input;
  input.Add("*2\r\n$3\r\nGET\r\n$500000000\r\n");
  input.Settle();
  const auto room = input.ReadTarget(500'000'000);
  CHECK(room.size() >= 16 * 1024);
  CHECK(input.allocated_bytes() < 64 * 1024);
}

TEST_CASE("a second read of the same turn joins the first") {
  InputBuffer input;
  std::string arena = "first";
  input.Add(arena);
  const std::string more = " second";
  input.Add(more);
  arena.assign(5, '?');
  CHECK(input.bytes() == "first second");
}

TEST_CASE("random turns give the bytes in order and hold at most twice what is kept") {
  constexpr uint64_t kSeed = 5;
  CAPTURE(kSeed);
  Rng rng(kSeed);
  ReadArena arena;
  InputBuffer input;
  std::string model;
  uint8_t next = 0;
  for (int turn = 0; turn < 3000; ++turn) {
    for (uint64_t reads = rng.Below(3); reads > 0; --reads) {
      std::span<char> room = input.ReadTarget(rng.Below(100'000));
      const bool into_arena = room.empty();
      if (into_arena) room = arena.Offer();
      const size_t count = std::min<size_t>(room.size(), rng.Below(rng.Chance(0.1) ? 20'000 : 100));
      for (size_t i = 0; i < count; ++i) {
        room[i] = static_cast<char>(next++);
        model += room[i];
      }
      if (into_arena) arena.Take(count);
      input.Add({room.data(), count});
    }
    REQUIRE(input.bytes() == model);
    const size_t consumed = rng.Chance(0.3) ? model.size() : rng.Below(model.size() + 1);
    input.Consume(consumed);
    model.erase(0, consumed);
    input.Settle();
    arena.Reset();
    std::memset(arena.Offer().data(), '?', ReadArena::kOfferBytesMin);
    REQUIRE(input.bytes() == model);
    REQUIRE(input.allocated_bytes() <= (model.empty() ? 0 : 3 * model.size() + 110'000));
  }
}

TEST_CASE("the arena packs what was taken and is bounded") {
  ReadArena arena(2 * ReadArena::kRegionBytes);
  CHECK(arena.allocated_bytes() == 0);
  const auto first = arena.Offer();
  CHECK(first.size() == ReadArena::kOfferBytesMax);
  arena.Take(65);
  const auto second = arena.Offer();
  CHECK(second.data() == first.data() + 128);
  size_t taken = 0;
  for (auto offer = arena.Offer(); !offer.empty(); offer = arena.Offer()) {
    CHECK(offer.size() >= ReadArena::kOfferBytesMin);
    arena.Take(offer.size());
    taken += offer.size();
  }
  CHECK(taken <= 2 * ReadArena::kRegionBytes);
  CHECK(taken >= 2 * (ReadArena::kRegionBytes - ReadArena::kOfferBytesMin) - 128);
  CHECK(arena.allocated_bytes() == 2 * ReadArena::kRegionBytes);
  arena.Reset();
  CHECK(arena.Offer().data() == first.data());
}

}  // namespace
}  // namespace torc
