#pragma once

// The names of Redis 7.2's commands, whether Torc has them or not: configurations name them in
// rename-command and in users' rules.

#include <string_view>

namespace torc {

// In any case; a container's name only, not its subcommands'.
bool IsRedisCommand(std::string_view name);

}  // namespace torc
