#include "command/reply_queue.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"

namespace torc {
namespace {

std::string SendAll(ReplyQueue& queue, const ReleaseHorizon& horizon = {}) {
  const size_t ready_bytes = queue.ReadyBytes(horizon);
  std::string out(queue.front().view().substr(0, ready_bytes));
  queue.Consume(ready_bytes);
  return out;
}

TEST_CASE("a reply from elsewhere goes to its place, and what is behind it waits") {
  ReplyQueue queue;
  queue.bytes().Append("a");
  const uint64_t slot = queue.OpenSlot();
  queue.bytes().Append("c");
  CHECK(SendAll(queue) == "a");
  CHECK(SendAll(queue).empty());
  CHECK(queue.awaited() == 1);
  CHECK_FALSE(queue.empty());
  queue.Fill(slot, "b");
  CHECK(queue.awaited() == 0);
  CHECK(SendAll(queue) == "bc");
  CHECK(queue.empty());
}

TEST_CASE("replies that come in any order leave in the order of the commands") {
  constexpr uint64_t kSeed = 7;
  Rng rng(kSeed);
  for (int round = 0; round < 2000; ++round) {
    ReplyQueue queue;
    std::string expected;
    std::string sent;
    std::vector<std::pair<uint64_t, std::string>> open;
    const uint64_t steps = rng.Below(40);
    for (uint64_t step = 0; step < steps || !open.empty(); ++step) {
      const uint64_t choice = step < steps ? rng.Below(4) : 3;
      const std::string text = std::to_string(rng.Below(100000)) + ",";
      if (choice == 0) {
        queue.bytes().Append(text);
        expected += text;
      } else if (choice == 1) {
        open.emplace_back(queue.OpenSlot(), text);
        expected += text;
      } else if (choice == 2) {
        sent += SendAll(queue);
      } else if (!open.empty()) {
        const auto at = static_cast<std::ptrdiff_t>(rng.Below(open.size()));
        queue.Fill(open[static_cast<size_t>(at)].first, open[static_cast<size_t>(at)].second);
        open.erase(open.begin() + at);
      }
    }
    sent += SendAll(queue);
    CAPTURE(kSeed);
    CAPTURE(round);
    REQUIRE(sent == expected);
    REQUIRE(queue.empty());
    REQUIRE(queue.pending_bytes() == 0);
  }
}

TEST_CASE("a client that never waits makes nothing pile up") {
  ReplyQueue queue;
  std::vector<uint64_t> open = {queue.OpenSlot(), queue.OpenSlot()};
  std::string sent;
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    // The second of those that are open comes first, so that each reply waits for another.
    open.push_back(queue.OpenSlot());
    queue.Fill(open[1], "two ");
    queue.Fill(open[0], "one ");
    open.erase(open.begin(), open.begin() + 2);
    open.push_back(queue.OpenSlot());
    expected += "one two ";
    sent += SendAll(queue);
    CHECK(queue.pending_bytes() == 0);
  }
  CHECK(queue.awaited() == 2);
  CHECK(sent == expected);
}

TEST_CASE("an empty reply leaves nothing at its place") {
  ReplyQueue queue;
  const uint64_t slot = queue.OpenSlot();
  queue.bytes().Append("b");
  queue.Fill(slot, "");
  CHECK(SendAll(queue) == "b");
}

TEST_CASE("what was held for the disk stays held behind a reply from elsewhere") {
  ReplyQueue queue;
  const ReleaseCondition at_5{ReleaseCondition::Kind::kLogDurable, 5};
  const uint64_t slot = queue.OpenSlot();
  queue.bytes().Append("local");
  queue.HoldNew(at_5);
  queue.Fill(slot, "away ");
  CHECK(SendAll(queue, {.durable_position = 4}) == "away ");
  CHECK(queue.held());
  CHECK(SendAll(queue, {.durable_position = 5}) == "local");
}

TEST_CASE("what was held before a slot was opened holds the slot's reply back, too") {
  ReplyQueue queue;
  queue.bytes().Append("1");
  queue.HoldNew({ReleaseCondition::Kind::kLogDurable, 9});
  const uint64_t first = queue.OpenSlot();
  queue.bytes().Append("3");
  const uint64_t second = queue.OpenSlot();
  queue.Fill(second, "4");
  queue.Fill(first, "2");
  CHECK(SendAll(queue, {.durable_position = 8}).empty());
  CHECK(SendAll(queue, {.durable_position = 9}) == "1234");
}

}  // namespace
}  // namespace torc
