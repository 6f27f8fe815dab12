#include "base/word_reader.h"

#include <cstddef>

namespace torc {
namespace {

bool IsWordBlank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
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

}  // namespace

WordReader::Found WordReader::Next(std::string_view* plain, std::string* unquoted) {
  while (!rest_.empty() && IsWordBlank(rest_.front())) rest_.remove_prefix(1);
  if (rest_.empty()) return Found::kEnd;
  size_t size = 0;
  const auto is_quote = [](char c) { return c == '"' || c == '\''; };
  while (size < rest_.size() && !EndsWord(rest_[size]) && !is_quote(rest_[size])) ++size;
  *plain = rest_.substr(0, size);
  rest_.remove_prefix(size);
  if (rest_.empty() || EndsWord(rest_.front())) return Found::kPlain;
  unquoted->assign(*plain);
  return TakeQuoted(Take(), unquoted) ? Found::kQuoted : Found::kUnbalanced;
}

char WordReader::Take() {
  const char c = rest_.front();
  rest_.remove_prefix(1);
  return c;
}

bool WordReader::TakeQuoted(char quote, std::string* word) {
  while (!rest_.empty()) {
    const char c = Take();
    if (c == quote) return rest_.empty() || IsWordBlank(rest_.front());
    if (c != '\\' || rest_.empty()) {
      *word += c;
    } else if (quote == '"') {
      TakeEscape(word);
    } else {
      // Only \' is an escape; before anything else the backslash stands for itself.
      *word += rest_.front() == quote ? Take() : c;
    }
  }
  return false;
}

// The backslash is taken already, and a byte follows it.
void WordReader::TakeEscape(std::string* word) {
  if (rest_.size() >= 3 && rest_[0] == 'x' && HexDigit(rest_[1]) >= 0 && HexDigit(rest_[2]) >= 0) {
    *word += static_cast<char>(HexDigit(rest_[1]) * 16 + HexDigit(rest_[2]));
    rest_.remove_prefix(3);
  } else {
    *word += Unescaped(Take());
  }
}

}  // namespace torc
