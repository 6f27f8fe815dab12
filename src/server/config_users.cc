#include "server/config_users.h"

#include <stdlib.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/config_words.h"
#include "base/log.h"
#include "base/text.h"
#include "server/config_disk.h"

namespace torc {
namespace {

constexpr const char* kBoth =
    "Configuring users by 'user' lines and by an ACL file ('aclfile') at the same time is not "
    "possible: keep one of them, so that nobody has to guess who may do what.";

// The user's line begins from nothing, the default user's too.
std::vector<std::string_view> FromNothing(const std::vector<std::string>& rules) {
  std::vector<std::string_view> all = {"reset"};
  all.insert(all.end(), rules.begin(), rules.end());
  return all;
}

std::string AbsolutePath(const std::string& directory, const std::string& path) {
  const std::string joined =
      path.starts_with('/') || directory.empty() ? path : directory + "/" + path;
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(joined.c_str(), nullptr), &::free);
  return real ? std::string(real.get()) : joined;
}

}  // namespace

ConfiguredUsers::ConfiguredUsers(ConfigRegistry& config, const Parts& parts) : parts_(parts) {
  config.Directive("user", {.load = [this](ConfigWords words) { return ReadLine(words); },
                            .lines = [this] { return LinesToKeep(); }});
  config.Text({.name = "aclfile", .immutable = true}, &path_);
}

Status ConfiguredUsers::ReadLine(ConfigWords words) {
  if (words.empty()) {
    return Status::InvalidArgument("Bad directive or wrong number of arguments");
  }
  Line line{words[0], {words.begin() + 1, words.end()}};
  const auto refuse = [&line](const std::string& why) {
    return Status::InvalidArgument("Error in user declaration '" + line.name + "': " + why);
  };
  if (std::any_of(lines_.begin(), lines_.end(),
                  [&line](const Line& other) { return other.name == line.name; })) {
    return refuse("Duplicate user found. A user can only be defined once in config files");
  }
  AclUsers trial;
  const Status fits = trial.Set(line.name, FromNothing(line.rules), *parts_.commands);
  if (!fits.ok()) return refuse(fits.message());
  lines_.push_back(std::move(line));
  return Status::Ok();
}

Status ConfiguredUsers::ApplyLines() {
  for (const Line& line : lines_) {
    TORC_RETURN_IF_ERROR(parts_.users->Set(line.name, FromNothing(line.rules), *parts_.commands));
  }
  return Status::Ok();
}

Status ConfiguredUsers::ReadFile(ConfigFiles& files) {
  const auto text = files.Read(real_path_);
  if (!text.ok()) {
    return Status::IoError(
        "Aborting the start because of ACL errors: Error loading ACLs, opening "
        "file '" +
        path_ + "': " + text.status().message());
  }
  AclUsers::Table replaced;
  const Status loaded = parts_.users->Load(*text, path_, *parts_.commands, &replaced);
  if (!loaded.ok()) {
    return Status::InvalidArgument("Aborting the start because of ACL errors: " + loaded.message());
  }
  return Status::Ok();
}

Status ConfiguredUsers::Settle(ConfigFiles& files, const std::string& directory) {
  if (!parts_.requirepass->empty()) parts_.users->SetDefaultPassword(*parts_.requirepass);
  if (path_.empty()) {
    TORC_RETURN_IF_ERROR(ApplyLines());
  } else {
    if (!lines_.empty()) return Status::InvalidArgument(kBoth);
    real_path_ = AbsolutePath(directory, path_);
    TORC_RETURN_IF_ERROR(ReadFile(files));
    if (!parts_.requirepass->empty()) {
      warnings_.emplace_back(
          "requirepass has no effect beside aclfile: the file decides the default user's "
          "password.");
    }
  }
  for (const auto& [name, user] : parts_.users->all()) {
    if (user->enabled()) continue;
    warnings_.push_back("The user '" + name +
                        "' is disabled (there is no 'on' modifier in the user description). Make "
                        "sure this is not a configuration error.");
  }
  return Status::Ok();
}

std::vector<std::string> ConfiguredUsers::LinesToKeep() const {
  std::vector<std::string> lines;
  if (!path_.empty()) return lines;
  for (const auto& [name, user] : parts_.users->all()) {
    std::string line = QuoteConfigWordIfNeeded(name);
    const std::string rules = user->Rules();
    for (const std::string_view word : Split(rules, ' ')) {
      line += " " + QuoteConfigWordIfNeeded(word);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

StatusOr<std::string> ConfiguredUsers::Read() {
  DiskConfigFiles files;
  auto text = files.Read(real_path_);
  if (text.ok()) return text;
  return Status::IoError("Error loading ACLs, opening file '" + path_ +
                         "': " + text.status().message());
}

Status ConfiguredUsers::Replace(const std::string& text) {
  Status replaced = ReplaceFile(real_path_, text);
  if (!replaced.ok()) {
    Log(LogLevel::kWarning, "The ACL file %s could not be written: %s", path_.c_str(),
        replaced.message().c_str());
  }
  return replaced;
}

}  // namespace torc
