#pragma once

// Commands about the connection itself: who is there, what it is called, which protocol and
// database it uses, and CLIENT with all of its subcommands that need no other feature.

namespace torc {

class CommandRegistry;

void RegisterSessionCommands(
    CommandRegistry& registry);  // HELLO, AUTH, PING, ECHO, SELECT, QUIT, RESET
void RegisterClientCommands(CommandRegistry& registry);       // CLIENT: names, modes
void RegisterClientListCommands(CommandRegistry& registry);   // CLIENT INFO, LIST
void RegisterClientKillCommands(CommandRegistry& registry);   // CLIENT KILL
void RegisterClientPauseCommands(CommandRegistry& registry);  // CLIENT PAUSE, UNPAUSE

inline void RegisterConnectionCommands(CommandRegistry& registry) {
  RegisterSessionCommands(registry);
  RegisterClientCommands(registry);
  RegisterClientListCommands(registry);
  RegisterClientKillCommands(registry);
  RegisterClientPauseCommands(registry);
}

}  // namespace torc
