#pragma once

// EVAL and its kin, SCRIPT, FUNCTION, FCALL.

namespace torc {

class CommandRegistry;

void RegisterEvalCommands(CommandRegistry& registry);      // EVAL, EVALSHA, …_RO
void RegisterScriptCommands(CommandRegistry& registry);    // SCRIPT
void RegisterFunctionCommands(CommandRegistry& registry);  // FUNCTION, FCALL, FCALL_RO

inline void RegisterScriptingCommands(CommandRegistry& registry) {
  RegisterEvalCommands(registry);
  RegisterScriptCommands(registry);
  RegisterFunctionCommands(registry);
}

}  // namespace torc
