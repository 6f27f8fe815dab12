// The loop itself: work from other threads, timers, signals, clocks.
#include "net/event_loop.h"

#include <doctest/doctest.h>

#include <csignal>
#include <optional>
#include <thread>
#include <vector>

#include "net/clock.h"
#include "net/net_support.h"
#include "net/signal_watcher.h"
#include "net/timer.h"

namespace torc {
namespace {

TEST_CASE("work posted by other threads runs on the loop's thread, in order") {
  auto loop = std::move(EventLoop::Create()).value();
  const auto loop_thread = std::this_thread::get_id();
  std::vector<int> order;
  bool all_here = true;
  std::thread poster([&] {
    for (int i = 0; i < 1000; ++i) {
      loop->Post([&, i] {
        order.push_back(i);
        all_here = all_here && std::this_thread::get_id() == loop_thread;
      });
    }
  });
  const bool done = RunUntil(loop.get(), [&] { return order.size() == 1000; });
  poster.join();
  REQUIRE(done);
  CHECK(all_here);
  for (int i = 0; i < 1000; ++i) REQUIRE(order[static_cast<size_t>(i)] == i);
}

TEST_CASE("a wake-up or a stop before the wait is not lost") {
  auto loop = std::move(EventLoop::Create()).value();
  loop->Wake();
  loop->RunOnce(EventLoop::Wait::kForEvent);
  CHECK_FALSE(loop->stop_requested());
  loop->RequestStop();
  loop->RunOnce(EventLoop::Wait::kForEvent);
  CHECK(loop->stop_requested());
}

TEST_CASE("a one-shot timer fires once, a repeating one until it is stopped") {
  auto loop = std::move(EventLoop::Create()).value();
  int once = 0;
  int repeated = 0;
  Timer single(loop.get(), [&] { ++once; });
  Timer repeating(loop.get(), [&] { ++repeated; });
  CHECK_FALSE(single.active());
  const MonoUs begin = MonotonicNow();
  single.StartOnce(5);
  repeating.StartRepeating(2);
  CHECK(single.active());
  REQUIRE(RunUntil(loop.get(), [&] { return once == 1 && repeated >= 5; }));
  CHECK(MonotonicNow() - begin >= 9'000);
  CHECK_FALSE(single.active());
  repeating.Stop();
  const int seen = repeated;
  single.StartOnce(10);
  REQUIRE(RunUntil(loop.get(), [&] { return once == 2; }));
  CHECK(repeated == seen);
}

TEST_CASE("a timer may destroy itself, or start itself again, when it is due") {
  auto loop = std::move(EventLoop::Create()).value();
  int fired = 0;
  std::optional<Timer> timer;
  timer.emplace(loop.get(), [&] {
    if (++fired < 3) return timer->StartOnce(1);
    timer.reset();
  });
  timer->StartOnce(0);
  REQUIRE(RunUntil(loop.get(), [&] { return !timer.has_value(); }));
  CHECK(fired == 3);
}

TEST_CASE("time spent outside the loop does not shorten a timer") {
  auto loop = std::move(EventLoop::Create()).value();
  loop->RunOnce(EventLoop::Wait::kDontWait);
  const MonoUs busy_until = MonotonicNow() + 20'000;
  while (MonotonicNow() < busy_until) {
  }
  bool due = false;
  Timer timer(loop.get(), [&] { due = true; });
  const MonoUs begin = MonotonicNow();
  timer.StartOnce(10);
  REQUIRE(RunUntil(loop.get(), [&] { return due; }));
  CHECK(MonotonicNow() - begin >= 9'000);
}

TEST_CASE("a signal becomes a callback") {
  auto loop = std::move(EventLoop::Create()).value();
  int signals = 0;
  auto watcher = SignalWatcher::Watch(loop.get(), SIGUSR2, [&] { ++signals; });
  REQUIRE(watcher.ok());
  std::raise(SIGUSR2);
  REQUIRE(RunUntil(loop.get(), [&] { return signals == 1; }));
  CHECK_FALSE(SignalWatcher::Watch(loop.get(), SIGKILL, [] {}).ok());
}

TEST_CASE("the clocks are the system's") {
  const MonoUs first = MonotonicNow();
  CHECK(MonotonicNow() >= first);
  // 2020-01-01 and 2100-01-01.
  CHECK(WallClockNow() > UnixMs(1577836800000));
  CHECK(WallClockNow() < UnixMs(4102444800000));
}

}  // namespace
}  // namespace torc
