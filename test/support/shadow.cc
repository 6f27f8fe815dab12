#include "support/shadow.h"

#include <string_view>
#include <utility>

#include "base/config_words.h"

namespace torc {
namespace {

std::string Words(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += ' ';
    out += QuoteConfigWordIfNeeded(word);
  }
  return out;
}

std::string Line(const Effect& effect) {
  std::string out;
  if (effect.db.value() != 0) out = std::to_string(effect.db.value()) + ": ";
  out += Words(effect.args);
  for (size_t i = 0; i < effect.events.size(); ++i) {
    out += i == 0 ? " | " : ", ";
    out += std::string(effect.events[i].name) + " " + std::string(effect.events[i].key);
  }
  return out;
}

}  // namespace

Shadow::Shadow(Clock* clock) : shard_({.partition_count = 7, .hash_seed = 99}, clock) {
  shard_.shard().Welcome(session_, ClientId(1));
  session_.internal = true;
}

void Shadow::OnEffect(const Effect& effect) {
  lines_.push_back(Line(effect));
  ++effects_in_unit_;
  if (!effect.args.empty()) Replay(effect);
}

void Shadow::OnUnitEnd(uint64_t /*unit*/) {
  if (effects_in_unit_ > 1) lines_.emplace_back(".");
  effects_in_unit_ = 0;
}

void Shadow::Replay(const Effect& effect) {
  session_.db = effect.db;
  shard_.shard().BeginTurn();
  shard_.shard().Execute(session_, effect.args);
  Buffer& out = session_.replies.bytes();
  if (!out.empty() && out.data()[0] == '-') {
    failures_.push_back(Words(effect.args) + " answered " + std::string(out.view()));
  }
  session_.replies.Consume(out.size());
}

std::vector<std::string> Shadow::TakeLines() {
  return std::exchange(lines_, {});
}

}  // namespace torc
