#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

TEST_CASE("PING and ECHO answer what they are given") {
  EngineHarness engine;
  CHECK(engine.Run("PING") == "PONG");
  CHECK(engine.Run("PING hello") == "\"hello\"");
  CHECK(engine.Run("PING a b") == "(error) ERR wrong number of arguments for 'ping' command");
  CHECK(engine.Run("ECHO ''") == "\"\"");
}

TEST_CASE("HELLO tells what the server is and changes the protocol") {
  EngineHarness engine;
  CHECK(engine.Run("HELLO") ==
        "[\"server\", \"redis\", \"version\", \"7.2.4\", \"proto\", 2, \"id\", 1, \"mode\", "
        "\"standalone\", \"role\", \"master\", \"modules\", []]");
  CHECK(engine.Run("HELLO 3 SETNAME me") ==
        "{\"server\": \"redis\", \"version\": \"7.2.4\", \"proto\": 3, \"id\": 1, \"mode\": "
        "\"standalone\", \"role\": \"master\", \"modules\": []}");
  CHECK(engine.Run("CLIENT GETNAME") == "\"me\"");
  CHECK(engine.client().Wire("GET none") == "_\r\n");
  engine.Run("HELLO 2");
  CHECK(engine.client().Wire("GET none") == "$-1\r\n");
}

TEST_CASE("HELLO refuses what it does not understand") {
  EngineHarness engine;
  CHECK(engine.Run("HELLO 4") == "(error) NOPROTO unsupported protocol version");
  CHECK(engine.Run("HELLO 1") == "(error) NOPROTO unsupported protocol version");
  CHECK(engine.Run("HELLO x") == "(error) ERR Protocol version is not an integer or out of range");
  CHECK(engine.Run("HELLO 3 AUTH one") == "(error) ERR Syntax error in HELLO option 'AUTH'");
  CHECK(engine.Run("HELLO 3 SETNAME n FOO") == "(error) ERR Syntax error in HELLO option 'FOO'");
  CHECK(engine.Run("HELLO 3 SETNAME 'a b'") ==
        "(error) ERR Client names cannot contain spaces, newlines or special characters.");
  CHECK(engine.client().session().protocol == 2);
  CHECK(engine.Run("CLIENT GETNAME") == "(nil)");
}

TEST_CASE("without a password everybody is the default user") {
  EngineHarness engine;
  CHECK(engine.Run("AUTH secret") ==
        "(error) ERR AUTH <password> called without any password configured for the default user. "
        "Are you sure your configuration is correct?");
  CHECK(engine.Run("AUTH default anything") == "OK");
  CHECK(engine.Run("AUTH nobody anything") ==
        "(error) WRONGPASS invalid username-password pair or user is disabled.");
  CHECK(engine.Run("AUTH a b c") == "(error) ERR syntax error");
}

TEST_CASE("with a password nothing goes before AUTH or HELLO AUTH") {
  EngineHarness engine;
  CHECK(engine.Run("CONFIG SET requirepass secret") == "OK");
  CHECK(engine.Run("PING") == "PONG");  // was there before the password
  TestClient& late = engine.NewClient();
  CHECK(late.Run("PING") == "(error) NOAUTH Authentication required.");
  CHECK(late.Run("HELLO 3").find("(error) NOAUTH HELLO must be called") == 0);
  CHECK(late.session().protocol == 2);
  CHECK(late.Run("AUTH wrong") ==
        "(error) WRONGPASS invalid username-password pair or user is disabled.");
  CHECK(late.Run("AUTH secret") == "OK");
  CHECK(late.Run("PING") == "PONG");
  CHECK(late.Run("RESET") == "RESET");
  CHECK(late.Run("PING") == "(error) NOAUTH Authentication required.");
  CHECK(late.Run("HELLO 3 AUTH default wrong").find("(error) WRONGPASS") == 0);
  CHECK(late.Ask("HELLO 3 AUTH default secret").kind == Reply::Kind::kMap);
  CHECK(engine.Run("CONFIG SET requirepass \"\"") == "OK");
  CHECK(engine.NewClient().Run("PING") == "PONG");
}

TEST_CASE("a client that waits for a password is let in when the password is taken away") {
  EngineHarness engine;
  engine.Run("CONFIG SET requirepass secret");
  TestClient& waiting = engine.NewClient();
  CHECK(waiting.Run("PING").find("(error) NOAUTH") == 0);
  engine.Run("CONFIG SET requirepass \"\"");
  CHECK(waiting.Run("PING") == "PONG");
}

TEST_CASE("SELECT keeps databases apart") {
  EngineHarness engine;
  CHECK(engine.Run("SET k zero") == "OK");
  CHECK(engine.Run("SELECT 15") == "OK");
  CHECK(engine.Run("GET k") == "(nil)");
  CHECK(engine.Run("SELECT 16") == "(error) ERR DB index is out of range");
  CHECK(engine.Run("SELECT -1") == "(error) ERR DB index is out of range");
  CHECK(engine.Run("SELECT one") == "(error) ERR value is not an integer or out of range");
  CHECK(engine.Run("SELECT 4294967296") ==
        "(error) ERR value is out of range, value must between -2147483648 and 2147483647");
  CHECK(engine.Run("SELECT 0") == "OK");
  CHECK(engine.Run("GET k") == "\"zero\"");
}

TEST_CASE("RESET makes the connection as new") {
  EngineHarness engine;
  TestClient& client = engine.client();
  client.Run("HELLO 3 SETNAME me");
  client.Run("SELECT 3");
  client.Run("CLIENT NO-EVICT ON");
  client.Run("CLIENT NO-TOUCH ON");
  client.Run("CLIENT SETINFO LIB-NAME lib");
  client.Run("CLIENT REPLY OFF");
  CHECK(client.Wire("RESET") == "+RESET\r\n");
  CHECK(client.session().protocol == 2);
  CHECK(client.session().db == DbIndex(0));
  CHECK(client.session().name.empty());
  CHECK_FALSE(client.session().no_evict);
  CHECK_FALSE(client.session().no_touch);
  CHECK(client.session().lib_name == "lib");
  CHECK(client.Run("PING") == "PONG");
}

TEST_CASE("QUIT answers and closes") {
  EngineHarness engine;
  TestClient& client = engine.NewClient();
  CHECK(client.Run("QUIT") == "OK");
  CHECK_FALSE(client.connected());
}

}  // namespace
}  // namespace torc
