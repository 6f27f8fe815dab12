#pragma once

#include "base/ids.h"
#include "store/entry.h"

namespace torc {

// An entry as sampling found it. The entry dies as all pointers to entries do.
struct SampledKey {
  DbIndex db;
  PartitionId partition;
  Entry* entry = nullptr;
};

}  // namespace torc
