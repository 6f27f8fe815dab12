#include <doctest/doctest.h>

#include <string>

#include "command/access.h"
#include "support/engine_harness.h"

namespace torc {
namespace {

// An engine with a user "u" of password "pw" and these rules, and a client that is it.
struct Fixture {
  EngineHarness engine;
  TestClient& user;

  explicit Fixture(const std::string& rules) : user(engine.NewClient()) {
    Set("on >pw " + rules);
    CHECK(user.Run("AUTH u pw") == "OK");
  }
  void Set(const std::string& rules) { CHECK(engine.Run("ACL SETUSER u " + rules) == "OK"); }
};

class MemoryAclFile final : public AclFile {
 public:
  std::string name = "users.acl";
  std::string text;
  bool broken = false;
  const std::string& path() const override { return name; }
  StatusOr<std::string> Read() override { return text; }
  Status Replace(const std::string& content) override {
    if (broken) return Status::IoError("disk full");
    text = content;
    return Status::Ok();
  }
};

TEST_CASE("a restricted user is refused by command, key and channel, each in Redis's words") {
  Fixture f("~k* &c* +get +mget +publish +config|get");
  CHECK(f.user.Run("ACL WHOAMI") ==
        "(error) NOPERM User u has no permissions to run the 'acl|whoami' command");
  CHECK(f.user.Run("GET k") == "(nil)");
  CHECK(f.user.Run("MGET k x") == "(error) NOPERM No permissions to access a key");
  CHECK(f.user.Run("PUBLISH d x") == "(error) NOPERM No permissions to access a channel");
  CHECK(f.user.Run("SET k v") ==
        "(error) NOPERM User u has no permissions to run the 'set' command");
  CHECK(f.user.Run("CONFIG SET a b") ==
        "(error) NOPERM User u has no permissions to run the 'config|set' command");
  CHECK(f.user.Run("NOSUCH").find("(error) ERR unknown command") == 0);
  CHECK(f.user.Run("GET") == "(error) ERR wrong number of arguments for 'get' command");
  const std::string info = f.engine.Ask("INFO everything").text;
  for (const char* line :
       {"acl_access_denied_auth:0", "acl_access_denied_cmd:3", "acl_access_denied_key:1",
        "acl_access_denied_channel:1", "errorstat_NOPERM:count=5",
        "cmdstat_set:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0"}) {
    CAPTURE(line);
    CHECK(info.find(line) != std::string::npos);
  }
}

TEST_CASE("a refusal while queueing aborts the transaction; EXEC checks once more") {
  Fixture f("~* +multi +exec +get +set +ping");
  CHECK(f.user.Run("MULTI") == "OK");
  CHECK(f.user.Run("DEL k").find("(error) NOPERM") == 0);
  CHECK(f.user.Run("EXEC").find("(error) EXECABORT") == 0);
  CHECK(f.user.Run("MULTI") == "OK");
  CHECK(f.user.Run("SET k v") == "QUEUED");
  CHECK(f.user.Run("GET k") == "QUEUED");
  CHECK(f.user.Run("PING") == "QUEUED");
  f.Set("-set resetkeys ~x");
  CHECK(f.user.Run("EXEC") ==
        "[(error) NOPERM ACLs rules changed between the moment the transaction was accumulated and "
        "the EXEC call. This command is no longer allowed for the following reason: no permission "
        "to execute the command or subcommand, (error) NOPERM ACLs rules changed between the "
        "moment the transaction was accumulated and the EXEC call. This command is no longer "
        "allowed for the following reason: no permission to touch the specified keys, PONG]");
  CHECK(f.engine.Run("EXISTS k") == "0");
  const Reply log = f.engine.Ask("ACL LOG");
  REQUIRE(log.elements.size() == 3);
  CHECK(log.elements[0].elements[5].text == "multi");
}

TEST_CASE("a client whose rights are taken while it waits gets an error when its turn comes") {
  Fixture f("~* +blpop");
  CHECK(f.user.Run("BLPOP list 0") == "(blocked)");
  f.Set("-blpop");
  CHECK(f.engine.Run("RPUSH list a") == "1");
  CHECK(f.user.Received() == "-NOPERM User u has no permissions to run the 'blpop' command\r\n");
  CHECK(f.engine.Run("LLEN list") == "1");
  CHECK(
      f.engine.Ask("INFO commandstats")
          .text.find(
              "cmdstat_blpop:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0") !=
      std::string::npos);
}

TEST_CASE("a removed user's clients are disconnected, waiting or not; the default user stays") {
  Fixture f("~* &* +@all");
  TestClient& waiting = f.engine.NewClient();
  waiting.Run("AUTH u pw");
  CHECK(waiting.Run("BLPOP list 0") == "(blocked)");
  CHECK(f.engine.Run("ACL DELUSER default") == "(error) ERR The 'default' user cannot be removed");
  CHECK(f.engine.Run("ACL DELUSER u nobody u") == "1");
  CHECK_FALSE(f.user.connected());
  CHECK_FALSE(waiting.connected());
  CHECK(f.engine.Run("RPUSH list a") == "1");
  CHECK(f.engine.Run("ACL USERS") == "[\"default\"]");
}

TEST_CASE("whoever removes itself still gets its answer") {
  Fixture f("+@all");
  CHECK(f.user.Run("ACL DELUSER u") == "1");
  CHECK_FALSE(f.user.connected());
}

TEST_CASE("whoever listens to what it no longer may is disconnected, others are not") {
  Fixture f("&* +@all");
  TestClient& by_pattern = f.engine.NewClient();
  by_pattern.Run("AUTH u pw");
  CHECK(f.user.Run("SUBSCRIBE news").find("subscribe") != std::string::npos);
  by_pattern.Run("PSUBSCRIBE news*");
  f.Set("resetchannels &news &news*");
  CHECK(f.user.connected());
  CHECK(by_pattern.connected());
  f.Set("resetchannels &news");
  CHECK(f.user.connected());
  CHECK_FALSE(by_pattern.connected());
  f.Set("resetchannels");
  CHECK_FALSE(f.user.connected());
}

TEST_CASE("AUTH and HELLO make a client a user; failures are kept and counted") {
  Fixture f("+@all");
  CHECK(f.user.Run("ACL WHOAMI") == "\"u\"");
  CHECK(f.user.Run("AUTH u wrong").find("(error) WRONGPASS") == 0);
  CHECK(f.user.Run("HELLO 3 AUTH u wrong").find("(error) WRONGPASS") == 0);
  CHECK(f.user.Run("ACL WHOAMI") == "\"u\"");
  CHECK(f.user.Run("HELLO 3 AUTH default any").find("server") != std::string::npos);
  CHECK(f.user.Run("ACL WHOAMI") == "\"default\"");
  const Reply log = f.engine.Ask("ACL LOG 1");
  REQUIRE(log.elements.size() == 1);
  CHECK(log.elements[0].elements[3].text == "auth");
  CHECK(log.elements[0].elements[7].text == "HELLO");
  CHECK(log.elements[0].elements[9].text == "u");
  CHECK(f.engine.Ask("INFO stats").text.find("acl_access_denied_auth:2") != std::string::npos);
}

TEST_CASE("a default user that is switched off leaves nobody in without a word") {
  EngineHarness engine;
  CHECK(engine.Run("ACL SETUSER admin on >pw ~* &* +@all") == "OK");
  CHECK(engine.Run("ACL SETUSER default off") == "OK");
  CHECK(engine.Run("PING") == "PONG");  // is in already
  TestClient& late = engine.NewClient();
  CHECK(late.Run("PING") == "(error) NOAUTH Authentication required.");
  CHECK(late.Run("AUTH admin pw") == "OK");
  CHECK(late.Run("RESET") == "RESET");
  CHECK(late.Run("PING") == "(error) NOAUTH Authentication required.");
}

TEST_CASE("like refusals within a minute are one entry that moves to the front") {
  Fixture f("+get");
  f.user.Run("GET a");
  f.engine.AdvanceMs(1000);
  f.user.Run("GET b");
  f.engine.AdvanceMs(59000);
  f.user.Run("GET a");
  Reply log = f.engine.Ask("ACL LOG");
  REQUIRE(log.elements.size() == 2);
  CHECK(log.elements[0].elements[1].integer == 2);
  CHECK(log.elements[0].elements[7].text == "a");
  CHECK(log.elements[0].elements[15].integer == 0);
  f.engine.AdvanceMs(60001);
  f.user.Run("GET a");
  CHECK(f.engine.Ask("ACL LOG").elements.size() == 3);
  CHECK(f.engine.Run("CONFIG SET acllog-max-len 1") == "OK");
  f.user.Run("GET c");
  CHECK(f.engine.Ask("ACL LOG").elements.size() == 1);
  CHECK(f.engine.Run("ACL LOG RESET") == "OK");
  CHECK(f.engine.Run("ACL LOG") == "[]");
  CHECK(f.engine.Run("ACL LOG -1") == "[]");
  CHECK(f.engine.Run("ACL LOG x") == "(error) ERR value is not an integer or out of range");
}

TEST_CASE("DRYRUN names what is not allowed, and runs nothing") {
  Fixture f("~k* +get +set +select|1 &c +publish");
  CHECK(f.engine.Run("ACL DRYRUN u SET k v") == "OK");
  CHECK(f.engine.Run("EXISTS k") == "0");
  CHECK(f.engine.Run("ACL DRYRUN u GET x") ==
        "\"User u has no permissions to access the 'x' key\"");
  CHECK(f.engine.Run("ACL DRYRUN u PUBLISH x y") ==
        "\"User u has no permissions to access the 'x' channel\"");
  CHECK(f.engine.Run("ACL DRYRUN u DEL k") ==
        "\"User u has no permissions to run the 'del' command\"");
  CHECK(f.engine.Run("ACL DRYRUN u SELECT 1") == "OK");
  CHECK(f.engine.Run("ACL DRYRUN nobody GET x") == "(error) ERR User 'nobody' not found");
  CHECK(f.engine.Run("ACL DRYRUN u NOSUCH x") == "(error) ERR Command 'NOSUCH' not found");
  CHECK(f.engine.Run("ACL DRYRUN u GET") ==
        "(error) ERR wrong number of arguments for 'get' command");
}

TEST_CASE("GETUSER shows a user and its selectors") {
  Fixture f("");
  f.Set("resetpass nopass ~k &c +get (%R~x +set)");
  CHECK(f.engine.Run("ACL GETUSER u") ==
        "[\"flags\", [\"on\", \"nopass\", \"sanitize-payload\"], \"passwords\", [], \"commands\", "
        "\"-@all +get\", \"keys\", \"~k\", \"channels\", \"&c\", \"selectors\", [[\"commands\", "
        "\"-@all +set\", \"keys\", \"%R~x\", \"channels\", \"\"]]]");
  CHECK(f.engine.Run("ACL GETUSER nobody") == "(nil)");
  CHECK(f.engine.Run("ACL LIST") ==
        "[\"user default on nopass sanitize-payload ~* &* +@all\", \"user u on nopass "
        "sanitize-payload ~k resetchannels &c -@all +get (%R~x resetchannels -@all +set)\"]");
}

TEST_CASE("categories are listed, and what is in them") {
  EngineHarness engine;
  CHECK(engine.Ask("ACL CAT").elements.size() == 21);
  const std::string scripting = engine.Run("ACL CAT Connection");
  CHECK(scripting.find("\"auth\"") != std::string::npos);
  CHECK(scripting.find("\"client|kill\"") != std::string::npos);
  CHECK(engine.Run("ACL CAT nothing") == "(error) ERR Unknown category 'nothing'");
}

TEST_CASE("users go to the ACL file and come back; nobody but the default user stays connected") {
  Fixture f("+@all");
  CHECK(f.engine.Run("ACL SAVE").find("not configured to use an ACL file") != std::string::npos);
  MemoryAclFile file;
  f.engine.shard().services().acl_file = &file;
  CHECK(f.engine.Run("ACL SAVE") == "OK");
  const std::string saved = file.text;
  CHECK(saved.find("user u on ") != std::string::npos);
  CHECK(f.engine.Run("ACL DELUSER u") == "1");
  CHECK(f.engine.Run("ACL LOAD") == "OK");
  CHECK(f.engine.Run("ACL SAVE") == "OK");
  CHECK(file.text == saved);
  TestClient& again = f.engine.NewClient();
  CHECK(again.Run("AUTH u pw") == "OK");
  file.text = "user u on +nosuch\n";
  CHECK(f.engine.Run("ACL LOAD") ==
        "(error) ERR users.acl:1: Error in applying operation '+nosuch': Unknown command or "
        "category name in ACL. WARNING: ACL errors detected, no change to the previously active "
        "ACL rules was performed");
  CHECK(again.Run("PING") == "PONG");
  file.text = saved;
  CHECK(f.engine.Run("ACL LOAD") == "OK");
  CHECK_FALSE(again.connected());
  CHECK(f.engine.client().connected());
  file.broken = true;
  CHECK(f.engine.Run("ACL SAVE").find("(error) ERR There was an error trying to save") == 0);
  f.engine.shard().services().acl_file = nullptr;
}

TEST_CASE("neither rules nor names of users reach the slow log") {
  EngineHarness engine;
  engine.options().slowlog.slower_than_us = 0;
  engine.Run("ACL SETUSER u >secret");
  engine.Run("ACL GETUSER u");
  engine.Run("ACL DELUSER u");
  const auto& entries = engine.shard().services().slowlog->entries();
  REQUIRE(entries.size() == 3);
  CHECK(entries[2].args == std::vector<std::string>{"ACL", "SETUSER", "(redacted)", "(redacted)"});
  CHECK(entries[1].args == std::vector<std::string>{"ACL", "GETUSER", "(redacted)"});
}

TEST_CASE("a password made for somebody has as many bits as were asked for") {
  EngineHarness engine;
  CHECK(engine.Run("ACL GENPASS").find("no source of randomness") != std::string::npos);
  struct Counting final : Entropy {
    uint64_t Seed() override { return ++next; }
    uint64_t next = 0;
  } entropy;
  engine.shard().services().entropy = &entropy;
  CHECK(engine.Ask("ACL GENPASS").text.size() == 64);
  CHECK(engine.Ask("ACL GENPASS 5").text.size() == 2);
  CHECK(engine.Ask("ACL GENPASS 4096").text.size() == 1024);
  CHECK(engine.Run("ACL GENPASS 0").find("(error) ERR ACL GENPASS argument must be") == 0);
  CHECK(engine.Run("ACL GENPASS 1 2") ==
        "(error) ERR unknown subcommand or wrong number of arguments for 'GENPASS'. Try ACL HELP.");
}

}  // namespace
}  // namespace torc
