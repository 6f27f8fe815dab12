#include "resp/inline_args.h"

#include <string>

namespace torc {
namespace {

bool IsBlank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
// Vertical tab and form feed separate words only where a word could begin, as in Redis.
bool EndsWord(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char Unescape(char c) {
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

// Reads the escape behind a backslash at rest[0] into *word; returns how many bytes it took.
size_t TakeEscape(std::string_view rest, std::string* word) {
  if (rest.size() >= 4 && rest[1] == 'x' && HexDigit(rest[2]) >= 0 && HexDigit(rest[3]) >= 0) {
    *word += static_cast<char>(HexDigit(rest[2]) * 16 + HexDigit(rest[3]));
    return 4;
  }
  *word += Unescape(rest[1]);
  return 2;
}

// Reads a quoted run whose opening quote is at line[at]; *word gets its bytes. Returns the offset
// behind the closing quote, or npos when there is none or something but a blank follows it.
size_t TakeQuoted(std::string_view line, size_t at, std::string* word) {
  const char quote = line[at++];
  while (at < line.size() && line[at] != quote) {
    const bool escape = line[at] == '\\' && at + 1 < line.size();
    if (escape && quote == '"') {
      at += TakeEscape(line.substr(at), word);
    } else if (escape && line[at + 1] == '\'') {
      *word += '\'';
      at += 2;
    } else {
      *word += line[at++];
    }
  }
  if (at == line.size()) return std::string_view::npos;
  ++at;
  const bool closed = at == line.size() || IsBlank(line[at]);
  return closed ? at : std::string_view::npos;
}

}  // namespace

bool SplitInlineArgs(std::string_view line, RequestBatch* batch) {
  size_t at = 0;
  for (;;) {
    while (at < line.size() && IsBlank(line[at])) ++at;
    if (at == line.size()) return true;
    const size_t begin = at;
    while (at < line.size() && !EndsWord(line[at]) && line[at] != '"' && line[at] != '\'') ++at;
    if (at == line.size() || EndsWord(line[at])) {
      batch->args.push_back(line.substr(begin, at - begin));
      continue;
    }
    // A closing quote ends the word, so a word has at most one quoted run, at its end.
    std::string& word = batch->scratch.emplace_back(line.substr(begin, at - begin));
    at = TakeQuoted(line, at, &word);
    if (at == std::string_view::npos) return false;
    batch->args.push_back(word);
  }
}

}  // namespace torc
