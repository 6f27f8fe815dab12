#pragma once

// Shadow replay: every effect of one shard is applied to a second one. Both must then hold the same
// data, or an effect is missing, superfluous, or not as deterministic as it says. The shadow has
// another number of partitions and another hash seed, so that nothing can depend on either.

#include <cstdint>
#include <string>
#include <vector>

#include "store/effects.h"
#include "support/test_shard.h"

namespace torc {

class Shadow final : public EffectSink {
 public:
  // The clock must outlive the shadow.
  explicit Shadow(Clock* clock);

  void OnEffect(const Effect& effect) override;
  void OnUnitEnd(uint64_t unit) override;

  Keyspace& keyspace() { return shard_.shard().keyspace(); }
  // What the effects since the last call were, one line each: "SET k v | set k, expire k"; the
  // database stands before it ("3: …") unless it is 0, and a line "." ends a unit of several
  // effects.
  std::vector<std::string> TakeLines();
  // Replays that answered an error, with the error: there should be none.
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  void Replay(const Effect& effect);

  TestShard shard_;
  Session session_;
  std::vector<std::string> lines_;
  std::vector<std::string> failures_;
  size_t effects_in_unit_ = 0;
};

}  // namespace torc
