#include "server/config_users.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/config_words.h"
#include "base/text.h"

namespace torc {
namespace {

constexpr size_t kHashDigits = 64;

constexpr const char* kOnlyDefault =
    "this version has no ACL users: of 'user' lines it understands only a default user who may do "
    "everything, 'user default on nopass ~* &* +@all', or with one >password instead of nopass";

constexpr const char* kHashOnly =
    "the default user's password is given as a hash only, which this version cannot use: give the "
    "password itself as well, with requirepass";

// What each rule grants, or takes, of everything a user may be allowed to do.
enum Right : unsigned { kOn = 1, kKeys = 2, kChannels = 4, kCommands = 8, kAll = 15 };

struct RightsRule {
  std::string_view name;
  unsigned grants;
};
constexpr RightsRule kRightsRules[] = {
    {"on", kOn},
    {"allkeys", kKeys},
    {"~*", kKeys},
    {"allchannels", kChannels},
    {"&*", kChannels},
    {"allcommands", kCommands},
    {"+@all", kCommands},
    {"sanitize-payload", 0},
    {"skip-sanitize-payload", 0},
};

const RightsRule* FindRightsRule(std::string_view rule) {
  for (const RightsRule& each : kRightsRules) {
    if (EqualsIgnoreCase(each.name, rule)) return &each;
  }
  return nullptr;
}

}  // namespace

ConfiguredUsers::ConfiguredUsers(ConfigRegistry& config, std::string* password)
    : password_(password) {
  config.Directive("user", {.load = [this](ConfigWords words) { return ReadUser(words); }});
  config.Text({.name = "aclfile", .immutable = true}, &acl_file_);
}

Status ConfiguredUsers::ReadUser(ConfigWords words) {
  if (words.size() < 2) {
    return Status::InvalidArgument("Bad directive or wrong number of arguments");
  }
  if (words[0] != "default") return Status::InvalidArgument(kOnlyDefault);
  unsigned rights = 0;
  std::optional<Password> password;
  for (const std::string& rule : words.subspan(1)) {
    if (const RightsRule* granting = FindRightsRule(rule)) {
      rights |= granting->grants;
      continue;
    }
    const bool first = !password.has_value();
    if (first && EqualsIgnoreCase(rule, "nopass")) {
      password = Password{};
    } else if (first && rule.front() == '>') {
      password = Password{Password::Kind::kPlain, rule.substr(1)};
    } else if (first && rule.front() == '#' && rule.size() == kHashDigits + 1) {
      password = Password{Password::Kind::kHash, rule.substr(1)};
    } else {
      return Status::InvalidArgument(kOnlyDefault);
    }
  }
  if (rights != kAll || !password) return Status::InvalidArgument(kOnlyDefault);
  default_user_ = std::move(password);
  return Status::Ok();
}

Status ConfiguredUsers::ReadAclFile(ConfigFiles& files) {
  const std::string where = "Error loading ACLs, file '" + acl_file_ + "': ";
  const auto text = files.Read(acl_file_);
  if (!text.ok()) return Status::IoError(where + text.status().message());
  int line_number = 0;
  for (const std::string_view raw : Split(*text, '\n')) {
    ++line_number;
    const std::string_view line = TrimBlanks(raw);
    if (line.empty() || line.front() == '#') continue;
    const auto words = SplitConfigLine(line);
    Status read = Status::InvalidArgument("a line that is no user's");
    if (words && (*words)[0] == "user") read = ReadUser(ConfigWords(*words).subspan(1));
    if (!read.ok()) {
      return Status::InvalidArgument(where + "line " + std::to_string(line_number) + ": " +
                                     read.message());
    }
  }
  return Status::Ok();
}

Status ConfiguredUsers::Settle(ConfigFiles& files) {
  if (!acl_file_.empty()) {
    if (default_user_) {
      return Status::InvalidArgument("'user' lines and 'aclfile' exclude each other: keep one");
    }
    TORC_RETURN_IF_ERROR(ReadAclFile(files));
  }
  if (!default_user_) return Status::Ok();
  notice_ = "the default user's line is taken as ";
  switch (default_user_->kind) {
    case Password::Kind::kNone:
      password_->clear();
      notice_ += "requirepass \"\": who can connect may do everything";
      break;
    case Password::Kind::kPlain:
      *password_ = default_user_->text;
      notice_ += "its password in requirepass: who knows it may do everything";
      break;
    case Password::Kind::kHash:
      if (password_->empty()) return Status::InvalidArgument(kHashOnly);
      notice_ += "what requirepass says: who knows the password may do everything";
      break;
  }
  return Status::Ok();
}

}  // namespace torc
