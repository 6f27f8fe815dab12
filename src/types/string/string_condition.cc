#include "types/string/string_condition.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/hash.h"
#include "base/text.h"
#include "types/string/string.h"

namespace torc {
namespace {

using Kind = StringCondition::Kind;

struct Word {
  std::string_view text;
  Kind kind;
};
constexpr std::array kWords = {Word{"IFEQ", Kind::kEqual}, Word{"IFNE", Kind::kNotEqual},
                               Word{"IFDEQ", Kind::kDigestEqual},
                               Word{"IFDNE", Kind::kDigestNotEqual}};
constexpr size_t kDigestDigits = 16;

bool IsDigest(std::string_view text) {
  return text.size() == kDigestDigits && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isxdigit(c) != 0;
         });
}

}  // namespace

bool StringCondition::Holds(const Entry* entry) const {
  const bool negated = kind == Kind::kNotEqual || kind == Kind::kDigestNotEqual;
  if (kind == Kind::kNone) return true;
  if (entry == nullptr) return negated;
  const StringView value(*entry);
  const bool by_text = kind == Kind::kEqual || kind == Kind::kNotEqual;
  const bool equal =
      by_text ? value.text() == operand : EqualsIgnoreCase(DigestOf(value.text()), operand);
  return equal != negated;
}

bool TakeStringCondition(ArgCursor& args, StringCondition* condition) {
  for (const Word& word : kWords) {
    if (!args.TakeWith(word.text, 1)) continue;
    condition->kind = word.kind;
    condition->operand = args.Next();
    const bool digest = word.kind == Kind::kDigestEqual || word.kind == Kind::kDigestNotEqual;
    if (digest && !IsDigest(condition->operand)) {
      args.Fail("ERR must be exactly 16 hexadecimal characters");
    }
    return true;
  }
  return false;
}

bool IsStringCondition(std::string_view text) {
  return std::any_of(kWords.begin(), kWords.end(),
                     [text](const Word& word) { return EqualsIgnoreCase(text, word.text); });
}

std::string DigestOf(std::string_view text) {
  return Format("%016llx", static_cast<unsigned long long>(HashBytes(text, 0)));
}

}  // namespace torc
