#pragma once

// Socket addresses as CLIENT LIST writes them.

#include <sys/socket.h>

#include <string>

namespace torc {

// "127.0.0.1:1234", "[::1]:1234", "/path:0"; "?:0" for anything else, and for a Unix socket without
// a path.
std::string AddressText(const sockaddr_storage& address, socklen_t size_bytes);
// 127.0.0.0/8, ::1, the same mapped into IPv6, or a Unix socket.
bool IsLocalAddress(const sockaddr_storage& address);

}  // namespace torc
