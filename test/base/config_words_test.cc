#include "base/config_words.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/rng.h"

namespace torc {
namespace {

using Strings = std::vector<std::string>;

TEST_CASE("words are separated by blanks and may be quoted") {
  CHECK(SplitConfigLine("") == Strings{});
  CHECK(SplitConfigLine("  \t ") == Strings{});
  CHECK(SplitConfigLine("\ttimeout  5 ") == Strings{"timeout", "5"});
  CHECK(SplitConfigLine("save \"\"") == Strings{"save", ""});
  CHECK(SplitConfigLine("a \"b c\" 'd e'") == Strings{"a", "b c", "d e"});
  CHECK(SplitConfigLine(R"("\x41\n\t\q\"" '\'\n')") == Strings{"A\n\tq\"", "'\\n"});
  CHECK(SplitConfigLine(R"("\xZZ")") == Strings{"xZZ"});
  CHECK(SplitConfigLine("a\"b\"") == Strings{"ab"});
  CHECK(SplitConfigLine("\va\fb \f") == Strings{"a\fb"});
  CHECK(SplitConfigLine("5# no comment") == Strings{"5#", "no", "comment"});
}

TEST_CASE("quotes must balance and end a word") {
  for (const char* bad : {"\"", "'", "a \"b", "a 'b", "\"a\"b", "'a'b", "\"a\\", "'a\\'"}) {
    CAPTURE(bad);
    CHECK_FALSE(SplitConfigLine(bad).has_value());
  }
}

TEST_CASE("any bytes survive quoting") {
  constexpr uint64_t kSeed = 20240611;
  CAPTURE(kSeed);
  Rng rng(kSeed);
  for (int round = 0; round < 2000; ++round) {
    std::string word;
    for (uint64_t i = rng.Below(12); i > 0; --i) word += static_cast<char>(rng.Below(256));
    CAPTURE(word);
    CHECK(SplitConfigLine(QuoteConfigWord(word)) == Strings{word});
    CHECK(SplitConfigLine("x " + QuoteConfigWordIfNeeded(word)) == Strings{"x", word});
  }
  CHECK(QuoteConfigWordIfNeeded("127.0.0.1") == "127.0.0.1");
  CHECK(QuoteConfigWordIfNeeded("") == "\"\"");
  CHECK(QuoteConfigWordIfNeeded("#a") == "\"#a\"");
}

}  // namespace
}  // namespace torc
