#pragma once

// Passwords: how AUTH and HELLO AUTH decide. There is one user, "default", whose password is
// `requirepass`.

#include <string_view>

namespace torc {

class CommandContext;

// Whether two secrets are the same, in time that depends on the length of `given` only: an attacker
// who measures learns neither the secret's length nor how much of it was right.
bool SameSecret(std::string_view given, std::string_view secret);

// Makes the session that user's; otherwise replies WRONGPASS and returns false.
bool Authenticate(CommandContext& context, std::string_view user, std::string_view password);

// Whether this is a name for clients, library names and the like: printable ASCII without blanks,
// or empty.
bool IsPlainName(std::string_view name);

}  // namespace torc
