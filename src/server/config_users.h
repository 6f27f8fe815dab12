#pragma once

// `user` lines and `aclfile`, as far as a server without ACL users can honour them: the default
// user who may do everything, with one password or none. That is what a redis.conf holds whose
// owner never made a user, and what Redis itself writes then. Anything else would leave the server
// more open than its configuration says, and stops the start.

#include <optional>
#include <string>

#include "base/config.h"
#include "server/config_file.h"
#include "torc/status.h"

namespace torc {

class ConfiguredUsers {
 public:
  // Declares both. `password` is requirepass's field; it and the registry must outlive this.
  ConfiguredUsers(ConfigRegistry& config, std::string* password);
  ConfiguredUsers(const ConfiguredUsers&) = delete;
  ConfiguredUsers& operator=(const ConfiguredUsers&) = delete;

  // After a load: reads the ACL file and sets the password, which a user's line decides, wherever
  // in the file it stands.
  Status Settle(ConfigFiles& files);
  // A line for the log, if there is something to say.
  const std::string& notice() const { return notice_; }

 private:
  // What the default user's line says of its password.
  struct Password {
    enum class Kind { kNone, kPlain, kHash } kind = Kind::kNone;
    std::string text;
  };

  Status ReadUser(ConfigWords words);
  Status ReadAclFile(ConfigFiles& files);

  std::string* password_;
  std::string acl_file_;
  std::optional<Password> default_user_;
  std::string notice_;
};

}  // namespace torc
