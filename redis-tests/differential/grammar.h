#pragma once

// Random commands from a weighted grammar written as text. A rule reads like the line of a manual:
//
//   SET skey value [EX ttl_s|PX ttl_ms|KEEPTTL] [NX|XX] [GET]
//
//   UPPER, 12, 'any*'  a word, as it stands (its letters sometimes in lower case)
//   lower               a term: see terms.h for what there is
//   (a b|c)             one of the alternatives
//   [a|b]               the same, or nothing, with equal chance
//   x+  (x y)*          x one to several times; none to several times
//   a ; b               two commands of one client, others may come between them
//   a ;; b              two commands in one go
//
// Grammars are built once, at the start: a mistake in a rule stops the program and shows it.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "redis-tests/differential/command.h"

namespace torc::differential {

// Where randomness and the little memory of a stream come from. One per stream.
struct Source {
  explicit Source(uint64_t seed) : rng(seed) {}
  Rng rng;
  std::string last_key;       // for the term `samekey`
  uint64_t ttl_serial = 0;    // relative TTLs never repeat within a long run
  uint64_t entry_serial = 0;  // ids of stream entries grow
};

using Term = std::string (*)(Source&);

enum class Spoiling : uint8_t { kAllowed, kNever };

struct Rule {
  int weight;
  std::string_view text;
  Check check = Check::kExact;
  int64_t tolerance = 0;
  // Whether arguments may be dropped, doubled or made nonsense of (mutate.h).
  Spoiling spoiling = Spoiling::kAllowed;
};

// A rule whose commands are sent as they are: where nonsense could do harm (end another client,
// block for ever) or set the two servers apart.
constexpr Rule Unspoiled(int weight, std::string_view text, Check check = Check::kExact) {
  return {.weight = weight, .text = text, .check = check, .spoiling = Spoiling::kNever};
}

// A named set of rules. `share` is its chance against the other groups that take part.
struct Group {
  std::string_view name;
  int share;
  std::span<const Rule> rules;
  // The release of Redis that brought its commands, if older peers are met too: then it is not one
  // of `all`.
  std::string_view since = {};
};

struct GrammarNode;

class Grammar {
 public:
  explicit Grammar(std::vector<Group> groups);
  ~Grammar();
  Grammar(const Grammar&) = delete;
  Grammar& operator=(const Grammar&) = delete;

  // Appends the commands of one random rule.
  void Generate(Source& source, std::vector<Command>* out) const;

 private:
  struct CompiledRule;
  struct CompiledGroup;
  const CompiledRule& Choose(Source& source) const;
  const CompiledRule& ChooseByWeight(Source& source) const;
  void Expand(const CompiledRule& rule, Source& source, std::vector<Command>* out) const;
  void ExpandNode(const Rule& rule, const GrammarNode& node, Source& source,
                  std::vector<Command>* out) const;
  void ExpandAny(Source& source, std::vector<Command>* out) const;

  std::vector<CompiledGroup> groups_;
  int share_total_ = 0;
};

}  // namespace torc::differential
