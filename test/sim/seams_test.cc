// The simulator's own parts: order of events, clocks, and the network's weather.
#include <doctest/doctest.h>

#include "sim/event_queue.h"
#include "sim/sim_network.h"

namespace torc::sim {
namespace {

TEST_CASE("events come out by time, and in order of insertion within one instant") {
  EventQueue queue;
  queue.Push(SimTime(20), EventKind::kTick, 0, 0, 0);
  queue.Push(SimTime(10), EventKind::kTick, 1, 0, 0);
  queue.Push(SimTime(20), EventKind::kTick, 2, 0, 0);
  CHECK(queue.Pop().node == 1);
  CHECK(queue.Pop().node == 0);
  CHECK(queue.Pop().node == 2);
  CHECK(queue.empty());
}

TEST_CASE("a slot is reused once its object was taken") {
  SlotPool<int> pool;
  const uint32_t a = pool.Put(1);
  const uint32_t b = pool.Put(2);
  CHECK(pool.Take(a) == 1);
  CHECK(pool.Put(3) == a);
  CHECK(pool.Take(b) == 2);
}

TEST_CASE("a node's monotone clock drifts by its rate and a wall jump does not touch it") {
  NodeClock clock(1'000, 20'000, 0);  // 2 % fast
  CHECK(clock.Mono(SimTime(1'000'000)) - clock.Mono(SimTime(0)) == 1'020'000);
  CHECK(clock.TrueTime(clock.Mono(SimTime(5'000'000))).value() == doctest::Approx(5'000'000));
  const MonoUs before = clock.Mono(SimTime(7));
  const UnixMs wall = clock.Wall(SimTime(7));
  clock.JumpWall(-60'000);
  CHECK(clock.Mono(SimTime(7)) == before);
  CHECK(clock.Wall(SimTime(7)) - wall == -60'000);
}

TEST_CASE("a cut link loses everything in its direction only, until every cut is mended") {
  SimNetwork network(3);
  Rng rng(1);
  network.Cut(0, 1);
  network.Cut(0, 1);
  CHECK(network.Send(0, 1, &rng).count == 0);
  CHECK(network.Send(1, 0, &rng).count == 1);
  network.Mend(0, 1);
  CHECK(network.Send(0, 1, &rng).count == 0);
  network.Mend(0, 1);
  CHECK(network.Send(0, 1, &rng).count == 1);
}

TEST_CASE("loss and duplication come at about their rates, delays within their bounds") {
  SimNetwork network(2);
  network.set_weather({.loss = 0.2, .duplicate = 0.1});
  Rng rng(7);
  int lost = 0;
  int doubled = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Deliveries d = network.Send(0, 1, &rng);
    lost += d.count == 0 ? 1 : 0;
    doubled += d.count == 2 ? 1 : 0;
    for (int k = 0; k < d.count; ++k) {
      CHECK(d.delay_us[static_cast<size_t>(k)] >= 100);
      CHECK(d.delay_us[static_cast<size_t>(k)] <= 700);
    }
  }
  CHECK(lost > 1'800);
  CHECK(lost < 2'200);
  CHECK(doubled > 650);
  CHECK(doubled < 950);
}

}  // namespace
}  // namespace torc::sim
