#pragma once

// A whole run: epochs of commands from one seed, each from empty data sets under thresholds of its
// own, with a look at all data at its end; and, at the first difference, the report with the
// smallest stream that shows it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis-tests/differential/duel.h"
#include "redis-tests/differential/stream.h"

namespace torc::differential {

struct CampaignOptions {
  uint64_t seed = 1;
  uint64_t commands = 100'000;
  uint64_t epoch_commands = 50'000;  // what a minimisation has to start from
  uint64_t reloads = 0;              // in the middle of each epoch: DEBUG RELOAD
  bool log = false;                  // after each epoch our log is replayed: DEBUG LOADAOF
  bool minimise = true;
};

class Campaign {
 public:
  // Both must outlive the campaign.
  Campaign(Duel* duel, CommandStream* stream, CampaignOptions options)
      : duel_(duel), stream_(stream), options_(options) {}

  // True when the servers agreed all the way. Reports on stdout.
  bool Run();

 private:
  struct Finding {
    Difference difference;
    uint64_t index;  // of the differing command in the whole run
  };

  std::optional<Finding> RunEpoch(uint64_t first_index);
  // The next commands of an epoch of this size: a client's, or now and then a reload.
  std::vector<Command> NextBatch(uint64_t size);
  std::optional<Difference> ReplayLog();
  // DEBUG RELOAD or LOADAOF.
  Command Reload(const char* from) const;
  void Report(const Finding& finding);
  // The recorded stream up to the difference.
  std::vector<Command> FailingStream(const Difference& difference) const;
  // Runs a stream from empty data sets; what it shows.
  std::optional<Difference> Replay(const std::vector<Command>& commands);
  void PrintStream(const std::vector<Command>& commands) const;

  Duel* duel_;
  CommandStream* stream_;
  CampaignOptions options_;
  std::vector<std::string> configuration_;  // of this epoch
  std::vector<Command> recorded_;           // of this epoch
  uint64_t reloads_done_ = 0;               // of this epoch
};

// Thresholds for an epoch, drawn from the generator: Redis's own half of the time, else small ones,
// so that values change their encoding after a few commands. Name, value, …
std::vector<std::string> RandomThresholds(Rng& rng);

}  // namespace torc::differential
