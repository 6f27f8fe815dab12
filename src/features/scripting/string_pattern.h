#pragma once

// Lua's patterns, matched with bounds that Lua 5.1's own matcher lacks: the nesting of choices is
// limited, where Lua's would run out of the machine's stack, and a match that takes long looks at
// the clock, as instructions do. Plain data only: Lua's errors may leave a match.

#include <cstddef>

struct lua_State;

namespace torc {

class StringPattern {
 public:
  static constexpr int kCapturesMax = 32;
  static constexpr int kDepthMax = 200;

  // The texts must outlive it. A pattern ends at its first zero byte.
  StringPattern(lua_State* lua, const char* subject, size_t subject_bytes, const char* pattern);

  // Where a match that begins at `at` ends, or null. Raises errors about the pattern.
  const char* MatchAt(const char* at);
  // Pushes the captures of the last match, the whole match where there are none (and `at` is not
  // null); returns how many values.
  int PushCaptures(const char* at, const char* end) const;
  // Pushes one of them, counted from 0.
  void PushCapture(int index, const char* at, const char* end) const;

  const char* begin() const { return begin_; }
  const char* end() const { return end_; }

 private:
  static constexpr ptrdiff_t kOpen = -1;      // a capture whose end is not known yet
  static constexpr ptrdiff_t kPosition = -2;  // "()"
  struct Capture {
    const char* at;
    ptrdiff_t size;
  };

  const char* Match(const char* at, const char* item);
  const char* MatchHere(const char* at, const char* item);
  // One character against one item, which ends at `item_end`.
  bool Fits(const char* at, const char* item, const char* item_end) const;
  const char* ItemEnd(const char* item) const;
  const char* MatchMost(const char* at, const char* item, const char* item_end);
  const char* MatchLeast(const char* at, const char* item, const char* item_end);
  const char* MatchBalanced(const char* at, const char* item) const;
  bool AtFrontier(const char* at, const char* item, const char* item_end) const;
  const char* OpenCapture(const char* at, const char* item, ptrdiff_t size);
  const char* CloseCapture(const char* at, const char* item);
  const char* MatchCaptured(const char* at, char digit) const;
  void CountStep();

  lua_State* lua_;
  const char* begin_;
  const char* end_;
  const char* pattern_;
  int capture_count_ = 0;
  int depth_ = 0;
  unsigned steps_ = 0;
  Capture captures_[kCapturesMax] = {};
};

}  // namespace torc
