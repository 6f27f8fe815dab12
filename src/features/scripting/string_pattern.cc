#include "features/scripting/string_pattern.h"

#include <cctype>
#include <cstring>
#include <lua.hpp>

#include "features/scripting/script_run.h"

namespace torc {
namespace {

// About a millisecond's work.
constexpr unsigned kStepsPerLook = 1U << 17;

// %a, %d and so on; the capital of a letter is its opposite, any other character is itself.
bool InClass(unsigned char c, unsigned char name) {
  bool in = false;
  switch (std::tolower(name)) {
    case 'a':
      in = std::isalpha(c) != 0;
      break;
    case 'c':
      in = std::iscntrl(c) != 0;
      break;
    case 'd':
      in = std::isdigit(c) != 0;
      break;
    case 'l':
      in = std::islower(c) != 0;
      break;
    case 'p':
      in = std::ispunct(c) != 0;
      break;
    case 's':
      in = std::isspace(c) != 0;
      break;
    case 'u':
      in = std::isupper(c) != 0;
      break;
    case 'w':
      in = std::isalnum(c) != 0;
      break;
    case 'x':
      in = std::isxdigit(c) != 0;
      break;
    case 'z':
      in = c == 0;
      break;
    default:
      return name == c;
  }
  return (std::isupper(name) != 0) != in;
}

// `set` is behind the '[', `set_end` at the closing bracket.
bool InSet(unsigned char c, const char* set, const char* set_end) {
  const bool wanted = *set != '^';
  if (!wanted) ++set;
  while (set < set_end) {
    const auto first = static_cast<unsigned char>(*set);
    if (first == '%' && set + 1 < set_end) {
      if (InClass(c, static_cast<unsigned char>(set[1]))) return wanted;
      set += 2;
    } else if (set + 2 < set_end && set[1] == '-') {
      if (first <= c && c <= static_cast<unsigned char>(set[2])) return wanted;
      set += 3;
    } else {
      if (first == c) return wanted;
      ++set;
    }
  }
  return !wanted;
}

}  // namespace

StringPattern::StringPattern(lua_State* lua, const char* subject, size_t subject_bytes,
                             const char* pattern)
    : lua_(lua), begin_(subject), end_(subject + subject_bytes), pattern_(pattern) {}

const char* StringPattern::MatchAt(const char* at) {
  capture_count_ = 0;
  depth_ = 0;
  return Match(at, pattern_);
}

void StringPattern::CountStep() {
  if (++steps_ % kStepsPerLook == 0) ScriptRun::OnInstructions(lua_, nullptr);
}

const char* StringPattern::ItemEnd(const char* item) const {
  const char first = *item++;
  if (first == '%') {
    if (*item == '\0') luaL_error(lua_, "malformed pattern (ends with '%%')");
    return item + 1;
  }
  if (first != '[') return item;
  if (*item == '^') ++item;
  // A bracket that comes first is one of the set.
  do {
    if (*item == '\0') luaL_error(lua_, "malformed pattern (missing ']')");
    if (*item++ == '%' && *item != '\0') ++item;
  } while (*item != ']');
  return item + 1;
}

bool StringPattern::Fits(const char* at, const char* item, const char* item_end) const {
  const auto c = static_cast<unsigned char>(*at);
  switch (*item) {
    case '.':
      return true;
    case '%':
      return InClass(c, static_cast<unsigned char>(item[1]));
    case '[':
      return InSet(c, item + 1, item_end - 1);
    default:
      return static_cast<unsigned char>(*item) == c;
  }
}

const char* StringPattern::Match(const char* at, const char* item) {
  if (++depth_ > kDepthMax) luaL_error(lua_, "pattern too complex");
  const char* const end = MatchHere(at, item);
  --depth_;
  return end;
}

const char* StringPattern::MatchHere(const char* at, const char* item) {
  for (;;) {
    CountStep();
    switch (*item) {
      case '\0':
        return at;
      case '(':
        return item[1] == ')' ? OpenCapture(at, item + 2, kPosition)
                              : OpenCapture(at, item + 1, kOpen);
      case ')':
        return CloseCapture(at, item + 1);
      case '$':
        if (item[1] == '\0') return at == end_ ? at : nullptr;
        break;
      case '%':
        if (item[1] == 'b') {
          at = MatchBalanced(at, item + 2);
          if (at == nullptr) return nullptr;
          item += 4;
          continue;
        }
        if (item[1] == 'f') {
          item += 2;
          if (*item != '[') luaL_error(lua_, "missing '[' after '%%f' in pattern");
          const char* const set_end = ItemEnd(item);
          if (!AtFrontier(at, item, set_end)) return nullptr;
          item = set_end;
          continue;
        }
        if (std::isdigit(static_cast<unsigned char>(item[1])) != 0) {
          at = MatchCaptured(at, item[1]);
          if (at == nullptr) return nullptr;
          item += 2;
          continue;
        }
        break;
      default:
        break;
    }
    const char* const item_end = ItemEnd(item);
    const bool fits = at < end_ && Fits(at, item, item_end);
    switch (*item_end) {
      case '?':
        if (fits) {
          if (const char* const end = Match(at + 1, item_end + 1)) return end;
        }
        item = item_end + 1;
        continue;
      case '*':
        return MatchMost(at, item, item_end);
      case '+':
        return fits ? MatchMost(at + 1, item, item_end) : nullptr;
      case '-':
        return MatchLeast(at, item, item_end);
      default:
        if (!fits) return nullptr;
        ++at;
        item = item_end;
    }
  }
}

// As many as possible, then fewer.
const char* StringPattern::MatchMost(const char* at, const char* item, const char* item_end) {
  const char* last = at;
  while (last < end_ && Fits(last, item, item_end)) {
    ++last;
    CountStep();
  }
  for (; last >= at; --last) {
    if (const char* const end = Match(last, item_end + 1)) return end;
  }
  return nullptr;
}

// As few as possible, then more.
const char* StringPattern::MatchLeast(const char* at, const char* item, const char* item_end) {
  for (;; ++at) {
    if (const char* const end = Match(at, item_end + 1)) return end;
    if (at >= end_ || !Fits(at, item, item_end)) return nullptr;
  }
}

const char* StringPattern::MatchBalanced(const char* at, const char* item) const {
  if (item[0] == '\0' || item[1] == '\0') luaL_error(lua_, "unbalanced pattern");
  if (at >= end_ || *at != item[0]) return nullptr;
  size_t open = 1;
  while (++at < end_) {
    if (*at == item[1]) {
      if (--open == 0) return at + 1;
    } else if (*at == item[0]) {
      ++open;
    }
  }
  return nullptr;
}

// Between a character outside of the set and one inside; beyond both ends are zeros.
bool StringPattern::AtFrontier(const char* at, const char* item, const char* item_end) const {
  const auto before = static_cast<unsigned char>(at == begin_ ? '\0' : at[-1]);
  const auto behind = static_cast<unsigned char>(at == end_ ? '\0' : *at);
  return !InSet(before, item + 1, item_end - 1) && InSet(behind, item + 1, item_end - 1);
}

const char* StringPattern::OpenCapture(const char* at, const char* item, ptrdiff_t size) {
  if (capture_count_ >= kCapturesMax) luaL_error(lua_, "too many captures");
  captures_[capture_count_++] = {at, size};
  const char* const end = Match(at, item);
  if (end == nullptr) --capture_count_;
  return end;
}

const char* StringPattern::CloseCapture(const char* at, const char* item) {
  int index = capture_count_ - 1;
  while (index >= 0 && captures_[index].size != kOpen) --index;
  if (index < 0) luaL_error(lua_, "invalid pattern capture");
  captures_[index].size = at - captures_[index].at;
  const char* const end = Match(at, item);
  if (end == nullptr) captures_[index].size = kOpen;
  return end;
}

const char* StringPattern::MatchCaptured(const char* at, char digit) const {
  const int index = digit - '1';
  if (index < 0 || index >= capture_count_ || captures_[index].size == kOpen) {
    luaL_error(lua_, "invalid capture index");
  }
  const auto size = static_cast<size_t>(captures_[index].size);
  const bool same =
      static_cast<size_t>(end_ - at) >= size && std::memcmp(captures_[index].at, at, size) == 0;
  return same ? at + size : nullptr;
}

void StringPattern::PushCapture(int index, const char* at, const char* end) const {
  if (index >= capture_count_) {
    if (index > 0) luaL_error(lua_, "invalid capture index");
    return lua_pushlstring(lua_, at, static_cast<size_t>(end - at));
  }
  const Capture& capture = captures_[index];
  if (capture.size == kOpen) luaL_error(lua_, "unfinished capture");
  if (capture.size == kPosition) return lua_pushinteger(lua_, capture.at - begin_ + 1);
  lua_pushlstring(lua_, capture.at, static_cast<size_t>(capture.size));
}

int StringPattern::PushCaptures(const char* at, const char* end) const {
  const int count = capture_count_ == 0 && at != nullptr ? 1 : capture_count_;
  luaL_checkstack(lua_, count, "too many captures");
  for (int i = 0; i < count; ++i) PushCapture(i, at, end);
  return count;
}

}  // namespace torc
