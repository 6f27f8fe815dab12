#include "server/config_renames.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "base/text.h"
#include "command/redis_commands.h"
#include "engine/all_rooms.h"

namespace torc {
namespace {

struct Fixture {
  CommandRegistry commands;
  ConfigRegistry registry;
  CommandRenames renames{registry, commands};

  Fixture() { RegisterAllCommands(commands); }
  std::string Load(std::vector<std::string> words) {
    const Status loaded = registry.Load(words);
    return loaded.ok() ? "OK" : loaded.message();
  }
};

TEST_CASE("a command answers to its new name only, or to none") {
  Fixture f;
  const Command* get = f.commands.Find("get");
  CHECK(f.Load({"rename-command", "GET", "a-very-long-name-that-nobody-guesses"}) == "OK");
  CHECK(f.commands.Find("get") == nullptr);
  CHECK(f.commands.Find("A-VERY-LONG-name-that-nobody-guesses") == get);
  CHECK(f.commands.FindOwn("get") == get);
  CHECK(f.Load({"rename-command", "FlushAll", ""}) == "OK");
  CHECK(f.commands.Find("flushall") == nullptr);
  CHECK(f.commands.FindOwn("FLUSHALL")->hidden());
  CHECK(f.Load({"rename-command", "config", "get"}) == "OK");
  CHECK(f.commands.Find("get")->own_name() == "config");
  CHECK(f.commands.FindFull("get|set")->full_name == "config|set");
  CHECK(f.Load({"rename-command", "set", "SET"}) == "OK");
  CHECK(f.commands.Find("set") != nullptr);
}

TEST_CASE("a rename that cannot be is refused with Redis's words") {
  Fixture f;
  CHECK(f.Load({"rename-command", "nonsense", ""}) == "No such command in rename-command");
  CHECK(f.Load({"rename-command", "get", "set"}) == "Target command name already exists");
  CHECK(f.commands.Find("get") != nullptr);
  CHECK(f.Load({"rename-command", "get"}) == "Bad directive or wrong number of arguments");
  CHECK(f.Load({"rename-command", "config|get", "x"}) == "No such command in rename-command");
}

TEST_CASE("a command that only Redis has can be hidden: it is hidden already") {
  Fixture f;
  REQUIRE(f.commands.Find("migrate") == nullptr);
  CHECK(f.Load({"rename-command", "MIGRATE", ""}) == "OK");
  CHECK(f.renames.absent() == std::vector<std::string>{"migrate"});
}

TEST_CASE("the names that Redis has are all known") {
  std::ifstream file(TORC_TEST_DIR "/command/data/redis_7_2_commands.tsv");
  std::string line;
  int count = 0;
  while (std::getline(file, line)) {
    const std::string name = line.substr(0, line.find('\t'));
    if (name.starts_with('#') || name == "name" || name.find('|') != std::string::npos) continue;
    CAPTURE(name);
    CHECK(IsRedisCommand(name));
    ++count;
  }
  CHECK(count > 200);
  CHECK_FALSE(IsRedisCommand("nonsense"));
}

}  // namespace
}  // namespace torc
