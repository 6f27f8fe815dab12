#pragma once

// CLIENT TRACKING, CACHING, GETREDIR, TRACKINGINFO.

namespace torc {

class CommandRegistry;

// Behind CLIENT.
void RegisterTrackingCommands(CommandRegistry& registry);

}  // namespace torc
