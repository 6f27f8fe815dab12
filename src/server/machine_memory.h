#pragma once

// What "maxmemory 50%" is a part of.

#include <cstddef>

namespace torc {

// The memory of the machine, or the limit of the control group the process runs in (version 2 or
// 1) if that is lower. 0 if neither is known.
size_t MachineMemoryBytes();

}  // namespace torc
