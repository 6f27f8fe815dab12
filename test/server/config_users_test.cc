#include "server/config_users.h"

#include <doctest/doctest.h>

#include <string>

#include "fake_config_files.h"

namespace torc {
namespace {

const std::string kHash(64, 'a');

// A configuration's outcome: "" and the password, or why it was refused.
struct Outcome {
  std::string refusal;
  std::string password;
  std::string notice;
};

Outcome Load(const std::string& text, const std::string& acl_text = "") {
  FakeConfigFiles files;
  files.files["torc.conf"] = text;
  files.files["users.acl"] = acl_text;
  ConfigRegistry registry;
  Outcome outcome;
  registry.Text({.name = "requirepass"}, &outcome.password);
  ConfiguredUsers users(registry, &outcome.password);
  Status loaded = LoadConfig({.config_path = "torc.conf"}, files, registry);
  if (loaded.ok()) loaded = users.Settle(files);
  outcome.refusal = loaded.message();
  outcome.notice = users.notice();
  return outcome;
}

TEST_CASE("the default user who may do everything is what there is anyway") {
  for (const char* line :
       {"user default on nopass ~* &* +@all", "user default on nopass sanitize-payload ~* &* +@all",
        "user default ON NOPASS allkeys allchannels allcommands"}) {
    CAPTURE(line);
    const Outcome outcome = Load(line);
    CHECK(outcome.refusal.empty());
    CHECK(outcome.password.empty());
    CHECK(outcome.notice.find("may do everything") != std::string::npos);
  }
}

TEST_CASE("a user's line decides the password, wherever it stands") {
  CHECK(Load("user default on >secret ~* &* +@all\n").password == "secret");
  CHECK(Load("user default on >secret ~* &* +@all\nrequirepass other\n").password == "secret");
  CHECK(Load("requirepass other\nuser default on nopass ~* &* +@all\n").password.empty());
}

TEST_CASE("a hash is taken when the password itself is there too, as Redis writes both") {
  const std::string line = "user default on sanitize-payload #" + kHash + " ~* &* +@all\n";
  CHECK(Load(line + "requirepass secret\n").password == "secret");
  CHECK(Load(line).refusal.find("requirepass") != std::string::npos);
}

TEST_CASE("what would leave the server more open than it says stops the start") {
  for (const char* line :
       {"user default off nopass ~* &* +@all", "user default on nopass ~app:* &* +@all",
        "user default on nopass ~* +@all", "user default on nopass ~* &* +@all -flushall",
        "user default on ~* &* +@all", "user default on >one >two ~* &* +@all",
        "user default on nopass >one ~* &* +@all", "user default on nopass ~* &* +@all (~x)",
        "user default on #abc ~* &* +@all", "user worker on >secret ~* &* +@all", "user default",
        "user default on nopass ~* &* +@read"}) {
    CAPTURE(line);
    const Outcome outcome = Load(line);
    CHECK(outcome.refusal.find("FATAL CONFIG FILE ERROR") != std::string::npos);
    CHECK(outcome.refusal.find(line) != std::string::npos);
    CHECK(outcome.password.empty());
  }
}

TEST_CASE("an ACL file is read by the same rules") {
  const std::string conf = "aclfile users.acl\n";
  CHECK(Load(conf, "# none\n\n").refusal.empty());
  CHECK(Load(conf, "user default on >secret ~* &* +@all\n").password == "secret");
  const Outcome refused = Load(conf, "\nuser worker on >pw ~* &* +@all\n");
  CHECK(refused.refusal.find("users.acl") != std::string::npos);
  CHECK(refused.refusal.find("line 2") != std::string::npos);
  CHECK(Load(conf, "nonsense\n").refusal.find("line 1") != std::string::npos);
  CHECK(Load(conf, "user default \"on\n").refusal.find("line 1") != std::string::npos);
  CHECK(Load("aclfile nowhere\n").refusal.find("No such file") != std::string::npos);
  CHECK(Load(conf + "user default on nopass ~* &* +@all\n").refusal.find("exclude each other") !=
        std::string::npos);
}

}  // namespace
}  // namespace torc
