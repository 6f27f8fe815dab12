// A consumer group against maps, with random operations.

#include "types/stream/stream_group.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>

#include "base/rng.h"

namespace torc {
namespace {

struct Expected {
  std::string consumer;
  uint64_t deliveries;
};
using Model = std::map<StreamId, Expected>;

void CheckEqual(const ConsumerGroup& group, const Model& model) {
  group.CheckInvariants();
  REQUIRE(group.pending_count() == model.size());
  auto expected = model.begin();
  group.pending().ForEach([&](const PendingEntry& entry) {
    REQUIRE(entry.id == expected->first);
    REQUIRE(group.consumer(entry.consumer).name == expected->second.consumer);
    REQUIRE(entry.deliveries == expected->second.deliveries);
    ++expected;
  });
}

class Driver {
 public:
  explicit Driver(uint64_t seed) : rng_(seed) {}

  void Step(ConsumerGroup& group) {
    const StreamId id{rng_.Below(200), 0};
    const std::string name = "c" + std::to_string(rng_.Below(5));
    switch (rng_.Below(12)) {
      case 0: {
        const auto number = group.FindConsumer(name);
        if (!number) return;
        group.RemoveConsumer(*number);
        std::erase_if(model, [&](const auto& one) { return one.second.consumer == name; });
        return;
      }
      case 1:
      case 2:
      case 3:
        REQUIRE(group.RemovePending(id) == (model.erase(id) == 1));
        return;
      default: {
        const auto known = group.FindConsumer(name);
        const uint32_t number = known ? *known : group.AddConsumer(name, 5);
        const uint64_t deliveries = rng_.Below(9);
        group.SetPending({.id = id, .deliveries = deliveries, .consumer = number});
        model[id] = {name, deliveries};
      }
    }
  }
  Model model;

 private:
  Rng rng_;
};

TEST_CASE("a group knows what is pending for whom, and so does its copy") {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Driver driver(seed);
    auto group = Shared<ConsumerGroup>::Make("g", StreamId{}, 0);
    for (int i = 0; i < 300; ++i) driver.Step(group.Write());
    CheckEqual(*group, driver.model);
    const Shared<ConsumerGroup> copy = group;
    const Model then = driver.model;
    for (int i = 0; i < 300; ++i) driver.Step(group.Write());
    CheckEqual(*copy, then);
    CheckEqual(*group, driver.model);
  }
}

TEST_CASE("consumers and groups are listed by name, whatever their numbers") {
  ConsumerGroups groups;
  for (const char* name : {"m", "a", "z", "b"}) CHECK(groups.Add(name, {}, 0));
  CHECK_FALSE(groups.Add("z", {}, 0));
  CHECK(groups[0].name() == "a");
  CHECK(groups[3].name() == "z");
  CHECK(*groups.Find("m") == 2);
  CHECK_FALSE(groups.Find("c"));
  ConsumerGroup& group = groups.Write(0);
  for (const char* name : {"y", "x", "w"}) group.AddConsumer(name, 0);
  group.RemoveConsumer(*group.FindConsumer("x"));
  group.AddConsumer("a", 0);
  std::string names;
  for (const uint32_t number : group.consumers_by_name()) names += group.consumer(number).name;
  CHECK(names == "awy");
}

}  // namespace
}  // namespace torc
