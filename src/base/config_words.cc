#include "base/config_words.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace torc {
namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

// As in Redis: vertical tabs and form feeds lie between words, but do not end one.
bool EndsWord(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char Unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

// Reads the words of one line, front to back.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  bool SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_.front())) rest_.remove_prefix(1);
    return !rest_.empty();
  }

  // The next word; false when its quotes do not balance.
  bool Word(std::string& word) {
    while (!rest_.empty() && !EndsWord(rest_.front())) {
      const char c = Take();
      if (c == '"') return DoubleQuoted(word);
      if (c == '\'') return SingleQuoted(word);
      word += c;
    }
    return true;
  }

 private:
  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  // A closing quote ends the word, whatever began before the opening one.
  bool AtWordEnd() const { return rest_.empty() || IsBlank(rest_.front()); }

  bool DoubleQuoted(std::string& word) {
    while (!rest_.empty()) {
      const char c = Take();
      if (c == '"') return AtWordEnd();
      if (c != '\\') {
        word += c;
      } else if (!TakeHexEscape(word)) {
        if (rest_.empty()) return false;
        word += Unescaped(Take());
      }
    }
    return false;
  }

  bool TakeHexEscape(std::string& word) {
    if (rest_.size() < 3 || rest_[0] != 'x') return false;
    const int high = HexDigit(rest_[1]);
    const int low = HexDigit(rest_[2]);
    if (high < 0 || low < 0) return false;
    word += static_cast<char>(high * 16 + low);
    rest_.remove_prefix(3);
    return true;
  }

  bool SingleQuoted(std::string& word) {
    while (!rest_.empty()) {
      const char c = Take();
      if (c == '\'') return AtWordEnd();
      if (c == '\\' && !rest_.empty() && rest_.front() == '\'') {
        word += Take();
      } else {
        word += c;
      }
    }
    return false;
  }

  std::string_view rest_;
};

bool IsPrintable(char c) {
  return c >= ' ' && c <= '~';
}

}  // namespace

std::optional<std::vector<std::string>> SplitConfigLine(std::string_view line) {
  std::vector<std::string> words;
  LineReader reader(line);
  while (reader.SkipBlanks()) {
    if (!reader.Word(words.emplace_back())) return std::nullopt;
  }
  return words;
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
