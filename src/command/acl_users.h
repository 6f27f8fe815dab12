#pragma once

// AclUsers: all users of the process, one table for its shards. There is always a user "default":
// what a client is before it says who it is.
//
// Users change while no other shard runs a command (ACL SETUSER and its like are commands over the
// whole data set); between changes any shard reads them without a lock. A user never moves; when
// one is removed, its sessions are told to let go of it before it ends.

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "command/acl_user.h"
#include "torc/status.h"

namespace torc {

class AclUsers {
 public:
  using Table = std::map<std::string, std::unique_ptr<AclUser>, std::less<>>;

  // The default user may do everything, without a password.
  AclUsers();

  const AclUser& default_user() const { return *default_user_; }
  // Whether a client is in without a word: the default user logs in with any password.
  bool open() const { return default_user_->enabled() && default_user_->nopass(); }
  // Null if there is none.
  const AclUser* Find(std::string_view name) const;
  // Null if the name, its password or its being switched off stand against it. Takes as long for a
  // user that is not there.
  const AclUser* Authenticate(std::string_view name, std::string_view password) const;
  // In the order of names.
  const Table& all() const { return users_; }

  // Makes the user, or changes it, by all of the rules or by none. The error is Redis's text.
  Status Set(std::string_view name, Argv words, const CommandRegistry& registry);
  // requirepass: the default user has this password only; none at all if it is empty.
  void SetDefaultPassword(std::string_view password);
  // Null if there is none. The default user must stay.
  std::unique_ptr<AclUser> Remove(std::string_view name);
  // As an ACL file has them: a line "user <name> <rules>" each.
  std::string FileText() const;
  // Takes the users of an ACL file's text instead of its own, all or none: what an error says is
  // every fault of the text. `path` is how it names the file. Users that were replaced end up in
  // `replaced`, for their sessions' sake; the default user's sessions stay.
  Status Load(std::string_view text, const std::string& path, const CommandRegistry& registry,
              Table* replaced);

  // acl-pubsub-default: what new users and selectors may listen to.
  AclSelector::Channels new_channels = AclSelector::Channels::kNone;

  static constexpr std::string_view kDefaultName = "default";

 private:
  Table users_;
  AclUser* default_user_;
};

// One rule after the other; the error names the rule that is refused: "Error in ACL SETUSER
// modifier '…': …".
Status ApplyRules(AclUser& user, Argv words, const CommandRegistry& registry,
                  AclSelector::Channels channels);

}  // namespace torc
