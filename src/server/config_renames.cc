#include "server/config_renames.h"

#include "base/text.h"
#include "command/redis_commands.h"

namespace torc {

CommandRenames::CommandRenames(ConfigRegistry& config, CommandRegistry& commands)
    : commands_(commands) {
  config.Directive("rename-command", {.load = [this](ConfigWords words) { return Load(words); }});
}

Status CommandRenames::Load(ConfigWords words) {
  if (words.size() != 2) {
    return Status::InvalidArgument("Bad directive or wrong number of arguments");
  }
  if (commands_.Find(words[0]) == nullptr && commands_.FindOwn(words[0]) == nullptr &&
      IsRedisCommand(words[0])) {
    absent_.push_back(Lowercase(words[0]));
    return Status::Ok();
  }
  return commands_.Rename(words[0], words[1]);
}

}  // namespace torc
