#include "base/glob.h"

#include <cstddef>
#include <utility>

#include "base/text.h"

namespace torc {
namespace {

char Fold(char c, GlobCase letter_case) {
  return letter_case == GlobCase::kInsensitive ? ToLower(c) : c;
}

// Matches `c` with the class that begins behind '[' at `*at`; leaves `*at` behind the closing ']'
// (or at the end of an unclosed class, which Redis takes as closed there).
bool MatchClass(std::string_view pattern, size_t* at, char c, GlobCase letter_case) {
  size_t i = *at;
  const bool negated = i < pattern.size() && pattern[i] == '^';
  if (negated) ++i;
  bool found = false;
  while (i < pattern.size() && pattern[i] != ']') {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      ++i;
      found |= pattern[i] == c;
      ++i;
    } else if (i + 2 < pattern.size() && pattern[i + 1] == '-') {
      char low = Fold(pattern[i], letter_case);
      char high = Fold(pattern[i + 2], letter_case);
      if (static_cast<unsigned char>(low) > static_cast<unsigned char>(high)) std::swap(low, high);
      const auto folded = static_cast<unsigned char>(Fold(c, letter_case));
      found |=
          folded >= static_cast<unsigned char>(low) && folded <= static_cast<unsigned char>(high);
      i += 3;
    } else {
      found |= Fold(pattern[i], letter_case) == Fold(c, letter_case);
      ++i;
    }
  }
  *at = i < pattern.size() ? i + 1 : i;
  return found != negated;
}

// Matches one pattern element other than '*' with `c` and moves `*at` behind the element.
bool MatchOne(std::string_view pattern, size_t* at, char c, GlobCase letter_case) {
  const char p = pattern[(*at)++];
  if (p == '?') return true;
  if (p == '[') return MatchClass(pattern, at, c, letter_case);
  if (p == '\\' && *at < pattern.size()) {
    return Fold(pattern[(*at)++], letter_case) == Fold(c, letter_case);
  }
  return Fold(p, letter_case) == Fold(c, letter_case);
}

}  // namespace

bool GlobMatch(std::string_view pattern, std::string_view text, GlobCase letter_case) {
  if (text.empty()) return pattern.empty();
  size_t p = 0;
  size_t t = 0;
  size_t star_pattern = std::string_view::npos;  // behind the last '*' met
  size_t star_text = 0;                          // where that star's run ends so far
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      while (p < pattern.size() && pattern[p] == '*') ++p;
      if (p == pattern.size()) return true;
      star_pattern = p;
      star_text = t;
      continue;
    }
    if (p < pattern.size()) {
      size_t next = p;
      if (MatchOne(pattern, &next, text[t], letter_case)) {
        p = next;
        ++t;
        continue;
      }
    }
    // A mismatch: the last star takes one byte more. Earlier stars never need to be revisited.
    if (star_pattern == std::string_view::npos) return false;
    p = star_pattern;
    t = ++star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace torc
