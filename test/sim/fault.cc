#include "sim/fault.h"

#include <algorithm>
#include <array>

namespace torc::sim {
namespace {

using Kind = Fault::Kind;

constexpr std::array<const char*, static_cast<size_t>(Kind::kCount)> kNames = {
    "kill",  "kill-all",  "power-loss",  "power-loss-all", "wipe",      "pause",
    "stall", "cut",       "cut-both",    "isolate",        "split",     "ring",
    "storm", "slow-disk", "clock-jump",  "move",           "hand-over", "reset",
    "chase", "estrange",  "move-across", "tug-of-war"};

int64_t Duration(Kind kind, Rng* rng) {
  switch (kind) {
    case Kind::kStall:
      return rng->Between(200'000, 3'000'000);
    case Kind::kKill:
    case Kind::kPowerLoss:
      return rng->Between(1'000, rng->Chance(0.5) ? 100'000 : 3'000'000);
    case Kind::kChase:
    case Kind::kEstrange:
    case Kind::kTugOfWar:
      return rng->Between(2'000'000, 8'000'000);
    case Kind::kMove:
    case Kind::kHandOver:
    case Kind::kClockJump:
    case Kind::kReset:
      return 0;
    default:
      return rng->Chance(0.3) ? rng->Between(5'000, 300'000) : rng->Between(300'000, 5'000'000);
  }
}

Fault Draw(Kind kind, const SimOptions& options, Rng* rng) {
  Fault fault;
  fault.kind = kind;
  fault.at = SimTime(rng->Between(1'500'000, options.faults_us));
  fault.duration_us = Duration(kind, rng);
  fault.a = static_cast<uint32_t>(rng->Below(options.nodes));
  fault.b = static_cast<uint32_t>(rng->Below(options.nodes));
  if (kind == Kind::kMove || kind == Kind::kHandOver || kind == Kind::kChase ||
      kind == Kind::kEstrange || kind == Kind::kMoveAcross || kind == Kind::kTugOfWar) {
    fault.a = static_cast<uint32_t>(rng->Below(options.groups));
    fault.b = static_cast<uint32_t>(rng->Next());
  }
  if (kind == Kind::kSplit) {
    fault.a = static_cast<uint32_t>(1 + rng->Below((1U << options.nodes) - 2));
  }
  if (kind == Kind::kSlowDisk) fault.b = static_cast<uint32_t>(rng->Between(5'000, 400'000));
  if (fault.a == fault.b) fault.b = (fault.b + 1) % options.nodes;
  return fault;
}

}  // namespace

std::string Describe(const Fault& fault) {
  return std::to_string(fault.at.value()) + " us for " + std::to_string(fault.duration_us) +
         " us: " + kNames[static_cast<size_t>(fault.kind)] + " " + std::to_string(fault.a) + " " +
         std::to_string(fault.b);
}

std::vector<Fault> PlanFaults(const SimOptions& options, Rng* rng) {
  std::vector<Fault> faults;
  for (size_t k = 0; k < static_cast<size_t>(Kind::kCount); ++k) {
    if (rng->Chance(0.5)) continue;
    const auto kind = static_cast<Kind>(k);
    const bool is_rare = kind == Kind::kKillAll || kind == Kind::kPowerLossAll;
    const bool is_routine = kind == Kind::kMove || kind == Kind::kHandOver;
    const int64_t count = rng->Between(1, is_rare ? 2 : is_routine ? 12 : 6);
    for (int64_t i = 0; i < count; ++i) faults.push_back(Draw(kind, options, rng));
  }
  std::sort(faults.begin(), faults.end(),
            [](const Fault& x, const Fault& y) { return x.at < y.at; });
  return faults;
}

SimOptions PlanOptions(Rng* rng) {
  SimOptions options;
  options.nodes = static_cast<uint32_t>(rng->Between(3, 7));
  options.groups = static_cast<uint32_t>(rng->Between(8, 12));
  options.copies = options.nodes >= 5 && rng->Chance(0.3) ? 5 : 3;
  options.clients = static_cast<uint32_t>(rng->Between(4, 16));
  options.think_us_mean = rng->Between(1'000, 20'000);
  options.sync_us = rng->Between(200, 8'000);
  options.clock_ppm_max = rng->Chance(0.5) ? 200 : 20'000;
  options.acks = rng->Chance(0.1) ? Acks::kOne : Acks::kMajority;
  options.checkpoint_every = static_cast<uint64_t>(rng->Between(8, 80));
  options.replica.log_entries_kept = static_cast<uint64_t>(rng->Between(0, 64));
  if (rng->Chance(0.6)) options.replica.log_bytes_kept_max = rng->Below(2'000);
  options.replica.durability = static_cast<Durability>(rng->Below(3));
  options.replica.promotion_lag_max = static_cast<uint64_t>(rng->Between(0, 64));
  options.replica.append_entries_max =
      static_cast<size_t>(rng->Between(1, rng->Chance(0.4) ? 1 : 64));
  options.replica.appends_in_flight_max = static_cast<size_t>(rng->Between(1, 16));
  if (rng->Chance(0.4)) {
    options.weather.loss = rng->Unit() * 0.05;
    options.weather.duplicate = rng->Unit() * 0.05;
    options.weather.straggle = rng->Unit() * 0.02;
  }
  // Some networks hold a message back for as long as a transport goes on trying.
  if (rng->Chance(0.5)) options.weather.straggle_us_max = 3'000'000;
  options.operate_us = rng->Between(20'000, 200'000);
  if (rng->Chance(0.5)) options.replica.election_us = rng->Between(400'000, 1'000'000);
  options.weather.delay_us_mean = rng->Between(50, 3'000);
  options.cuts_lose_sent = rng->Chance(0.5);
  options.encodes = rng->Chance(0.1);
  options.events_max = 400'000;
  return options;
}

}  // namespace torc::sim
