// COMMAND: the server's description of itself, which client libraries route and check by.

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "base/text.h"
#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

TEST_CASE("COMMAND INFO describes a command by ten parts") {
  Server server;
  Connection client = server.Client();
  const RespValue info = client.Do("COMMAND INFO get nonsense");
  REQUIRE(info.items.size() == 2);
  CHECK(info.items.at(0).Print() ==
        "[\"get\", :2, [+readonly, +fast], :1, :1, :1, [+@read, +@string, +@fast], [], "
        "[[\"flags\", [+RO, +access], "
        "\"begin_search\", [\"type\", \"index\", \"spec\", [\"index\", :1]], \"find_keys\", "
        "[\"type\", \"range\", "
        "\"spec\", [\"lastkey\", :0, \"keystep\", :1, \"limit\", :0]]]], []]");
  CHECK(info.items.at(1).is_null);
  const RespValue sub = client.Do("COMMAND INFO config|get");
  REQUIRE(sub.items.size() == 1);
  CHECK(sub.items.at(0).items.at(0).Is("config|get"));
}

TEST_CASE("COMMAND lists as many commands as COMMAND COUNT says, each once") {
  Server server;
  Connection client = server.Client();
  const RespValue all = client.Do("COMMAND");
  const int64_t count = client.Do("COMMAND COUNT").integer;
  CHECK(static_cast<int64_t>(all.items.size()) == count);
  CHECK(count > 150);
  std::set<std::string> names;
  for (const RespValue& command : all.items) {
    REQUIRE(command.items.size() == 10);
    CHECK(names.insert(command.items.at(0).text).second);
    CHECK(command.items.at(1).type == RespType::kInteger);
  }
  CHECK(names.count("get") == 1);
  std::set<std::string> listed;
  for (const RespValue& name : client.Do("COMMAND LIST").items) listed.insert(name.text);
  for (const auto& name : names) CHECK(listed.count(name) == 1);
}

TEST_CASE("COMMAND LIST filters by pattern and by category") {
  Server server;
  Connection client = server.Client();
  std::set<std::string> bits;
  for (const auto& name : client.Do("COMMAND LIST FILTERBY PATTERN bit*").items)
    bits.insert(name.text);
  CHECK(bits == std::set<std::string>{"bitcount", "bitfield", "bitfield_ro", "bitop", "bitpos"});
  std::set<std::string> bitmap;
  for (const auto& name : client.Do("COMMAND LIST FILTERBY ACLCAT bitmap").items)
    bitmap.insert(name.text);
  CHECK(bitmap == std::set<std::string>{"bitcount", "bitfield", "bitfield_ro", "bitop", "bitpos",
                                        "getbit", "setbit"});
  CHECK(client.Do("COMMAND LIST FILTERBY MODULE nothing").items.empty());
  CHECK(client.Do("COMMAND LIST FILTERBY NONSENSE x").Print() == "-ERR syntax error");
}

TEST_CASE("COMMAND DOCS has summary, group and the argument tree") {
  Server server;
  Connection client = server.Client3();
  const RespValue docs = client.Do("COMMAND DOCS set nonsense");
  REQUIRE(docs.type == RespType::kMap);
  REQUIRE(docs.items.size() == 2);
  const RespValue* set = docs.Find("set");
  REQUIRE(set != nullptr);
  CHECK(set->At("since").Is("1.0.0"));
  CHECK(set->At("group").Is("string"));
  CHECK(set->At("complexity").Is("O(1)"));
  CHECK_FALSE(set->At("summary").text.empty());
  const RespValue* arguments = set->Find("arguments");
  REQUIRE(arguments != nullptr);
  REQUIRE(arguments->items.size() == 5);
  CHECK(arguments->items.at(0).At("name").Is("key"));
  CHECK(arguments->items.at(0).At("type").Is("key"));
  CHECK(arguments->items.at(2).At("type").Is("oneof"));
  CHECK(arguments->items.at(2).At("flags").items.at(0).Is("optional"));
  CHECK(arguments->items.at(4).At("arguments").items.size() == 5);
}

TEST_CASE("COMMAND DOCS without a name describes every command") {
  Server server;
  Connection client = server.Client3();
  const RespValue docs = client.Do("COMMAND DOCS");
  CHECK(static_cast<int64_t>(docs.items.size()) == 2 * client.Do("COMMAND COUNT").integer);
  for (size_t i = 0; i + 1 < docs.items.size(); i += 2) {
    INFO(docs.items[i].text);
    CHECK(docs.items[i + 1].Find("summary") != nullptr);
    CHECK(docs.items[i + 1].Find("since") != nullptr);
    CHECK(docs.items[i + 1].Find("group") != nullptr);
  }
}

TEST_CASE("COMMAND GETKEYS finds the keys of a command wherever they are") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("COMMAND GETKEYS GET k").Print() == "[\"k\"]");
  CHECK(client.Do("COMMAND GETKEYS MSET a 1 b 2").Print() == "[\"a\", \"b\"]");
  CHECK(client.Do("COMMAND GETKEYS BITOP AND d a b").Print() == "[\"d\", \"a\", \"b\"]");
  CHECK(client.Do("COMMAND GETKEYS DEL a b c").Print() == "[\"a\", \"b\", \"c\"]");
  CHECK(client.Do("COMMAND GETKEYS COPY a b REPLACE").Print() == "[\"a\", \"b\"]");
  CHECK(client.Do("COMMAND GETKEYS OBJECT ENCODING k").Print() == "[\"k\"]");
  CHECK(client.Do("COMMAND GETKEYSANDFLAGS SET k v").Print() == "[[\"k\", [+OW, +update]]]");
  CHECK(client.Do("COMMAND GETKEYSANDFLAGS RENAME a b").Print() ==
        "[[\"a\", [+RW, +access, +delete]], [\"b\", [+OW, +update]]]");
  CHECK(client.Do("COMMAND GETKEYS NONSENSE a").Print() == "-ERR Invalid command specified");
  CHECK(client.Do("COMMAND GETKEYS GET a b").Print() ==
        "-ERR Invalid number of arguments specified for command");
  CHECK(client.Do("COMMAND GETKEYS PING x").Print() == "-ERR The command has no key arguments");
  CHECK(client.Do("COMMAND NONSENSE").Print() ==
        "-ERR unknown subcommand 'NONSENSE'. Try COMMAND HELP.");
}

TEST_CASE("every container command has help") {
  Server server;
  Connection client = server.Client();
  for (const char* name : {"CLIENT", "COMMAND", "CONFIG", "OBJECT", "SLOWLOG", "LATENCY", "MEMORY",
                           "MODULE", "ACL", "FUNCTION", "SCRIPT", "PUBSUB", "XGROUP", "XINFO"}) {
    INFO(std::string(name));
    const RespValue help = client.Do(std::string(name) + " HELP");
    REQUIRE(help.IsAggregate());
    CHECK(help.items.at(0).Print() ==
          "+" + std::string(name) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    CHECK(help.items.back().Print().rfind("+    Print", 0) == 0);
  }
}

}  // namespace
}  // namespace torc::testing
