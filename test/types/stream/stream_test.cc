// The value against a map, with random operations; the seed is printed when they differ.

#include "types/stream/stream.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"

namespace torc {
namespace {

using Texts = std::vector<std::string>;
using Model = std::map<StreamId, Texts>;

Texts TextsOf(const StreamEntry& entry) {
  Texts texts;
  entry.ForEachPair([&](const StreamElement& field, const StreamElement& value) {
    texts.emplace_back(StreamElementText(field).view());
    texts.emplace_back(StreamElementText(value).view());
  });
  return texts;
}

void CheckEqual(const StreamValue& stream, const Model& model) {
  stream.CheckInvariants();
  REQUIRE(stream.length() == model.size());
  auto expected = model.begin();
  for (StreamWalk walk(stream, kStreamIdMin, kStreamIdMax); !walk.AtEnd(); walk.Next()) {
    REQUIRE(expected != model.end());
    REQUIRE(walk.entry().id() == expected->first);
    REQUIRE(TextsOf(walk.entry()) == expected->second);
    ++expected;
  }
  REQUIRE(expected == model.end());
  auto backward = model.rbegin();
  for (StreamWalk walk(stream, kStreamIdMin, kStreamIdMax, StreamWalk::Direction::kBackward);
       !walk.AtEnd(); walk.Next()) {
    REQUIRE(walk.entry().id() == backward->first);
    ++backward;
  }
  REQUIRE(backward == model.rend());
  REQUIRE(stream.first_id() == (model.empty() ? StreamId{} : model.begin()->first));
  REQUIRE(stream.top_id() == (model.empty() ? StreamId{} : model.rbegin()->first));
}

class Driver {
 public:
  explicit Driver(uint64_t seed) : rng_(seed) {
    limits_.stream_node_entries = rng_.Between(0, 12);
    limits_.stream_node_bytes = rng_.Chance(0.5) ? 4096 : rng_.Between(0, 400);
  }

  void Step() {
    switch (rng_.Below(8)) {
      case 0:
        return Remove();
      case 1:
        return rng_.Chance(0.2) ? TrimToLength() : TrimToId();
      case 2:
        return CheckRange();
      default:
        return Append();
    }
  }
  uint64_t Below(uint64_t bound) { return rng_.Below(bound); }
  StreamValue stream;
  Model model;

 private:
  std::string Text() {
    switch (rng_.Below(6)) {
      case 0:
        return std::to_string(rng_.Between(-5000, 5000));
      case 1:
        return std::to_string(static_cast<int64_t>(rng_.Next()));
      case 2:
        return std::string(rng_.Below(300), 'x');
      case 3:
        return std::string(rng_.Below(20) == 0 ? 5000 : 0, 'y');
      default:
        return std::string(1, static_cast<char>('a' + rng_.Below(3)));
    }
  }
  StreamId SomeId() { return {rng_.Below(stream.last_id.ms + 2), rng_.Below(3)}; }
  void Append() {
    const StreamId id{stream.last_id.ms + rng_.Below(3), stream.last_id.seq + 1 + rng_.Below(300)};
    Texts texts;
    const uint64_t pairs = 1 + rng_.Below(3);
    for (uint64_t i = 0; i < pairs; ++i) {
      texts.push_back(rng_.Chance(0.8) ? "f" + std::to_string(i) : Text());
      texts.push_back(Text());
    }
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    stream.Append(id, views, limits_);
    model[id] = texts;
  }
  void Remove() {
    StreamId id = SomeId();
    const auto near = model.lower_bound(id);
    if (near != model.end() && rng_.Chance(0.8)) id = near->first;
    REQUIRE(stream.Contains(id) == model.contains(id));
    REQUIRE(stream.Remove(id) == (model.erase(id) == 1));
  }
  void TrimToLength() {
    const uint64_t length = rng_.Below(model.size() + 2);
    const size_t before = model.size();
    while (model.size() > length) model.erase(model.begin());
    const uint64_t removed = stream.Trim({.by = StreamTrim::By::kLength, .length_max = length});
    REQUIRE(removed == before - model.size());
  }
  void TrimToId() {
    const StreamId id = model.empty() || rng_.Chance(0.1) ? SomeId() : model.begin()->first;
    const StreamId min{id.ms + rng_.Below(5), rng_.Below(200)};
    const size_t before = model.size();
    model.erase(model.begin(), model.lower_bound(min));
    REQUIRE(stream.Trim({.by = StreamTrim::By::kId, .id_min = min}) == before - model.size());
  }
  void CheckRange() {
    StreamId low = SomeId();
    StreamId high = SomeId();
    if (high < low) std::swap(low, high);
    auto expected = model.lower_bound(low);
    for (StreamWalk walk(stream, low, high); !walk.AtEnd(); walk.Next(), ++expected) {
      REQUIRE(expected->first == walk.entry().id());
    }
    REQUIRE((expected == model.end() || expected->first > high));
  }

  Rng rng_;
  ValueLimits limits_;
};

TEST_CASE("a stream holds what a map would, whatever happens to it") {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Driver driver(seed);
    for (int i = 0; i < 400; ++i) driver.Step();
    CheckEqual(driver.stream, driver.model);
  }
}

TEST_CASE("a clone keeps what it was made of while the original is written, and the other way") {
  for (uint64_t seed = 100; seed <= 130; ++seed) {
    CAPTURE(seed);
    Driver driver(seed);
    for (int i = 0; i < 200; ++i) driver.Step();
    const auto clone = driver.stream.Clone();
    const Model then = driver.model;
    for (int i = 0; i < 200; ++i) driver.Step();
    CheckEqual(*clone, then);
    CheckEqual(driver.stream, driver.model);
    while (clone->FreeSome(1 + driver.Below(20))) {
    }
    CheckEqual(driver.stream, driver.model);
  }
}

TEST_CASE("approximate trimming removes whole blocks only, and no more than its limit") {
  StreamValue stream;
  ValueLimits limits;
  limits.stream_node_entries = 10;
  const std::vector<std::string_view> pairs = {"f", "v"};
  for (uint64_t i = 1; i <= 100; ++i) stream.Append({i, 0}, pairs, limits);
  CHECK(stream.block_count() == 10);
  StreamTrim trim{.by = StreamTrim::By::kLength, .approximate = true, .length_max = 55};
  CHECK(stream.Trim(trim) == 40);
  CHECK(stream.length() == 60);
  trim.length_max = 5;
  trim.limit = 25;
  CHECK(stream.Trim(trim) == 20);
  CHECK(stream.length() == 40);
}

TEST_CASE("entries with the fields of the first one take less than in Redis's listpacks") {
  StreamValue stream;
  const ValueLimits limits;
  const std::vector<std::string_view> pairs = {"level", "3", "host", "web-17", "took", "1250"};
  for (uint64_t i = 1; i <= 10'000; ++i)
    stream.Append({1'700'000'000'000 + i * 13, 0}, pairs, limits);
  const double bytes = static_cast<double>(stream.size_bytes()) / 10'000;
  // The values alone are 11 bytes; Redis's listpacks take 26.
  CHECK(bytes < 19);
}

}  // namespace
}  // namespace torc
