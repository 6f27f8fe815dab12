#include "command/acl_user.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "command/acl_users.h"
#include "engine/all_rooms.h"

namespace torc {
namespace {

struct Fixture {
  CommandRegistry commands;
  AclUsers users;
  Fixture() { RegisterAllCommands(commands); }

  // The user's rules after these, or why one was refused.
  std::string Set(std::string_view name, std::string_view rules) {
    const Status set = users.Set(name, Split(rules, ' '), commands);
    return set.ok() ? users.Find(name)->Rules() : set.message();
  }
  // What a new user's rules are after these.
  std::string New(std::string_view rules) {
    users.Remove("new");
    return Set("new", rules);
  }
  // Which words are denied: "" (all allowed), "command", "key 2", "channel 1".
  std::string Denied(std::string_view name, std::string_view line) {
    const auto argv = Split(line, ' ');
    const Command* command = commands.Find(argv[0]);
    if (!command->subcommands.empty() && argv.size() > 1) {
      command = CommandRegistry::FindSub(*command, argv[1]);
    }
    REQUIRE(command != nullptr);
    AclCall call(*command, argv);
    const AclVerdict verdict = users.Find(name)->Check(call);
    constexpr const char* kWhat[] = {"", "command", "key ", "channel "};
    std::string text = kWhat[static_cast<size_t>(verdict.denial)];
    if (verdict.denial >= AclDenial::kKey) text += std::to_string(verdict.position);
    return text;
  }
};

const std::string kNew = "off sanitize-payload resetchannels -@all";

TEST_CASE("a new user may do nothing, and reset makes a user new") {
  Fixture f;
  CHECK(f.New("") == kNew);
  CHECK(f.New("on >p ~* &* +@all (+get) skip-sanitize-payload reset") == kNew);
  f.users.new_channels = AclSelector::Channels::kAll;
  CHECK(f.New("(+get)") == "off sanitize-payload &* -@all (&* -@all +get)");
  CHECK(f.Denied("new", "get k") == "key 1");
}

TEST_CASE("rules are shown in one form however they were given") {
  Fixture f;
  CHECK(f.New("ON NoPass ALLKEYS AllChannels ALLCOMMANDS") ==
        "on nopass sanitize-payload ~* &* +@all");
  CHECK(f.New("~k* %R~r* %W~w* %RW~b* %wr~c* &ch*") ==
        "off sanitize-payload ~k* %R~r* %W~w* ~b* ~c* resetchannels &ch* -@all");
  CHECK(f.New("~x %R~x %R~y %W~y &x &x %R") ==
        "off sanitize-payload ~x ~y %R~ resetchannels &x -@all");
  CHECK(f.New("( +get ~a ) (%R~b +get") ==
        "Unmatched parenthesis in acl selector starting at '(%R~b'.");
  CHECK(f.New("( +get ~a )") ==
        "off sanitize-payload resetchannels -@all (~a resetchannels -@all +get)");
  CHECK(f.New("+get ( +set ) clearselectors") == "off sanitize-payload resetchannels -@all +get");
}

TEST_CASE("of command rules those stay that mean something") {
  Fixture f;
  const auto commands = [&](std::string_view rules) {
    f.New(rules);
    return f.users.Find("new")->selectors()[0].CommandsText();
  };
  CHECK(commands("+GET +SELECT|0 +SELECT|Foo +config|GET +@Hash -hget") ==
        "-@all +get +select|0 +select|foo +config|get +@hash -hget");
  CHECK(commands("+config|get -config|set +config") == "-@all +config");
  CHECK(commands("+get +set -get +get") == "-@all +set +get");
  CHECK(commands("+@read -@read +@read") == "-@all +@read");
  CHECK(commands("+get +@all -debug") == "+@all -debug");
  CHECK(commands("+@all -debug nocommands") == "-@all");
  CHECK(commands("+select|0 -select") == "-@all -select");
}

TEST_CASE("a command of Redis's that the server lacks may be named, and means nothing") {
  const CommandRegistry empty;
  AclUser user("u", AclSelector::Channels::kNone);
  CHECK(user.Apply("+GET", empty, AclSelector::Channels::kNone) == AclFault::kNone);
  CHECK(user.Apply("-cluster|nodes", empty, AclSelector::Channels::kNone) == AclFault::kNone);
  CHECK(user.Apply("+nosuch", empty, AclSelector::Channels::kNone) == AclFault::kUnknown);
  CHECK(user.selectors()[0].CommandsText() == "-@all +get -cluster|nodes");
}

TEST_CASE("what makes no sense is refused, and then nothing has changed") {
  Fixture f;
  f.Set("u", "on ~k");
  const std::string before = f.users.Find("u")->Rules();
  for (const auto& [rule, reason] :
       {std::pair{"nonsense", "Syntax error"},
        std::pair{"+nosuch", "Unknown command"},
        std::pair{"+@nosuch", "Unknown command"},
        std::pair{"+config|nosuch", "Unknown command"},
        std::pair{"-select|0", "Unknown command"},
        std::pair{"+get|a|b", "Unknown command"},
        std::pair{"+", "Unknown command"},
        std::pair{"+@", "Unknown command"},
        std::pair{"+config|get|x", "Allowing first-arg of a subcommand"},
        std::pair{"+select|", "Syntax error"},
        std::pair{"%~x", "Syntax error"},
        std::pair{"%RX~x", "Syntax error"},
        std::pair{"%RR~x", "Syntax error"},
        std::pair{"%", "Syntax error"},
        std::pair{"~a\tb", "Syntax error"},
        std::pair{"&a\tb", "Syntax error"},
        std::pair{"(on)", "Syntax error"},
        std::pair{"((+get))", "Syntax error"},
        std::pair{"#abc", "must be exactly 64"},
        std::pair{"!abc", "must be exactly 64"},
        std::pair{"<none", "does not exist"},
        std::pair{"allkeys ~x", "Try 'resetkeys'"},
        std::pair{"&* &x", "Try 'resetchannels'"}}) {
    CAPTURE(rule);
    const std::string answer = f.Set("u", "off +get " + std::string(rule));
    CHECK(answer.find("Error in ACL SETUSER modifier '") == 0);
    CHECK(answer.find(reason) != std::string::npos);
    CHECK(f.users.Find("u")->Rules() == before);
  }
  CHECK(f.Set("a b", "on") == "Usernames can't contain spaces or null characters");
}

TEST_CASE("passwords are kept as digests and can be added and taken away either way") {
  Fixture f;
  const std::string secret = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
  CHECK(f.New(">secret >secret #" + secret) ==
        "off sanitize-payload #" + secret + " resetchannels -@all");
  CHECK(f.New(">secret !" + secret) == kNew);
  CHECK(f.New("#" + secret + " <secret") == kNew);
  CHECK(f.New("nopass >a resetpass") == kNew);
  CHECK(f.New(">a nopass") == "off nopass sanitize-payload resetchannels -@all");
  f.Set("u", "on >one >two");
  CHECK(f.users.Authenticate("u", "one") == f.users.Find("u"));
  CHECK(f.users.Authenticate("u", "two") == f.users.Find("u"));
  for (const char* wrong : {"", "on", "onee", "three", "One"}) {
    CAPTURE(wrong);
    CHECK(f.users.Authenticate("u", wrong) == nullptr);
  }
  CHECK(f.users.Authenticate("nobody", "one") == nullptr);
  f.Set("u", "off");
  CHECK(f.users.Authenticate("u", "one") == nullptr);
}

TEST_CASE(
    "a command is allowed by itself, by its container, by a category or by a first argument") {
  Fixture f;
  f.Set("u", "allkeys +get +config -config|set +@hash -hget +select|0 +select|7");
  CHECK(f.Denied("u", "get k").empty());
  CHECK(f.Denied("u", "set k v") == "command");
  CHECK(f.Denied("u", "config get x").empty());
  CHECK(f.Denied("u", "config set x y") == "command");
  CHECK(f.Denied("u", "hset k f v").empty());
  CHECK(f.Denied("u", "hget k f") == "command");
  CHECK(f.Denied("u", "select 7").empty());
  CHECK(f.Denied("u", "select 1") == "command");
  CHECK(f.Denied("u", "auth x").empty());  // the way in is open to all
  f.Set("u", "+@all -@dangerous +keys");
  CHECK(f.Denied("u", "keys *").empty());
  CHECK(f.Denied("u", "flushall") == "command");
  CHECK(f.Denied("u", "get k").empty());
}

TEST_CASE("keys are checked for what the command does with them") {
  Fixture f;
  f.Set("u", "+@all %R~r* %W~w* ~b*");
  for (const char* line :
       {"get r", "set w 1", "set b 1 GET", "append w 1", "copy r w", "rename b w", "type w",
        "exists r", "strlen w", "lpush w 1", "rpoplpush b w", "bitfield r get u8 0",
        "sinterstore w r b", "georadius r 0 0 1 m store w", "xread count 1 streams r b 0 0"}) {
    CAPTURE(line);
    CHECK(f.Denied("u", line).empty());
  }
  CHECK(f.Denied("u", "get w") == "key 1");
  CHECK(f.Denied("u", "set r 1") == "key 1");
  CHECK(f.Denied("u", "set w 1 GET") == "key 1");
  CHECK(f.Denied("u", "incr w") == "key 1");
  CHECK(f.Denied("u", "copy w r") == "key 1");
  CHECK(f.Denied("u", "rename b r") == "key 2");
  CHECK(f.Denied("u", "type none") == "key 1");
  CHECK(f.Denied("u", "bitfield w set u8 0 1") == "key 1");
  CHECK(f.Denied("u", "georadius r 0 0 1 m store r") == "key 7");
  CHECK(f.Denied("u", "georadius r 0 0 1 m store w store r") == "key 9");
  CHECK(f.Denied("u", "georadius none 0 0 1 m storedist store") == "key 1");
  CHECK(f.Denied("u", "georadius r 0 0 1 m storedist store") == "key 7");
  CHECK(f.Denied("u", "xread count 1 streams r w 0 0") == "key 5");
  CHECK(f.Denied("u", "mset b 1 w 2 r 3") == "key 5");
}

TEST_CASE("channels match patterns, but a pattern must be one of them literally") {
  Fixture f;
  f.Set("u", "+@all &news.* &x");
  CHECK(f.Denied("u", "subscribe news.a x").empty());
  CHECK(f.Denied("u", "subscribe news.a y") == "channel 2");
  CHECK(f.Denied("u", "psubscribe news.*").empty());
  CHECK(f.Denied("u", "psubscribe news.a") == "channel 1");
  CHECK(f.Denied("u", "publish y hello") == "channel 1");
  CHECK(f.Denied("u", "publish x y").empty());
  CHECK(f.Denied("u", "ssubscribe y") == "channel 1");
  CHECK(f.Denied("u", "unsubscribe y").empty());
}

TEST_CASE("one selector must allow the whole call; what came furthest is told") {
  Fixture f;
  f.Set("u", "+get ~a* (+get +mget ~b*) (+set ~c*)");
  CHECK(f.Denied("u", "get a").empty());
  CHECK(f.Denied("u", "get b").empty());
  CHECK(f.Denied("u", "get c") == "key 1");
  CHECK(f.Denied("u", "mget b1 b2").empty());
  CHECK(f.Denied("u", "mget b a") == "key 2");
  CHECK(f.Denied("u", "del a") == "command");
  CHECK_FALSE(f.users.Find("u")->unrestricted());
  f.Set("u", "(~* &* +@all)");
  CHECK(f.users.Find("u")->unrestricted());
  f.Set("u", "clearselectors");
  CHECK_FALSE(f.users.Find("u")->unrestricted());
}

TEST_CASE("what a user's rules say makes the same user") {
  Fixture f;
  for (const char* rules :
       {"on >p ~k* %R~x &c* +@all -@dangerous +config|get", "nopass (~a +get) (&b -@all +select|1)",
        "+@read -get +select|0 skip-sanitize-payload", "on nopass ~* &* +@all (+@slow)"}) {
    CAPTURE(rules);
    const std::string shown = f.New(rules);
    CHECK(f.New(shown) == shown);
  }
}

}  // namespace
}  // namespace torc
