#pragma once

// What clients saw: the only thing the history checkers look at. Values are unique per history, so
// that a value read names the operation that wrote it. Value 0 is "absent".

#include <cstdint>
#include <string>
#include <vector>

#include "sim/sim_time.h"

namespace torc::sim {

// How an operation ended for its client.
enum class Ending : uint8_t {
  kOk,        // it took effect, once, between its call and its end
  kNoEffect,  // it did not and will never take effect
  kUnknown,   // it may have, or may yet, or never
};

// One access to one key: a register is set or read, a list is appended to or read.
struct Access {
  enum class Kind : uint8_t { kSet, kGet, kAppend, kReadList };
  Kind kind{};
  uint32_t key = 0;
  uint32_t value = 0;          // written, appended or (kGet) read
  std::vector<uint32_t> list;  // kReadList: what was read
};

inline bool IsRead(Access::Kind kind) {
  return kind == Access::Kind::kGet || kind == Access::Kind::kReadList;
}

// One operation: a single access, or several that are atomic together.
struct Operation {
  uint32_t id = 0;
  uint32_t client = 0;
  SimTime called;
  SimTime ended = kNever;
  Ending ending = Ending::kUnknown;
  std::vector<Access> accesses;
};

using History = std::vector<Operation>;

// What a checker found: empty text when nothing is wrong.
struct Verdict {
  std::string violation;
  bool ok() const { return violation.empty(); }
};

}  // namespace torc::sim
