#pragma once

// Who may do what only the operator of a machine should, and settings looked up by their CONFIG
// names.

#include <string>
#include <string_view>

namespace torc {

class CommandContext;
struct Services;

// Whether the caller came over a unix socket or from this machine's loopback address. Without
// clients' addresses (an embedded engine) it did.
bool IsLocalCaller(const CommandContext& context);
// "yes", "no" or "local" of a setting such as enable-debug-command.
bool AllowedBySetting(const CommandContext& context, std::string_view setting_value);

// A setting as CONFIG GET shows it; `fallback` where no such setting is declared.
std::string SettingText(const Services& services, std::string_view name, std::string_view fallback);

}  // namespace torc
