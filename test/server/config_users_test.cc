#include "server/config_users.h"

#include <doctest/doctest.h>

#include <string>

#include "engine/all_rooms.h"
#include "fake_config_files.h"
#include "server/config_rewrite.h"

namespace torc {
namespace {

// A configuration and an ACL file, loaded; and what users come of them.
struct Fixture {
  FakeConfigFiles files;
  ConfigRegistry registry;
  CommandRegistry commands;
  AclUsers users;
  std::string requirepass;
  ConfiguredUsers configured{registry,
                             {.users = &users, .commands = &commands, .requirepass = &requirepass}};

  Fixture() {
    RegisterAllCommands(commands);
    registry.Text({.name = "requirepass"}, &requirepass);
  }
  std::string Load(const std::string& text, const std::string& acl_text = "") {
    files.files["torc.conf"] = text;
    files.files["users.acl"] = acl_text;
    Status loaded = LoadConfig({.config_path = "torc.conf"}, files, registry);
    if (loaded.ok()) loaded = configured.Settle(files, "");
    return loaded.message();
  }
};

std::string Users(const std::string& text, const std::string& acl_text = "") {
  Fixture f;
  const std::string refusal = f.Load(text, acl_text);
  return refusal.empty() ? f.users.FileText() : refusal;
}

const std::string kOpen = "user default on nopass sanitize-payload ~* &* +@all\n";

TEST_CASE("without a word about users there is the default one, who may do everything") {
  CHECK(Users("") == kOpen);
  CHECK(Users("user default on nopass ~* &* +@all\n") == kOpen);
}

TEST_CASE("a user's line makes the user, selectors over several words included") {
  CHECK(Users("user bob on nopass ~b:* ( +get %R~x ) (+set) +ping\n") ==
        "user bob on nopass sanitize-payload ~b:* resetchannels -@all +ping (%R~x resetchannels "
        "-@all +get) (resetchannels -@all +set)\n" +
            kOpen);
  CHECK(Users("user \"\" off\n") == "user  off sanitize-payload resetchannels -@all\n" + kOpen);
}

TEST_CASE("a line about the default user begins from nothing, wherever requirepass stands") {
  const std::string password =
      "#2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";  // of "secret"
  CHECK(Users("requirepass secret\n") ==
        "user default on sanitize-payload " + password + " ~* &* +@all\n");
  for (const char* text : {"user default on >secret ~k* +get\nrequirepass other\n",
                           "requirepass other\nuser default on >secret ~k* +get\n"}) {
    CHECK(Users(text) ==
          "user default on sanitize-payload " + password + " ~k* resetchannels -@all +get\n");
  }
}

TEST_CASE("a line that cannot be understood stops the start and says where and why") {
  for (const auto& [line, reason] :
       {std::pair{"user bob +nosuch", "Unknown command or category name in ACL"},
        std::pair{"user bob on (+get", "Unmatched parenthesis"},
        std::pair{"user bob #abc", "must be exactly 64 characters"},
        std::pair{"user \"a b\" on", "can't contain spaces"},
        std::pair{"user", "wrong number of arguments"},
        std::pair{"user bob on\nuser bob off", "Duplicate user found"}}) {
    CAPTURE(line);
    const std::string refusal = Users(line);
    CHECK(refusal.find("FATAL CONFIG FILE ERROR") != std::string::npos);
    CHECK(refusal.find(reason) != std::string::npos);
  }
}

TEST_CASE("an ACL file gives all users; its faults are told together") {
  const std::string conf = "aclfile users.acl\n";
  CHECK(Users(conf) == kOpen);
  CHECK(Users(conf, "\nuser bob on\r\n  user default off \n") ==
        "user bob on sanitize-payload resetchannels -@all\n"
        "user default off sanitize-payload resetchannels -@all\n");
  const std::string refusal =
      Users(conf, "user bob +nosuch\nnonsense\nuser a (x\nuser a\nuser a\n");
  CAPTURE(refusal);
  CHECK(refusal.find("users.acl:1: Error in applying operation '+nosuch': Unknown") !=
        std::string::npos);
  CHECK(refusal.find("users.acl:2 should start with user keyword") != std::string::npos);
  CHECK(refusal.find("users.acl:3: Unmatched parenthesis") != std::string::npos);
  CHECK(refusal.find("Duplicate user 'a' found on line 5") != std::string::npos);
  CHECK(Users("aclfile nowhere\n").find("No such file") != std::string::npos);
  CHECK(Users(conf + "user bob on\n").find("keep one of them") != std::string::npos);
}

TEST_CASE("what should be looked at again is said: disabled users, a password without effect") {
  Fixture f;
  CHECK(f.Load("requirepass secret\naclfile users.acl\n", "user bob off\n").empty());
  REQUIRE(f.configured.warnings().size() == 2);
  CHECK(f.configured.warnings()[0].find("requirepass has no effect") == 0);
  CHECK(f.configured.warnings()[1].find("The user 'bob' is disabled") == 0);
}

TEST_CASE("CONFIG REWRITE keeps users as lines, and not at all beside an ACL file") {
  Fixture f;
  const std::string text = "user bob on nopass ~\"a\\\"b\" +get\n";
  REQUIRE(f.Load(text).empty());
  const std::string rewritten = RewriteConfig(text, f.registry);
  CHECK(rewritten.find(
            "user bob on nopass sanitize-payload \"~a\\\"b\" resetchannels -@all +get\n") == 0);
  CHECK(Users(rewritten) == f.users.FileText());

  Fixture g;
  REQUIRE(g.Load("aclfile users.acl\n", "user bob on\n").empty());
  CHECK(RewriteConfig("aclfile users.acl\nuser bob on\n", g.registry) == "aclfile \"users.acl\"\n");
}

}  // namespace
}  // namespace torc
