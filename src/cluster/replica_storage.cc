#include "cluster/replica_storage.h"

#include <algorithm>

#include "base/check.h"

namespace torc {
namespace {

void ApplyEntries(const Write& write, Recovered* state) {
  // Entries a later checkpoint already covers are skipped.
  LogIndex index = write.first;
  for (const Entry& entry : write.entries) {
    if (index > state->checkpoint.index) {
      const auto position = static_cast<size_t>(index - state->checkpoint.index - 1);
      TORC_CHECK(position <= state->entries.size(), "no gap in a log on disk");
      state->entries.resize(position);
      state->entries.push_back(entry);
    }
    ++index;
  }
}

void ApplyCheckpoint(const Write& write, Recovered* state) {
  if (write.checkpoint.index <= state->checkpoint.index) return;
  const auto covered = static_cast<size_t>(write.checkpoint.index - state->checkpoint.index);
  state->entries.erase(
      state->entries.begin(),
      state->entries.begin() + static_cast<ptrdiff_t>(std::min(covered, state->entries.size())));
  state->checkpoint = write.checkpoint;
}

}  // namespace

void ApplyWrite(const Write& write, Recovered* state) {
  switch (write.kind) {
    case Write::Kind::kVote:
      state->term = write.term;
      state->vote = write.vote;
      return;
    case Write::Kind::kEntries:
      ApplyEntries(write, state);
      return;
    case Write::Kind::kCheckpoint:
      ApplyCheckpoint(write, state);
      return;
    case Write::Kind::kInstall:
      state->entries.clear();
      state->checkpoint = write.checkpoint;
      return;
    case Write::Kind::kBirth:
    case Write::Kind::kRetire:
      *state = Recovered{.self = write.self,
                         .term = write.term,
                         .vote = write.vote,
                         .checkpoint = {},
                         .entries = {},
                         .retired = write.kind == Write::Kind::kRetire,
                         .last_seq = {}};
      return;
  }
}

}  // namespace torc
