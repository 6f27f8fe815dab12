#include "base/config_words.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/word_reader.h"

namespace torc {
namespace {

bool IsPrintable(char c) {
  return c >= ' ' && c <= '~';
}

}  // namespace

std::optional<std::vector<std::string>> SplitConfigLine(std::string_view line) {
  std::vector<std::string> words;
  WordReader reader(line);
  std::string_view plain;
  std::string unquoted;
  for (;;) {
    switch (reader.Next(&plain, &unquoted)) {
      case WordReader::Found::kPlain:
        words.emplace_back(plain);
        break;
      case WordReader::Found::kQuoted:
        words.push_back(unquoted);
        break;
      case WordReader::Found::kEnd:
        return words;
      case WordReader::Found::kUnbalanced:
        return std::nullopt;
    }
  }
}

std::string QuoteConfigWord(std::string_view word) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\r') {
      quoted += "\\r";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (IsPrintable(c)) {
      quoted += c;
    } else {
      const auto byte = static_cast<uint8_t>(c);
      quoted += "\\x";
      quoted += kHex[byte >> 4];
      quoted += kHex[byte & 15];
    }
  }
  return quoted + '"';
}

std::string QuoteConfigWordIfNeeded(std::string_view word) {
  bool plain = !word.empty() && word.front() != '#';
  for (const char c : word) {
    plain = plain && IsPrintable(c) && c != ' ' && c != '"' && c != '\'' && c != '\\';
  }
  return plain ? std::string(word) : QuoteConfigWord(word);
}

std::string ConfigMemoryText(uint64_t size_bytes) {
  static constexpr std::pair<int, const char*> kUnits[] = {{30, "gb"}, {20, "mb"}, {10, "kb"}};
  for (const auto& [shift, unit] : kUnits) {
    const uint64_t one = uint64_t{1} << shift;
    if (size_bytes != 0 && size_bytes % one == 0) return std::to_string(size_bytes / one) + unit;
  }
  return std::to_string(size_bytes);
}

}  // namespace torc
