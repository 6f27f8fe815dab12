#pragma once

// TORC_CHECK(cond, "what was expected"): an invariant of ours, always on; prints and aborts when
// broken. TORC_DCHECK: the same, compiled only into debug and sanitizer builds.

namespace torc {

// Prints the failed condition with file and line on stderr and aborts. Any thread.
[[noreturn]] void CheckFailed(const char* condition, const char* message, const char* file,
                              int line);

}  // namespace torc

#define TORC_CHECK(condition, message)                              \
  do {                                                              \
    if (__builtin_expect(!(condition), 0)) {                        \
      ::torc::CheckFailed(#condition, message, __FILE__, __LINE__); \
    }                                                               \
  } while (false)

#ifdef NDEBUG
#define TORC_DCHECK(condition, message) \
  do {                                  \
    if (false) {                        \
      (void)(condition);                \
    }                                   \
  } while (false)
#else
#define TORC_DCHECK(condition, message) TORC_CHECK(condition, message)
#endif
