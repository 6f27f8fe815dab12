#include "store/access_clock.h"

#include <doctest/doctest.h>

namespace torc {
namespace {

constexpr int64_t kStartMs = 1'700'000'000'000;

struct KeyWithClock {
  explicit KeyWithClock(uint32_t clock) : entry(Entry::New("key", {.clock = clock})) {}
  ~KeyWithClock() { Entry::Delete(entry); }
  KeyWithClock(const KeyWithClock&) = delete;
  KeyWithClock& operator=(const KeyWithClock&) = delete;
  Entry* const entry;
};

TEST_CASE("an entry keeps all bits of its clock, and its flags beside them") {
  Entry* entry = Entry::New("key", {.boxed = true, .inline_bytes = 8, .expiry_ms = 5});
  entry->set_mark(true);
  for (const uint32_t clock : {0U, 1U, 0x5a5a5a5U, AccessClock::kMask}) {
    entry->set_clock(clock);
    CHECK(entry->clock() == clock);
    CHECK(entry->boxed());
    CHECK(entry->has_expiry());
    CHECK(entry->mark());
  }
  entry->set_mark(false);
  CHECK(entry->clock() == AccessClock::kMask);
  CHECK(entry->type() == ValueType::kString);
  CHECK(entry->key() == "key");
  Entry::Delete(entry);
}

TEST_CASE("under LRU whole seconds of silence are exact, and order goes below a second") {
  const AccessClockOptions options;
  AccessClock clock(&options, 1);
  clock.SetNow(UnixMs(kStartMs + 333), ClockKind::kLru);
  const KeyWithClock key(clock.Fresh());
  for (const int64_t seconds : {1, 2, 3600, 86400 * 100}) {
    clock.SetNow(UnixMs(kStartMs + 333 + seconds * 1000), ClockKind::kLru);
    CHECK(clock.IdleMs(*key.entry) / 1000 == seconds);
  }
  const KeyWithClock older(clock.Fresh());
  clock.SetNow(UnixMs(clock.now().value() + 100), ClockKind::kLru);
  const KeyWithClock newer(clock.Fresh());
  CHECK(clock.Dispensability(*older.entry) > clock.Dispensability(*newer.entry));
  clock.Touch(older.entry);
  CHECK(clock.Dispensability(*older.entry) == clock.Dispensability(*newer.entry));
}

TEST_CASE("what RESTORE says of idle time and frequency is what is answered") {
  const AccessClockOptions options;
  AccessClock clock(&options, 1);
  clock.SetNow(UnixMs(kStartMs), ClockKind::kLru);
  const KeyWithClock idle(clock.ClockForIdleMs(1'234'000));
  CHECK(clock.IdleMs(*idle.entry) == 1'234'000);
  clock.SetNow(UnixMs(kStartMs), ClockKind::kLfu);
  const KeyWithClock used(clock.ClockForCount(200));
  CHECK(clock.DecayedCount(*used.entry) == 200);
}

TEST_CASE(
    "an LFU count starts at 5, grows ever more slowly, decays with minutes, and stays below "
    "256") {
  const AccessClockOptions options;
  AccessClock clock(&options, 1);
  clock.SetNow(UnixMs(kStartMs), ClockKind::kLfu);
  const KeyWithClock key(clock.Fresh());
  CHECK(clock.DecayedCount(*key.entry) == 5);
  clock.Touch(key.entry);
  CHECK(clock.DecayedCount(*key.entry) == 6);
  for (int i = 0; i < 100; ++i) clock.Touch(key.entry);
  // Redis's documentation gives 10 for a hundred hits at a factor of 10.
  const uint32_t after_100 = clock.DecayedCount(*key.entry);
  CHECK(after_100 >= 8);
  CHECK(after_100 <= 12);
  clock.SetNow(UnixMs(kStartMs + 3 * 60'000), ClockKind::kLfu);
  CHECK(clock.DecayedCount(*key.entry) == after_100 - 3);
  const KeyWithClock often(clock.ClockForCount(255));
  for (int i = 0; i < 100'000; ++i) clock.Touch(often.entry);
  CHECK(clock.DecayedCount(*often.entry) == 255);
}

TEST_CASE("keys used twice and eight times are told apart under LFU") {
  const AccessClockOptions options;
  AccessClock clock(&options, 7);
  clock.SetNow(UnixMs(kStartMs), ClockKind::kLfu);
  const KeyWithClock twice(clock.Fresh());
  const KeyWithClock often(clock.Fresh());
  for (int i = 0; i < 2; ++i) clock.Touch(twice.entry);
  for (int i = 0; i < 8; ++i) clock.Touch(often.entry);
  CHECK(clock.Dispensability(*twice.entry) > clock.Dispensability(*often.entry));
}

TEST_CASE("under FIFO being read changes nothing, and a written value is new") {
  const AccessClockOptions options;
  AccessClock clock(&options, 1);
  clock.SetNow(UnixMs(kStartMs), ClockKind::kFifo);
  const KeyWithClock key(clock.Fresh());
  clock.SetNow(UnixMs(kStartMs + 5000), ClockKind::kFifo);
  clock.Touch(key.entry);
  CHECK(clock.IdleMs(*key.entry) == 5000);
  key.entry->set_clock(clock.Rewritten(*key.entry));
  CHECK(clock.IdleMs(*key.entry) == 0);
}

}  // namespace
}  // namespace torc
