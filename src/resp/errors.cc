#include "resp/errors.h"

#include <algorithm>

#include "base/text.h"

namespace torc::errors {
namespace {

std::string Joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text += part;
  return text;
}

}  // namespace

std::string WrongArgumentCount(std::string_view command) {
  return Joined({"ERR wrong number of arguments for '", command, "' command"});
}

std::string InvalidExpireTime(std::string_view command) {
  return Joined({"ERR invalid expire time in '", command, "' command"});
}

std::string LogMisconf(std::string_view trouble) {
  return Joined({"MISCONF Errors writing to the AOF file: ", trouble});
}

std::string NoPermCommand(std::string_view user, std::string_view command) {
  return Joined({"NOPERM User ", user, " has no permissions to run the '", command, "' command"});
}

std::string OnlyInSubscribeContext(std::string_view command) {
  return Joined(
      {"ERR Can't execute '", command,
       "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this "
       "context"});
}

std::string UnknownSubcommand(std::string_view container, std::string_view subcommand) {
  return Joined({"ERR unknown subcommand '", ShownText(subcommand, 128), "'. Try ",
                 Uppercase(container), " HELP."});
}

std::string_view ShownText(std::string_view text, size_t bytes_max) {
  return text.substr(0, std::min(text.find('\0'), bytes_max));
}

UnknownCommand::UnknownCommand(std::string_view name)
    : text_(Joined({"ERR unknown command '", ShownText(name, kQuotedBytesMax),
                    "', with args beginning with: "})) {}

void UnknownCommand::AddArgument(std::string_view argument) {
  if (quoted_bytes_ >= kQuotedBytesMax) return;
  const size_t before = text_.size();
  text_ += Joined({"'", ShownText(argument, kQuotedBytesMax - quoted_bytes_), "' "});
  quoted_bytes_ += text_.size() - before;
}

}  // namespace torc::errors
