#include "redis-tests/differential/campaign.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/text.h"
#include "redis-tests/differential/dataset.h"
#include "redis-tests/differential/expiry_probe.h"
#include "redis-tests/differential/minimise.h"

namespace torc::differential {
namespace {

constexpr size_t kReplayBatchMax = 1000;
constexpr int kExperimentTimeoutMs = 1500;
constexpr size_t kRelatedMax = 60;  // commands that a report shows when it has no smallest stream

void Say(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

std::vector<Command> LastOf(std::vector<Command> commands, size_t count) {
  if (commands.size() > count)
    commands.erase(commands.begin(), commands.end() - static_cast<ptrdiff_t>(count));
  return commands;
}

}  // namespace

std::vector<std::string> RandomThresholds(Rng& rng) {
  const bool small = rng.Chance(0.5);
  const auto choose = [&](const char* usual, int64_t low, int64_t high) {
    return small ? std::to_string(rng.Between(low, high)) : std::string(usual);
  };
  return {"hash-max-listpack-entries", choose("128", 0, 10),        "hash-max-listpack-value",
          choose("64", 1, 50),         "zset-max-listpack-entries", choose("128", 0, 10),
          "zset-max-listpack-value",   choose("64", 1, 50),         "set-max-intset-entries",
          choose("512", 0, 10),        "list-max-listpack-size",    choose("-2", 1, 10),
          "stream-node-max-entries",   choose("100", 1, 10),        "stream-node-max-bytes",
          choose("4096", 30, 300),     "notify-keyspace-events",    ""};
}

bool Campaign::Run() {
  uint64_t done = 0;
  while (done < options_.commands) {
    const auto finding = RunEpoch(done);
    if (finding.has_value()) {
      Report(*finding);
      return false;
    }
    done += recorded_.size();
  }
  if (auto difference = ProbeExpiry(duel_)) {
    recorded_.clear();
    Report({.difference = *std::move(difference), .index = done});
    return false;
  }
  Say(Format("%llu commands, no difference", static_cast<unsigned long long>(done)));
  for (const auto& [known, count] : duel_->known_met()) {
    Say(Format("  known difference met %llu times: ", static_cast<unsigned long long>(count)) +
        std::string(known->command) + ": " + std::string(known->reason));
  }
  return true;
}

std::optional<Campaign::Finding> Campaign::RunEpoch(uint64_t first_index) {
  configuration_ = RandomThresholds(stream_->rng());
  recorded_.clear();
  reloads_done_ = 0;
  stream_->ForgetPending();
  const Status status = duel_->Reset(configuration_);
  if (!status.ok()) {
    return Finding{.difference = {.command = {.args = {"FLUSHALL"}}, .what = status.message()},
                   .index = first_index};
  }
  const uint64_t size = std::min(options_.epoch_commands, options_.commands - first_index);
  while (recorded_.size() < size) {
    std::vector<Command> batch = NextBatch(size);
    if (batch.size() > size - recorded_.size()) batch.resize(size - recorded_.size());
    auto difference = duel_->Run(batch);
    const size_t before = recorded_.size();
    recorded_.insert(recorded_.end(), std::make_move_iterator(batch.begin()),
                     std::make_move_iterator(batch.end()));
    if (!difference.has_value()) continue;
    recorded_.resize(before + difference->offset + 1);
    return Finding{.difference = *std::move(difference),
                   .index = first_index + recorded_.size() - 1};
  }
  if (auto difference = CompareDatasets(duel_)) {
    return Finding{.difference = *std::move(difference), .index = first_index + recorded_.size()};
  }
  if (options_.log) {
    if (auto difference = ReplayLog()) {
      return Finding{.difference = *std::move(difference), .index = first_index + recorded_.size()};
    }
  }
  return std::nullopt;
}

// Ours alone: what Redis's log does not tell (a group's entries-read, a key that a refused BITFIELD
// made) is lost to it, and must not be to us.
std::optional<Difference> Campaign::ReplayLog() {
  const testing::RespValue before = duel_->AskOurs({"DEBUG", "DIGEST"});
  const Command load = Reload("LOADAOF");
  const testing::RespValue loaded = duel_->AskOurs(load.args);
  const testing::RespValue after = duel_->AskOurs({"DEBUG", "DIGEST"});
  if (loaded.Is("OK") && after == before) return std::nullopt;
  return Difference{.command = load,
                    .what = "a replay of our log makes other data",
                    .ours = loaded.Print() + ": " + before.Print() + " became " + after.Print(),
                    // No command of the stream shows it: a minimisation has to add `load`.
                    .prelude = {Command{.args = {"PING"}}}};
}

Command Campaign::Reload(const char* from) const {
  return {.args = {"DEBUG", from},
          .check = Check::kReload,
          .client = duel_->control_client(),
          .starts_batch = true};
}

std::vector<Command> Campaign::NextBatch(uint64_t size) {
  const uint64_t due = size * (reloads_done_ + 1) / (options_.reloads + 1);
  if (reloads_done_ == options_.reloads || recorded_.size() < due) return stream_->NextBatch();
  ++reloads_done_;
  return {Reload("RELOAD")};
}

std::vector<Command> Campaign::FailingStream(const Difference& difference) const {
  std::vector<Command> commands = recorded_;
  if (difference.prelude.empty()) return commands;
  for (const Command& command : difference.prelude) commands.push_back(command);
  commands.push_back(difference.command);
  for (size_t i = recorded_.size(); i < commands.size(); ++i)
    commands[i].client = duel_->control_client();
  return commands;
}

std::optional<Difference> Campaign::Replay(const std::vector<Command>& commands) {
  if (!duel_->Reset(configuration_).ok()) return std::nullopt;
  const std::span<const Command> all(commands);
  size_t begin = 0;
  while (begin < all.size()) {
    size_t end = begin + 1;
    while (end < all.size() && end - begin < kReplayBatchMax &&
           all[end].client == all[begin].client && !all[end].starts_batch) {
      ++end;
    }
    if (auto difference = duel_->Run(all.subspan(begin, end - begin))) {
      difference->offset += begin;
      return difference;
    }
    begin = end;
  }
  return std::nullopt;
}

void Campaign::Report(const Finding& finding) {
  const Difference& difference = finding.difference;
  Say(Format("DIFFERENCE at command %llu of seed %llu: ",
             static_cast<unsigned long long>(finding.index),
             static_cast<unsigned long long>(options_.seed)) +
      difference.what);
  Say("  command: " + CliLine(difference.command.args));
  Say("  ours:    " + difference.ours);
  Say("  peer:    " + difference.peer);
  if (recorded_.empty()) return;
  // The data as they are now, before anything is tried: a count that differs does not say of what.
  const auto data = difference.prelude.empty() ? CompareDatasets(duel_) : std::nullopt;
  if (data.has_value()) {
    Say(data->what + ": " + CliLine(data->command.args));
    Say("  ours:    " + data->ours);
    Say("  peer:    " + data->peer);
  }
  if (!options_.minimise) return;
  const std::vector<Command> failing = FailingStream(difference);
  duel_->set_reply_timeout_ms(kExperimentTimeoutMs);
  const std::string name = CommandName(failing.back());
  const auto still_fails = [&](const std::vector<Command>& commands) {
    const auto shown = Replay(commands);
    return shown.has_value() && shown->offset + 1 == commands.size() &&
           CommandName(commands.back()) == name;
  };
  Say(Format("minimising %zu commands …", failing.size()));
  if (!still_fails(failing)) {
    Say("the difference does not show when the epoch is replayed: it depends on time or on "
        "threads. What named the same was:");
    std::vector<Command> named = failing;
    if (data.has_value()) named.push_back(data->command);
    PrintStream(LastOf(Related(named), kRelatedMax));
    Say(Format("run it again with --seed %llu --commands %llu",
               static_cast<unsigned long long>(options_.seed),
               static_cast<unsigned long long>(finding.index + 1)));
    return;
  }
  const std::vector<Command> smallest = Minimise(failing, still_fails);
  Say(Format("%zu commands show it, from FLUSHALL on, as redis-cli lines:", smallest.size()));
  PrintStream(smallest);
  if (const auto shown = Replay(smallest)) {
    Say("  ours:    " + shown->ours);
    Say("  peer:    " + shown->peer);
  }
}

void Campaign::PrintStream(const std::vector<Command>& commands) const {
  for (size_t i = 0; i + 1 < configuration_.size(); i += 2) {
    Say("  CONFIG SET " + configuration_[i] + " " + configuration_[i + 1]);
  }
  size_t client = commands.front().client + 1u;
  for (const Command& command : commands) {
    if (command.client != client) {
      client = command.client;
      Say(Format("  # client %zu, RESP%d", client, duel_->SpeaksResp3(client) ? 3 : 2));
    }
    Say("  " + CliLine(command.args));
  }
}

}  // namespace torc::differential
