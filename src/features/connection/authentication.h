#pragma once

// How AUTH and HELLO AUTH make a client a user.

#include <string_view>

namespace torc {

class CommandContext;

// Makes the session that user's; otherwise replies WRONGPASS, keeps it in ACL LOG, and returns
// false.
bool Authenticate(CommandContext& context, std::string_view name, std::string_view password);

// Whether this is a name for clients, library names and the like: printable ASCII without blanks,
// or empty.
bool IsPlainName(std::string_view name);

}  // namespace torc
