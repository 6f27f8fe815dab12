#include "redis-tests/differential/expiry_probe.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "support/server_process.h"

namespace torc::differential {
namespace {

using Ask = std::function<testing::RespValue(const std::vector<std::string>&)>;

constexpr int64_t kTtlMs = 120;
constexpr int kGoneWithinMs = 5'000;

// The ways to give a key of value v a short life: each list of commands leaves key k with the TTL.
std::vector<std::vector<std::vector<std::string>>> ShortLives(const std::string& ttl) {
  return {
      {{"SET", "k", "v", "PX", ttl}},
      {{"PSETEX", "k", ttl, "v"}},
      {{"SET", "k", "v"}, {"PEXPIRE", "k", ttl}},
      {{"SET", "k", "v"}, {"GETEX", "k", "PX", ttl}},
      {{"SET", "other", "v", "PX", ttl}, {"RENAME", "other", "k"}},
      {{"SET", "k", "v", "PX", ttl}, {"SET", "k", "v", "KEEPTTL"}},
      {{"SET", "other", "v", "PX", ttl}, {"COPY", "other", "k"}},
  };
}

// What is wrong with one short life; empty when nothing is.
std::string WatchOne(const Ask& ask, const std::vector<std::vector<std::string>>& commands) {
  ask({"FLUSHALL"});
  const int64_t begin_ms = testing::SteadyMs();
  for (const auto& command : commands) {
    if (const auto reply = ask(command); reply.IsError())
      return CliLine(command) + ": " + reply.Print();
  }
  const auto pttl = ask({"PTTL", "k"});
  const bool in_time = testing::SteadyMs() - begin_ms < kTtlMs;
  if (pttl.integer > kTtlMs) return "PTTL says " + pttl.Print();
  if (in_time && pttl.integer <= 0) return "gone at once, PTTL says " + pttl.Print();
  std::string wrong;
  const bool gone = testing::PollUntil(kGoneWithinMs, [&] {
    const auto value = ask({"GET", "k"});
    const int64_t age_ms = testing::SteadyMs() - begin_ms;
    if (value.is_null && age_ms < kTtlMs)
      wrong = Format("gone after %lld ms", static_cast<long long>(age_ms));
    if (!value.is_null && !value.Is("v")) wrong = "GET says " + value.Print();
    return value.is_null || !wrong.empty();
  });
  if (!gone) return "still there after its time";
  if (!wrong.empty()) return wrong;
  return ask({"EXISTS", "k"}).IsInteger(0) ? "" : "EXISTS after its time";
}

// Keys nobody asks for must go as well.
std::string WatchUntouched(const Ask& ask) {
  ask({"FLUSHALL"});
  for (int i = 0; i < 200; ++i)
    ask({"SET", Format("idle%d", i), "v", "PX", std::to_string(kTtlMs)});
  const bool empty =
      testing::PollUntil(kGoneWithinMs, [&] { return ask({"DBSIZE"}).IsInteger(0); });
  return empty ? "" : "keys past their time are still counted: DBSIZE " + ask({"DBSIZE"}).Print();
}

std::string Watch(const Ask& ask, std::string* last) {
  for (const auto& commands : ShortLives(std::to_string(kTtlMs))) {
    *last = CliLine(commands.back());
    if (std::string wrong = WatchOne(ask, commands); !wrong.empty()) return wrong;
  }
  *last = "keys with a TTL that nobody reads";
  return WatchUntouched(ask);
}

}  // namespace

std::optional<Difference> ProbeExpiry(Duel* duel) {
  std::string last;
  const auto report = [&](std::string ours, std::string peer) {
    Difference difference;
    difference.command.args = {"EXPIRY", last};
    difference.what = "a short time to live is not kept";
    difference.ours = std::move(ours);
    difference.peer = std::move(peer);
    return difference;
  };
  duel->AskOurs({"SELECT", "0"});
  duel->AskPeer({"SELECT", "0"});
  const std::string ours = Watch([&](const auto& args) { return duel->AskOurs(args); }, &last);
  if (!ours.empty()) return report(ours, "(not asked)");
  const std::string peer = Watch([&](const auto& args) { return duel->AskPeer(args); }, &last);
  if (!peer.empty()) return report("right", peer);
  return std::nullopt;
}

}  // namespace torc::differential
