#pragma once

// Words and quoting of redis.conf lines; base/word_reader.h has the rules.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torc {

// The words of a line; nothing when its quotes do not balance.
std::optional<std::vector<std::string>> SplitConfigLine(std::string_view line);

// "…" such that SplitConfigLine reads the same bytes back.
std::string QuoteConfigWord(std::string_view word);

// The word itself when that reads back as one and the same word, else quoted.
std::string QuoteConfigWordIfNeeded(std::string_view word);

// "64mb" where a unit gives exactly that many bytes, else "12345": what ParseMemory (base/text.h)
// reads back.
std::string ConfigMemoryText(uint64_t size_bytes);

}  // namespace torc
