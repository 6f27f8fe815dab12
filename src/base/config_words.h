#pragma once

// Words and quoting of redis.conf lines. The same rules hold for inline commands and ACL files.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torc {

// Splits a line at blanks. "…" knows \n \r \t \b \a \xNN and \ before any other byte; '…' knows \'
// only; a closing quote must be followed by a blank or the end. Nothing when the quotes do not
// balance.
std::optional<std::vector<std::string>> SplitConfigLine(std::string_view line);

// "…" such that SplitConfigLine reads the same bytes back.
std::string QuoteConfigWord(std::string_view word);

// The word itself when that reads back as one and the same word, else quoted.
std::string QuoteConfigWordIfNeeded(std::string_view word);

// "64mb" where a unit gives exactly that many bytes, else "12345": what ParseMemory (base/text.h)
// reads back.
std::string ConfigMemoryText(uint64_t size_bytes);

}  // namespace torc
