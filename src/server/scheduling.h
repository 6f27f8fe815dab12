#pragma once

// How the kernel's scheduler is asked to treat our threads where they share a core. All of it is
// best effort: what a kernel or a container refuses is left out.

namespace torc {

// The calling thread runs a shard's loop: when something arrives for it, it takes the core from the
// process's other threads at once, not when their time slice (3 ms by default) is over. Its share
// of the core stays what it was. Needs Linux 6.12 (EEVDF with custom slices); before, nothing
// changes.
void PreferPromptWakeUps();

// The calling thread does work for which no client waits: it gets this name (at most 15 letters)
// and niceness.
void WorkInBackground(const char* name, int niceness);

}  // namespace torc
