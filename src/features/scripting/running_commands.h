#pragma once

// What SCRIPT KILL, FUNCTION KILL and FUNCTION STATS have in common: they are about what is
// running.

#include "features/scripting/script_run.h"

namespace torc {

class CommandContext;

// Stops what is running, if it is of this kind and has not written; replies.
void KillRunning(CommandContext& context, ScriptIdentity::Kind kind);

}  // namespace torc
