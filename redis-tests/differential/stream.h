#pragma once

// The command stream of one run: which client speaks next, how deep its pipeline is, and what it
// says. A pure function of the seed; replies never influence it, so a seed and an index name a
// command for ever.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "redis-tests/differential/command.h"
#include "redis-tests/differential/grammar.h"

namespace torc::differential {

class CommandStream {
 public:
  // `grammar` must outlive the stream.
  CommandStream(const Grammar* grammar, uint64_t seed, uint16_t clients);

  // The next pipeline of one client: at least one command, all of that client.
  std::vector<Command> NextBatch();
  // Forgets what clients had begun but not sent (half a transaction): their connections start
  // afresh.
  void ForgetPending();

  Rng& rng() { return source_.rng; }

 private:
  Command Take(std::deque<Command>* pending);

  const Grammar* grammar_;
  Source source_;
  std::vector<std::deque<Command>> pending_;  // per client: the rest of the rule it is in
};

}  // namespace torc::differential
