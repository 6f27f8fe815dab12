#pragma once

namespace torc {

// Torc's own version, and the Redis version whose behaviour it presents: client libraries choose
// features by the latter (INFO redis_version, HELLO).
inline constexpr const char* kTorcVersion = "0.1.0";
inline constexpr const char* kRedisVersion = "7.2.4";
inline constexpr int kRedisVersionNumber = 0x00070204;  // a byte each

}  // namespace torc
