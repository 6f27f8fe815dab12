#include "redis-tests/differential/stream.h"

#include <iterator>
#include <utility>

namespace torc::differential {
namespace {

// Most commands go in deep pipelines (speed), most pipelines are short (interleaving).
constexpr size_t kBatchSizes[] = {1, 2, 5, 20, 100, 300, 800};

}  // namespace

CommandStream::CommandStream(const Grammar* grammar, uint64_t seed, uint16_t clients)
    : grammar_(grammar), source_(seed), pending_(clients) {}

Command CommandStream::Take(std::deque<Command>* pending) {
  if (pending->empty()) {
    std::vector<Command> made;
    grammar_->Generate(source_, &made);
    pending->insert(pending->end(), std::make_move_iterator(made.begin()),
                    std::make_move_iterator(made.end()));
  }
  Command command = std::move(pending->front());
  pending->pop_front();
  return command;
}

std::vector<Command> CommandStream::NextBatch() {
  const auto client = static_cast<uint16_t>(source_.rng.Below(pending_.size()));
  const size_t size = kBatchSizes[source_.rng.Below(std::size(kBatchSizes))];
  std::vector<Command> batch;
  while (batch.size() < size || batch.back().with_next) {
    batch.push_back(Take(&pending_[client]));
    batch.back().client = client;
  }
  batch.front().starts_batch = true;
  return batch;
}

void CommandStream::ForgetPending() {
  for (auto& pending : pending_) pending.clear();
}

}  // namespace torc::differential
