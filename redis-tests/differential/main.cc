// differential: the same random commands to two servers, every reply compared. See
// redis-tests/README.md.

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "redis-tests/differential/campaign.h"
#include "redis-tests/differential/contestant.h"
#include "redis-tests/differential/duel.h"
#include "redis-tests/differential/groups/groups.h"
#include "redis-tests/differential/stream.h"
#include "support/server_process.h"

namespace torc::differential {
namespace {

constexpr const char* kUsage =
    "differential [flags]: the same random commands to two servers, every reply compared\n"
    "  --ours WHERE        server under test: a port of 127.0.0.1 or a binary to start (needed)\n"
    "  --peer WHERE        the server that is right (redis-server)\n"
    "  --ours-arg ARG      passed to our binary; may be given several times\n"
    "  --peer-arg ARG      passed to the peer's binary\n"
    "  --seed N            the stream (1)\n"
    "  --commands N        how many (100000)\n"
    "  --groups A,B        command groups (all)\n"
    "  --clients N         connections (5)\n"
    "  --protocol 2|3|both RESP2, RESP3, or half of the clients each (both)\n"
    "  --epoch N           commands between two looks at all data (50000)\n"
    "  --reloads N         times in each epoch that both servers load their data again (0)\n"
    "  --log               both keep an append-only log; ours is replayed after each epoch\n"
    "  --patience S        seconds that a reply may take (as a busy machine needs)\n"
    "  --no-places         do not compare where messages come among replies (several shards)\n"
    "  --no-minimise       only report the first difference\n"
    "  --list-groups       the names of all groups\n"
    "  --print N           print N commands of the stream instead of running it\n";

struct Flags {
  std::string ours;
  std::string peer = "redis-server";
  std::vector<std::string> ours_args = {"--enable-debug-command", "yes"};
  std::vector<std::string> peer_args = {"--enable-debug-command", "yes"};
  std::string groups = "all";
  CampaignOptions campaign;
  DuelOptions duel;
  uint64_t print = 0;
  bool list_groups = false;
};

bool SetProtocol(std::string_view value, Flags* flags) {
  if (value == "2") flags->duel.protocols = Protocols::kResp2;
  if (value == "3") flags->duel.protocols = Protocols::kResp3;
  return value == "2" || value == "3" || value == "both";
}

bool SetNumber(std::string_view name, uint64_t number, Flags* flags) {
  if (name == "--seed") {
    flags->campaign.seed = number;
  } else if (name == "--commands") {
    flags->campaign.commands = number;
  } else if (name == "--epoch") {
    flags->campaign.epoch_commands = number;
  } else if (name == "--reloads") {
    flags->campaign.reloads = number;
  } else if (name == "--patience" && number >= 1 && number <= 3600) {
    flags->duel.reply_timeout_ms = static_cast<int>(number * 1000);
  } else if (name == "--print") {
    flags->print = number;
  } else if (name == "--clients" && number >= 1 && number <= 1000) {
    flags->duel.clients = static_cast<uint16_t>(number);
  } else {
    return false;
  }
  return true;
}

bool SetFlag(std::string_view name, std::string_view value, Flags* flags) {
  if (name == "--protocol") return SetProtocol(value, flags);
  if (const auto number = ParseUint64(value); number && SetNumber(name, *number, flags))
    return true;
  if (name == "--ours") {
    flags->ours = value;
  } else if (name == "--peer") {
    flags->peer = value;
  } else if (name == "--ours-arg") {
    flags->ours_args.emplace_back(value);
  } else if (name == "--peer-arg") {
    flags->peer_args.emplace_back(value);
  } else if (name == "--groups") {
    flags->groups = value;
  } else {
    return false;
  }
  return true;
}

// A log is rewritten early, so that loading it takes no longer than an epoch does.
void KeepLog(Flags* flags) {
  flags->campaign.log = true;
  for (auto* args : {&flags->ours_args, &flags->peer_args}) {
    for (const char* word :
         {"--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-min-size", "4mb"}) {
      args->emplace_back(word);
    }
  }
}

std::optional<Flags> ParseFlags(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--no-minimise") {
      flags.campaign.minimise = false;
    } else if (name == "--no-places") {
      flags.duel.message_places = false;
    } else if (name == "--log") {
      KeepLog(&flags);
    } else if (name == "--list-groups") {
      flags.list_groups = true;
    } else if (i + 1 >= argc || !SetFlag(name, argv[i + 1], &flags)) {
      std::fprintf(stderr, "bad flag: %s\n%s", argv[i], kUsage);
      return std::nullopt;
    } else {
      ++i;
    }
  }
  return flags;
}

void PrintCommands(const Grammar& grammar, const Flags& flags) {
  CommandStream stream(&grammar, flags.campaign.seed, flags.duel.clients);
  for (uint64_t printed = 0; printed < flags.print;) {
    for (const Command& command : stream.NextBatch()) {
      std::printf("%s\n", CliLine(command.args).c_str());
      if (++printed == flags.print) return;
    }
  }
}

int RunDuel(const Grammar& grammar, const Flags& flags) {
  auto peer = Contestant::Open("peer", flags.peer, flags.peer_args);
  auto ours = Contestant::Open("ours", flags.ours, flags.ours_args);
  for (const auto* side : {&ours, &peer}) {
    if (side->ok()) continue;
    std::fprintf(stderr, "%s\n", side->status().message().c_str());
    return 2;
  }
  std::printf("ours %s (%s), peer %s (%s), seed %llu, groups %s\n", flags.ours.c_str(),
              ours->version().c_str(), flags.peer.c_str(), peer->version().c_str(),
              static_cast<unsigned long long>(flags.campaign.seed), flags.groups.c_str());
  std::fflush(stdout);
  Duel duel(&*ours, &*peer, flags.duel);
  CommandStream stream(&grammar, flags.campaign.seed, flags.duel.clients);
  const int64_t begin_ms = testing::SteadyMs();
  const bool agreed = Campaign(&duel, &stream, flags.campaign).Run();
  const double seconds = static_cast<double>(testing::SteadyMs() - begin_ms) / 1000;
  std::printf("%.1f s, %.0f commands/s to each server\n", seconds,
              static_cast<double>(duel.commands_run()) / seconds);
  return agreed ? 0 : 1;
}

int Main(int argc, char** argv) {
  const auto flags = ParseFlags(argc, argv);
  if (!flags.has_value()) return 2;
  if (flags->list_groups) {
    for (const Group& group : AllGroups()) std::printf("%s\n", std::string(group.name).c_str());
    return 0;
  }
  std::vector<Group> groups = GroupsNamed(flags->groups);
  if (groups.empty() || (flags->ours.empty() && flags->print == 0)) {
    std::fprintf(stderr, "%s\n%s", groups.empty() ? "unknown group" : "--ours is missing", kUsage);
    return 2;
  }
  const Grammar grammar(std::move(groups));
  if (flags->print > 0) {
    PrintCommands(grammar, *flags);
    return 0;
  }
  return RunDuel(grammar, *flags);
}

}  // namespace
}  // namespace torc::differential

int main(int argc, char** argv) {
  return torc::differential::Main(argc, argv);
}
