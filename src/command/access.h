#pragma once

// Access: whether a session's user may run a call, and what is said and kept when not. The
// dispatcher asks before every command, EXEC and scripts again for each of theirs.

#include <string>
#include <string_view>

#include "command/acl_log.h"
#include "command/acl_users.h"
#include "command/session.h"

namespace torc {

struct Services;
class CommandContext;

// What the process knows of users: one for all shards.
struct AccessControl {
  AclUsers users;
  AclLog log;
};

// True for nearly all clients: nothing needs to be checked. A session without a user is the
// engine's own.
inline bool MayDoEverything(const Session& session) {
  return session.user == nullptr || session.user->unrestricted();
}

// What redis.acl_check_cmd asks; notes nothing.
AclVerdict CheckAccess(const Session& session, const Command& command, Argv argv);
// For SORT's BY and GET: whether the session's user may run the command and read any key.
bool MayReadAllKeys(const CommandContext& context);

// A refusal in words, without a code word: "No permissions to access a key". `verbose` names the
// key or channel, as ACL DRYRUN does.
std::string RefusalText(const AclVerdict& verdict, const AclUser& user, const Command& command,
                        Argv argv, bool verbose);
// Keeps a refusal in ACL LOG. Of kAuth, `object` is the command's name as it was typed.
void NoteRefusal(const Services& services, const Session& session, AclReason reason,
                 AclContext context, std::string_view object, std::string_view user);
// The same for a call that CheckAccess refused.
void NoteRefusal(const Services& services, const Session& session, const AclVerdict& verdict,
                 AclContext context, const Command& command, Argv argv);

// Where ACL LOAD and SAVE find the file. The server implements it.
class AclFile {
 public:
  virtual ~AclFile() = default;
  // Empty: there is none.
  virtual const std::string& path() const = 0;
  // The message of an error is what the client reads.
  virtual StatusOr<std::string> Read() = 0;
  virtual Status Replace(const std::string& text) = 0;
};

}  // namespace torc
