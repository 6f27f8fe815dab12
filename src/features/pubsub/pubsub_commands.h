#pragma once

// SUBSCRIBE and its kin, PUBLISH, SPUBLISH, PUBSUB, MONITOR.

namespace torc {

class CommandRegistry;

void RegisterSubscribeCommands(CommandRegistry& registry);
void RegisterPublishCommands(CommandRegistry& registry);
void RegisterMonitorCommand(CommandRegistry& registry);

inline void RegisterPubsubCommands(CommandRegistry& registry) {
  RegisterSubscribeCommands(registry);
  RegisterPublishCommands(registry);
  RegisterMonitorCommand(registry);
}

}  // namespace torc
