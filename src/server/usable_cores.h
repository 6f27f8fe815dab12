#pragma once

// How many cores the process may use: those it may run on, within what its control group allows.

#include <cstddef>
#include <string_view>

namespace torc {

size_t UsableCores();

// Binds the calling thread to one of the cores that the process may run on, by its number among
// them; best effort. Threads that it starts later are bound likewise.
void PinToCore(size_t index);

// Of `cores`, those that a cgroup's "cpu.max" ("<quota> <period>" in microseconds, or "max …")
// leaves: rounded up, at least one. A text that says nothing leaves all.
size_t CoresWithin(std::string_view cpu_max, size_t cores);

}  // namespace torc
