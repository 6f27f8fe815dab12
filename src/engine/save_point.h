#pragma once

#include <cstdint>

namespace torc {

// "Save when this many seconds have passed and at least so many changes were made."
struct SavePoint {
  int64_t seconds;
  int64_t changes;
};

}  // namespace torc
