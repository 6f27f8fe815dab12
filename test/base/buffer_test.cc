// Buffer against a std::string model, and the promises its users lean on: no block when empty,
// bounded movement of bytes, room that is used before it grows.
#include "base/buffer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/rng.h"

namespace torc {
namespace {

TEST_CASE("an empty buffer has no block and gives an empty view") {
  Buffer buffer;
  CHECK(buffer.empty());
  CHECK(buffer.capacity() == 0);
  CHECK(buffer.allocated_bytes() == 0);
  CHECK(buffer.view().empty());
  buffer.Append("");
  buffer.Consume(0);
  buffer.Clear();
  CHECK(buffer.capacity() == 0);
}

TEST_CASE("clear keeps the block and release gives it back") {
  Buffer buffer;
  buffer.Append("hello");
  const size_t capacity = buffer.capacity();
  CHECK(capacity >= 5);
  buffer.Clear();
  CHECK(buffer.capacity() == capacity);
  CHECK(buffer.empty());
  buffer.Append("again");
  CHECK(buffer.view() == "again");
  buffer.Release();
  CHECK(buffer.capacity() == 0);
  CHECK(buffer.view().empty());
}

TEST_CASE("reserved room may be filled in part") {
  Buffer buffer;
  buffer.Append("ab");
  char* room = buffer.Reserve(100);
  room[0] = 'c';
  buffer.Commit(1);
  CHECK(buffer.view() == "abc");
  CHECK(buffer.free_bytes() >= 99);
}

TEST_CASE("moving and swapping carry the bytes along") {
  Buffer a;
  a.Append("first");
  Buffer b(std::move(a));
  CHECK(b.view() == "first");
  a = Buffer();
  a.Append("second");
  a.Swap(b);
  CHECK(a.view() == "first");
  CHECK(b.view() == "second");
  b = std::move(a);
  CHECK(b.view() == "first");
}

TEST_CASE("a buffer drained in small pieces while it is filled does not grow without end") {
  Buffer buffer;
  const std::string piece(100, 'x');
  size_t capacity_max = 0;
  for (int i = 0; i < 100000; ++i) {
    buffer.Append(piece);
    if (buffer.size() > 1000) buffer.Consume(buffer.size() - 950);
    capacity_max = std::max(capacity_max, buffer.capacity());
  }
  CHECK(capacity_max <= 8192);
}

TEST_CASE("appending byte by byte changes the block a logarithmic number of times") {
  Buffer buffer;
  int changes = 0;
  size_t capacity = 0;
  for (int i = 0; i < 1 << 20; ++i) {
    buffer.Append("x");
    if (buffer.capacity() != capacity) ++changes;
    capacity = buffer.capacity();
  }
  CHECK(changes <= 20);
}

TEST_CASE("random operations agree with a string") {
  constexpr uint64_t kSeed = 7;
  CAPTURE(kSeed);
  Rng rng(kSeed);
  Buffer buffer;
  std::string model;
  for (int step = 0; step < 20000; ++step) {
    const uint64_t what = rng.Below(100);
    const size_t n = static_cast<size_t>(rng.Below(rng.Chance(0.02) ? 5000 : 60));
    if (what < 50) {
      const std::string more(n, static_cast<char>('a' + rng.Below(26)));
      buffer.Append(more);
      model += more;
    } else if (what < 95) {
      const size_t drop = std::min(n, model.size());
      buffer.Consume(drop);
      model.erase(0, drop);
    } else if (what < 97) {
      const size_t keep = model.empty() ? 0 : static_cast<size_t>(rng.Below(model.size()));
      buffer.Truncate(keep);
      model.resize(keep);
    } else if (what < 99) {
      std::fill_n(buffer.Reserve(n + 1), n + 1, 'z');
      buffer.Commit(n);
      model.append(n, 'z');
    } else {
      rng.Chance(0.5) ? buffer.Clear() : buffer.Release();
      model.clear();
    }
    REQUIRE(buffer.view() == model);
    REQUIRE(buffer.capacity() >= buffer.size());
  }
}

}  // namespace
}  // namespace torc
