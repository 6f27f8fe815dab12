#include "features/admin/access.h"

#include <array>

#include "command/context.h"

namespace torc {

bool IsLocalCaller(const CommandContext& context) {
  if (context.services.clients == nullptr) return true;
  const Transport transport = context.services.clients->TransportOf(context.session);
  return transport.unix_socket || StartsWith(transport.peer_address, "127.") ||
         StartsWith(transport.peer_address, "[::1]") || StartsWith(transport.peer_address, "::1:");
}

bool AllowedBySetting(const CommandContext& context, std::string_view setting_value) {
  return setting_value == "yes" || (setting_value == "local" && IsLocalCaller(context));
}

std::string SettingText(const Services& services, std::string_view name,
                        std::string_view fallback) {
  const std::array<std::string_view, 1> names = {name};
  const auto values = services.config->Get(names);
  return values.empty() ? std::string(fallback) : values[0].value;
}

}  // namespace torc
