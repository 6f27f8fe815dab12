#pragma once

// AclUser: who a client may be. Passwords, kept as SHA-256 digests, and what the user may do: a
// selector of its own and further ones, of which one must allow the whole of a call.
//
// A user of the table in acl_users.h never moves: sessions point at it.

#include <string>
#include <string_view>
#include <vector>

#include "command/acl_selector.h"

namespace torc {

class AclUser {
 public:
  // May not log in and may do nothing; `channels` is what acl-pubsub-default says.
  AclUser(std::string name, AclSelector::Channels channels);

  const std::string& name() const { return name_; }
  // May log in.
  bool enabled() const { return enabled_; }
  // Any password will do.
  bool nopass() const { return nopass_; }
  // May run every command on every key and channel: then nothing needs to be checked.
  bool unrestricted() const { return unrestricted_; }
  const std::vector<std::string>& password_hashes() const { return password_hashes_; }
  // The first is the user's own.
  const std::vector<AclSelector>& selectors() const { return selectors_; }

  // One word of the rule language, a selector in parentheses included. `channels` as above, for
  // what is made anew. After a fault the user may have changed: rules are tried on a copy.
  AclFault Apply(std::string_view rule, const CommandRegistry& registry,
                 AclSelector::Channels channels);
  // Compares in constant time.
  bool HasPassword(std::string_view password) const;

  AclVerdict Check(AclCall& call) const;
  // Whether a selector that allows the command also reads every key there may ever be: what SORT's
  // BY and GET need, whose keys nobody can tell before they are read.
  bool ReadsAllKeys(const Command& command, Argv argv) const;
  bool AllowsChannel(std::string_view channel, bool as_pattern) const;

  // "on", "nopass", "sanitize-payload", …
  std::vector<std::string_view> Flags() const;
  // As ACL LIST and configuration files have it, without "user" and the name: rules that make this
  // of a new user.
  std::string Rules() const;

 private:
  AclFault ApplyPassword(std::string_view rule);
  AclFault AddSelector(std::string_view rules, const CommandRegistry& registry,
                       AclSelector::Channels channels);
  void Reset(AclSelector::Channels channels);

  std::string name_;
  bool enabled_ = false;
  bool nopass_ = false;
  bool sanitize_payload_ = true;
  bool unrestricted_ = false;
  std::vector<std::string> password_hashes_;  // 64 hexadecimal digits each
  std::vector<AclSelector> selectors_;
};

// Rules as people write them, with selectors made whole again: the words of "(+get ~x)" are one
// rule. The rest of an unmatched one is the error.
struct AclRules {
  std::vector<std::string> rules;
  std::string unmatched;  // empty if all parentheses match
};
AclRules JoinSelectors(Argv words);

}  // namespace torc
