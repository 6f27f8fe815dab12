#pragma once

// The tree of one grammar rule (see grammar.h for the notation).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "redis-tests/differential/grammar.h"

namespace torc::differential {

struct GrammarNode {
  enum class Kind : uint8_t {
    kWord,      // `word` as it stands
    kTerm,      // what `term` makes
    kAny,       // whole commands of other rules
    kAll,       // `parts` one after the other
    kOne,       // one of `parts`
    kMaybe,     // parts[0] or nothing
    kSome,      // parts[0] once to several times
    kFew,       // parts[0] none to several times
    kBreak,     // end of a command, others may follow from another client
    kTogether,  // end of a command, the next follows at once
  };
  Kind kind = Kind::kAll;
  std::string word;
  Term term = nullptr;
  std::vector<GrammarNode> parts;
};

// Stops the program, showing the rule, when the text is not a rule.
GrammarNode ParseRule(std::string_view text);

}  // namespace torc::differential
