#pragma once

// Splits a line into words with Redis's quoting: the one reader for inline commands, redis.conf
// lines and ACL files.
//
// Words stand between blanks. "…" knows \n \r \t \b \a \xHH and \ before any other byte; '…' knows
// \' only. A quote may begin within a word; a closing quote must be followed by a blank or the end,
// so a word has at most one quoted run, at its end.

#include <string>
#include <string_view>

namespace torc {

class WordReader {
 public:
  enum class Found { kPlain, kQuoted, kEnd, kUnbalanced };

  // The line must outlive the reader and the plain words.
  explicit WordReader(std::string_view line) : rest_(line) {}

  // The next word: *plain is a view into the line, or *unquoted gets the bytes that quotes and
  // escapes stand for. kUnbalanced is final.
  Found Next(std::string_view* plain, std::string* unquoted);

 private:
  char Take();
  bool TakeQuoted(char quote, std::string* word);
  void TakeEscape(std::string* word);

  std::string_view rest_;
};

}  // namespace torc
