#include "redis-tests/differential/grammar.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "redis-tests/differential/grammar_parser.h"
#include "redis-tests/differential/mutate.h"

namespace torc::differential {
namespace {

constexpr double kLowerCaseChance = 0.05;
constexpr int kRepeatMax = 8;
constexpr double kRepeatChance = 0.6;
// Commands that run alone cost round trips; this many of them are enough.
constexpr double kSoloChance = 0.2;

Command EmptyCommand(const Rule& rule) {
  Command command;
  command.check = rule.check;
  command.tolerance = rule.tolerance;
  return command;
}

}  // namespace

struct Grammar::CompiledRule {
  Rule rule;
  GrammarNode root;
};

struct Grammar::CompiledGroup {
  int share;
  std::vector<CompiledRule> rules;
  int weight_total = 0;
};

Grammar::Grammar(std::vector<Group> groups) {
  for (const Group& group : groups) {
    CompiledGroup compiled{.share = group.share, .rules = {}};
    for (const Rule& rule : group.rules) {
      compiled.rules.push_back({.rule = rule, .root = ParseRule(rule.text)});
      compiled.weight_total += rule.weight;
    }
    share_total_ += group.share;
    groups_.push_back(std::move(compiled));
  }
  TORC_CHECK(share_total_ > 0, "at least one group of commands");
}

Grammar::~Grammar() = default;

const Grammar::CompiledRule& Grammar::Choose(Source& source) const {
  for (;;) {
    const CompiledRule& rule = ChooseByWeight(source);
    if (!IsSolo(rule.rule.check) || source.rng.Chance(kSoloChance)) return rule;
  }
}

const Grammar::CompiledRule& Grammar::ChooseByWeight(Source& source) const {
  auto ticket = static_cast<int>(source.rng.Below(static_cast<uint64_t>(share_total_)));
  size_t g = 0;
  while (ticket >= groups_[g].share) ticket -= groups_[g++].share;
  const CompiledGroup& group = groups_[g];
  ticket = static_cast<int>(source.rng.Below(static_cast<uint64_t>(group.weight_total)));
  size_t r = 0;
  while (ticket >= group.rules[r].rule.weight) ticket -= group.rules[r++].rule.weight;
  return group.rules[r];
}

void Grammar::Generate(Source& source, std::vector<Command>* out) const {
  Expand(Choose(source), source, out);
}

void Grammar::Expand(const CompiledRule& rule, Source& source, std::vector<Command>* out) const {
  const size_t first = out->size();
  out->push_back(EmptyCommand(rule.rule));
  ExpandNode(rule.rule, rule.root, source, out);
  for (size_t i = first; i < out->size(); ++i) {
    Command& command = (*out)[i];
    // Commands that ExpandAny took from other rules have been through here already.
    if (command.args.empty()) command.args.emplace_back("PING");
    if (rule.rule.spoiling == Spoiling::kAllowed && !command.with_next)
      MaybeSpoil(source.rng, &command);
  }
}

void Grammar::ExpandNode(const Rule& rule, const GrammarNode& node, Source& source,
                         std::vector<Command>* out) const {
  using Kind = GrammarNode::Kind;
  const auto repeat = [&](int count) {
    for (int i = 0; i < count; ++i) {
      ExpandNode(rule, node.parts[0], source, out);
      if (!source.rng.Chance(kRepeatChance)) return;
    }
  };
  const auto end_command = [&](bool with_next) {
    out->back().with_next = with_next;
    out->push_back(EmptyCommand(rule));
  };
  switch (node.kind) {
    case Kind::kWord:
      out->back().args.push_back(source.rng.Chance(kLowerCaseChance) ? Lowercase(node.word)
                                                                     : node.word);
      return;
    case Kind::kTerm:
      out->back().args.push_back(node.term(source));
      return;
    case Kind::kAny:
      return ExpandAny(source, out);
    case Kind::kAll:
      for (const auto& part : node.parts) ExpandNode(rule, part, source, out);
      return;
    case Kind::kOne:
      return ExpandNode(rule, node.parts[source.rng.Below(node.parts.size())], source, out);
    case Kind::kMaybe:
      if (source.rng.Chance(0.5)) ExpandNode(rule, node.parts[0], source, out);
      return;
    case Kind::kSome:
      return repeat(kRepeatMax);
    case Kind::kFew:
      if (source.rng.Chance(kRepeatChance)) repeat(kRepeatMax);
      return;
    case Kind::kBreak:
    case Kind::kTogether:
      return end_command(node.kind == Kind::kTogether);
  }
}

// Puts one command of another rule in place of the empty command at the end of `out`. Rules that
// need the conversation for themselves or make several commands do not qualify.
void Grammar::ExpandAny(Source& source, std::vector<Command>* out) const {
  constexpr int kTriesMax = 50;
  for (int i = 0; i < kTriesMax; ++i) {
    const CompiledRule& rule = Choose(source);
    if (IsSolo(rule.rule.check) || rule.rule.spoiling == Spoiling::kNever) continue;
    std::vector<Command> commands;
    Expand(rule, source, &commands);
    if (commands.size() != 1) continue;
    out->back() = std::move(commands[0]);
    return;
  }
}

}  // namespace torc::differential
