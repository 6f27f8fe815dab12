#include "redis-tests/differential/grammar_parser.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "redis-tests/differential/terms.h"

namespace torc::differential {
namespace {

using Kind = GrammarNode::Kind;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '#' || c == ':' || c == '@' || c == '=' || c == '~' ||
         c == '$' || c == '>';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  GrammarNode Whole() {
    GrammarNode node = Alternatives();
    if (at_ != text_.size()) Fail("unexpected character");
    return node;
  }

 private:
  [[noreturn]] void Fail(const char* what) const {
    std::fprintf(stderr, "grammar rule \"%.*s\": %s at %zu\n", static_cast<int>(text_.size()),
                 text_.data(), what, at_);
    std::abort();
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  void SkipBlanks() {
    while (Peek() == ' ') ++at_;
  }

  GrammarNode Alternatives() {
    GrammarNode one{.kind = Kind::kOne, .word = {}, .term = nullptr, .parts = {}};
    do {
      one.parts.push_back(Sequence());
    } while (Take('|'));
    return one.parts.size() == 1 ? std::move(one.parts[0]) : one;
  }

  GrammarNode Sequence() {
    GrammarNode all;
    for (;;) {
      SkipBlanks();
      const char c = Peek();
      if (c == '\0' || c == '|' || c == ')' || c == ']') return all;
      all.parts.push_back(Repeated(Item()));
    }
  }

  GrammarNode Repeated(GrammarNode item) {
    const char c = Peek();
    if (c != '+' && c != '*') return item;
    ++at_;
    GrammarNode many;
    many.kind = c == '+' ? Kind::kSome : Kind::kFew;
    many.parts.push_back(std::move(item));
    return many;
  }

  GrammarNode Item() {
    if (Take('(')) return Closed(Alternatives(), ')');
    if (Take('[')) {
      GrammarNode maybe;
      maybe.kind = Kind::kMaybe;
      maybe.parts.push_back(Closed(Alternatives(), ']'));
      return maybe;
    }
    if (Take(';')) {
      GrammarNode end;
      end.kind = Take(';') ? Kind::kTogether : Kind::kBreak;
      return end;
    }
    return Take('\'') ? Quoted() : Word();
  }

  GrammarNode Closed(GrammarNode inner, char closing) {
    if (!Take(closing)) Fail("bracket not closed");
    return inner;
  }

  GrammarNode Quoted() {
    const size_t end = text_.find('\'', at_);
    if (end == std::string_view::npos) Fail("quote not closed");
    GrammarNode word;
    word.kind = Kind::kWord;
    word.word = text_.substr(at_, end - at_);
    at_ = end + 1;
    return word;
  }

  GrammarNode Word() {
    const size_t begin = at_;
    while (IsWordByte(Peek())) ++at_;
    if (at_ == begin) Fail("unexpected character");
    GrammarNode node;
    node.kind = Kind::kWord;
    node.word = text_.substr(begin, at_ - begin);
    const bool is_term = node.word[0] >= 'a' && node.word[0] <= 'z';
    if (!is_term) return node;
    if (node.word == "any") {
      node.kind = Kind::kAny;
      return node;
    }
    node.kind = Kind::kTerm;
    node.term = FindTerm(node.word);
    if (node.term == nullptr) Fail("unknown term before");
    return node;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

GrammarNode ParseRule(std::string_view text) {
  return Parser(text).Whole();
}

}  // namespace torc::differential
