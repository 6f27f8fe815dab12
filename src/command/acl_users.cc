#include "command/acl_users.h"

#include <utility>

#include "base/text.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr std::string_view kNothingChanged =
    "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";

// Reads the lines of an ACL file into a table; gathers what is wrong with them.
class FileReader {
 public:
  FileReader(const std::string& path, const CommandRegistry& registry,
             AclSelector::Channels channels)
      : path_(path), registry_(registry), channels_(channels) {}

  void Line(std::string_view line) {
    ++number_;
    line = TrimBlanks(line);
    if (line.empty()) return;
    const auto words = Split(line, ' ');
    if (words[0] != "user" || words.size() < 2) {
      return Fail(" should start with user keyword followed by the username. ");
    }
    const std::string name(words[1]);
    if (name.find_first_of(" \t\n\v\f\r") != std::string::npos) {
      return Fail(": username '" + name + "' contains invalid characters. ");
    }
    if (table.find(name) != table.end()) {
      faults += Format("WARNING: Duplicate user '%s' found on line %d. ", name.c_str(), number_);
      return;
    }
    auto user = std::make_unique<AclUser>(name, channels_);
    Rules(*user, Argv(words).subspan(2));
    table[name] = std::move(user);
  }

  AclUsers::Table table;
  std::string faults;

 private:
  void Rules(AclUser& user, Argv words) {
    const AclRules joined = JoinSelectors(words);
    if (!joined.unmatched.empty()) {
      return Fail(": Unmatched parenthesis in selector definition. ");
    }
    // A word that is unknown hides the others of its line.
    for (const std::string& rule : joined.rules) {
      const AclFault fault = user.Apply(TrimBlanks(rule), registry_, channels_);
      if (fault == AclFault::kNone) continue;
      const std::string reason(AclFaultText(fault));
      const bool about_names = fault == AclFault::kUnknown;
      return Fail((about_names ? ": Error in applying operation '" + rule + "': " : ": ") + reason +
                  ". ");
    }
  }
  void Fail(const std::string& what) { faults += path_ + ":" + std::to_string(number_) + what; }

  const std::string& path_;
  const CommandRegistry& registry_;
  AclSelector::Channels channels_;
  int number_ = 0;
};

void AllowEverything(AclUser& user) {
  // None of these rules names a command: any registry will do.
  const CommandRegistry none;
  for (const char* rule : {"on", "nopass", "~*", "&*", "+@all"}) {
    (void)user.Apply(rule, none, AclSelector::Channels::kAll);
  }
}

}  // namespace

Status ApplyRules(AclUser& user, Argv words, const CommandRegistry& registry,
                  AclSelector::Channels channels) {
  const AclRules joined = JoinSelectors(words);
  if (!joined.unmatched.empty()) {
    return Status::InvalidArgument("Unmatched parenthesis in acl selector starting at '" +
                                   std::string(errors::ShownText(joined.unmatched)) + "'.");
  }
  for (const std::string& rule : joined.rules) {
    const AclFault fault = user.Apply(rule, registry, channels);
    if (fault == AclFault::kNone) continue;
    return Status::InvalidArgument("Error in ACL SETUSER modifier '" +
                                   std::string(errors::ShownText(rule)) +
                                   "': " + std::string(AclFaultText(fault)));
  }
  return Status::Ok();
}

AclUsers::AclUsers() {
  auto user = std::make_unique<AclUser>(std::string(kDefaultName), AclSelector::Channels::kAll);
  AllowEverything(*user);
  default_user_ = user.get();
  users_.emplace(kDefaultName, std::move(user));
}

const AclUser* AclUsers::Find(std::string_view name) const {
  const auto it = users_.find(name);
  return it == users_.end() ? nullptr : it->second.get();
}

const AclUser* AclUsers::Authenticate(std::string_view name, std::string_view password) const {
  const AclUser* user = Find(name);
  const AclUser& asked = user == nullptr ? *default_user_ : *user;
  const bool known = asked.HasPassword(password) || asked.nopass();
  return user != nullptr && known && user->enabled() ? user : nullptr;
}

Status AclUsers::Set(std::string_view name, Argv words, const CommandRegistry& registry) {
  if (name.find_first_of(std::string_view(" \t\n\v\f\r\0", 7)) != std::string_view::npos) {
    return Status::InvalidArgument("Usernames can't contain spaces or null characters");
  }
  const auto it = users_.find(name);
  const bool known = it != users_.end();
  AclUser changed = known ? *it->second : AclUser(std::string(name), new_channels);
  TORC_RETURN_IF_ERROR(ApplyRules(changed, words, registry, new_channels));
  if (known) {
    *it->second = std::move(changed);
  } else {
    users_.emplace(name, std::make_unique<AclUser>(std::move(changed)));
  }
  return Status::Ok();
}

void AclUsers::SetDefaultPassword(std::string_view password) {
  const CommandRegistry none;
  (void)default_user_->Apply("resetpass", none, new_channels);
  const std::string rule = password.empty() ? "nopass" : ">" + std::string(password);
  (void)default_user_->Apply(rule, none, new_channels);
}

std::unique_ptr<AclUser> AclUsers::Remove(std::string_view name) {
  const auto it = users_.find(name);
  if (it == users_.end() || it->second.get() == default_user_) return nullptr;
  auto user = std::move(it->second);
  users_.erase(it);
  return user;
}

std::string AclUsers::FileText() const {
  std::string text;
  for (const auto& [name, user] : users_) text += "user " + name + " " + user->Rules() + "\n";
  return text;
}

Status AclUsers::Load(std::string_view text, const std::string& path,
                      const CommandRegistry& registry, Table* replaced) {
  FileReader reader(path, registry, new_channels);
  for (const std::string_view line : Split(text, '\n')) reader.Line(line);
  if (!reader.faults.empty()) {
    return Status::InvalidArgument(reader.faults + std::string(kNothingChanged));
  }
  const auto given = reader.table.find(kDefaultName);
  if (given != reader.table.end()) {
    *default_user_ = std::move(*given->second);
    reader.table.erase(given);
  } else {
    AllowEverything(*default_user_);
  }
  auto own = users_.extract(users_.find(kDefaultName));
  *replaced = std::move(users_);
  users_ = std::move(reader.table);
  users_.insert(std::move(own));
  return Status::Ok();
}

}  // namespace torc
