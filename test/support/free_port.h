#pragma once

#include <cstdint>
#include <string>

namespace torc::testing {

// A TCP port of 127.0.0.1 for this process alone until it ends, and never the same one twice: what
// a server that is still starting will listen on is nobody else's. It lies below the ports that
// the kernel gives to outgoing connections. Suites in Python reserve theirs in the same way, in
// redis-tests/support/free_ports.py. 0: none is free.
uint16_t FreePort();
// Where reservations are noted: the byte at a port's place is locked by the process that has it.
std::string PortsFile();

}  // namespace torc::testing
