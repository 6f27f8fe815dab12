#pragma once

// Threads of libraries that work beside those which serve clients.

namespace torc {

// Starts the allocator's background thread at the lowest priority: on a machine whose cores are all
// busy, or on a single one, giving pages back to the system waits for requests and not they for it
// (measured on one core while a keyspace grew: it took 2 ms at a time). Call once, after the last
// fork and while no other thread starts threads.
void StartAllocatorThread();

}  // namespace torc
