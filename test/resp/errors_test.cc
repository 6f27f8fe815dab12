// The texts with names in them, as redis-server was seen to send them.
#include "resp/errors.h"

#include <doctest/doctest.h>

#include <string>

namespace torc::errors {
namespace {

TEST_CASE("texts name the command") {
  CHECK(WrongArgumentCount("config|get") ==
        "ERR wrong number of arguments for 'config|get' command");
  CHECK(InvalidExpireTime("setex") == "ERR invalid expire time in 'setex' command");
  CHECK(NoPermCommand("bob", "set") ==
        "NOPERM User bob has no permissions to run the 'set' command");
  CHECK(UnknownSubcommand("config", "FOO") == "ERR unknown subcommand 'FOO'. Try CONFIG HELP.");
  CHECK(UnknownSubcommand("config", std::string(200, 'x')).size() ==
        std::string("ERR unknown subcommand ''. Try CONFIG HELP.").size() + 128);
}

TEST_CASE("an unknown command quotes its arguments up to a bound") {
  UnknownCommand none("FOO");
  CHECK(none.text() == "ERR unknown command 'FOO', with args beginning with: ");
  UnknownCommand two("FOO");
  two.AddArgument(std::string(100, 'a'));
  two.AddArgument(std::string(100, 'b'));
  two.AddArgument("c");
  CHECK(two.text() == "ERR unknown command 'FOO', with args beginning with: '" +
                          std::string(100, 'a') + "' '" + std::string(25, 'b') + "' ");
  UnknownCommand long_name(std::string(200, 'N'));
  CHECK(long_name.text() ==
        "ERR unknown command '" + std::string(128, 'N') + "', with args beginning with: ");
}

}  // namespace
}  // namespace torc::errors
