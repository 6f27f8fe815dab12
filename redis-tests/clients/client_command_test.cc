// CLIENT: what the server knows of its connections and lets others do to them.

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "base/text.h"
#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

TEST_CASE("CLIENT INFO has Redis's fields in Redis's order") {
  Server server;
  Connection client = server.Client();
  const std::string line(TrimBlanks(client.Do("CLIENT INFO").text));
  std::string names;
  for (const auto word : Split(line, ' '))
    names += std::string(word.substr(0, word.find('='))) + " ";
  const std::string common =
      "id addr laddr fd name age idle flags db sub psub ssub multi qbuf qbuf-free argv-mem "
      "multi-mem rbs rbp obl oll "
      "omem tot-mem events cmd user redir resp ";
  CHECK(names == common + (server.Since(7, 2) ? "lib-name lib-ver " : ""));
  CHECK(ClientInfoValue(line, "laddr") == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(ClientInfoValue(line, "cmd") == "client|info");
  CHECK(ClientInfoValue(line, "flags") == "N");
  CHECK(ClientInfoValue(line, "user") == "default");
  CHECK(ClientInfoValue(line, "redir") == "-1");
  CHECK(ClientInfoValue(line, "multi") == "-1");
  CHECK(ClientInfoValue(line, "events") == "r");
}

TEST_CASE("CLIENT INFO follows what the client does") {
  Server server;
  Connection client = server.Client();
  const auto field = [&](std::string_view name) {
    return ClientInfoValue(client.Do("CLIENT INFO").text, name);
  };
  CHECK(client.Do("SELECT 3").Is("OK"));
  CHECK(field("db") == "3");
  CHECK(client.Do("CLIENT SETNAME worker").Is("OK"));
  CHECK(field("name") == "worker");
  CHECK(client.Do("HELLO 3").IsAggregate());
  CHECK(field("resp") == "3");
  CHECK(client.Do("CLIENT NO-EVICT ON").Is("OK"));
  CHECK(field("flags") == "e");
  CHECK(client.Do("CLIENT NO-EVICT OFF").Is("OK"));
  CHECK(field("flags") == "N");
  CHECK(field("id") == std::to_string(client.Do("CLIENT ID").integer));
}

TEST_CASE("library names and untouching clients are known since 7.2") {
  Server server;
  if (!server.Since(7, 2)) return;
  Connection client = server.Client();
  CHECK(client.Do("CLIENT SETINFO LIB-NAME mylib").Is("OK"));
  CHECK(client.Do("CLIENT SETINFO lib-ver 1.2.3").Is("OK"));
  CHECK(client.Do("CLIENT NO-TOUCH ON").Is("OK"));
  const std::string line = client.Do("CLIENT INFO").text;
  CHECK(ClientInfoValue(line, "lib-name") == "mylib");
  CHECK(ClientInfoValue(line, "lib-ver") == "1.2.3");
  CHECK(ClientInfoValue(line, "flags") == "T");
  CHECK(client.Call({"CLIENT", "SETINFO", "LIB-NAME", "a b"}).Print() ==
        "-ERR LIB-NAME cannot contain spaces, newlines or special characters.");
  CHECK(client.Do("CLIENT SETINFO NONSENSE x").Print() == "-ERR Unrecognized option 'NONSENSE'");
  CHECK(client.Do("CLIENT NO-TOUCH maybe").Print() == "-ERR syntax error");
  CHECK(client.Do("RESET").Print() == "+RESET");
  CHECK(ClientInfoValue(client.Do("CLIENT INFO").text, "lib-name") == "mylib");
}

TEST_CASE("a client that says NO-TOUCH does not make keys younger") {
  Server server;
  if (!server.Since(7, 2)) return;
  Connection client = server.Client();
  REQUIRE(client.Do("SET k v").Is("OK"));
  REQUIRE(client.Do("CLIENT NO-TOUCH ON").Is("OK"));
  CHECK(PollUntil(10'000, [&] {
    client.Do("GET k");
    return client.Do("OBJECT IDLETIME k").integer >= 1;
  }));
  client.Do("TOUCH k");
  CHECK(client.Do("OBJECT IDLETIME k").IsInteger(0));
}

TEST_CASE("CLIENT LIST shows every connection, by id and by type") {
  Server server;
  Connection first = server.Client();
  Connection second = server.Client();
  const int64_t first_id = first.Do("CLIENT ID").integer;
  const int64_t second_id = second.Do("CLIENT ID").integer;
  CHECK(second_id > first_id);
  const auto ids = [&](std::string_view line) {
    std::set<std::string> found;
    const std::string rows = first.Do(line).text;
    for (const auto row : Split(rows, '\n')) {
      if (!row.empty()) found.insert(ClientInfoValue(row, "id"));
    }
    return found;
  };
  const std::set<std::string> both = {std::to_string(first_id), std::to_string(second_id)};
  CHECK(ids("CLIENT LIST") == both);
  CHECK(ids("CLIENT LIST TYPE normal") == both);
  CHECK(ids("CLIENT LIST TYPE pubsub").empty());
  CHECK(ids("CLIENT LIST TYPE replica").empty());
  CHECK(ids("CLIENT LIST ID " + std::to_string(second_id) + " 999999") ==
        std::set{std::to_string(second_id)});
  CHECK(first.Do("CLIENT LIST TYPE nonsense").Print() == "-ERR Unknown client type 'nonsense'");
  CHECK(first.Do("CLIENT LIST ID").Print() == "-ERR syntax error");
  CHECK(first.Do("CLIENT LIST ID abc").Print() == "-ERR Invalid client ID");
  CHECK(first.Do("CLIENT LIST NONSENSE x").Print() == "-ERR syntax error");
  CHECK(InfoValue(first.Do("INFO clients").text, "connected_clients") == "2");
}

TEST_CASE("CLIENT KILL closes who is meant and counts them") {
  Server server;
  Connection killer = server.Client();
  Connection by_id = server.Client();
  Connection by_address = server.Client();
  Connection by_old_form = server.Client();
  const int64_t id = by_id.Do("CLIENT ID").integer;
  const std::string address = ClientInfoValue(by_address.Do("CLIENT INFO").text, "addr");
  const std::string old_address = ClientInfoValue(by_old_form.Do("CLIENT INFO").text, "addr");
  CHECK(killer.Do("CLIENT KILL ID " + std::to_string(id)).IsInteger(1));
  CHECK(by_id.WaitClosed());
  CHECK(killer.Do("CLIENT KILL ADDR " + address).IsInteger(1));
  CHECK(by_address.WaitClosed());
  CHECK(killer.Do("CLIENT KILL " + old_address).Is("OK"));
  CHECK(by_old_form.WaitClosed());
  CHECK(killer.Do("CLIENT KILL ID " + std::to_string(id)).IsInteger(0));
  CHECK(killer.Do("CLIENT KILL " + old_address).Print() == "-ERR No such client");
  CHECK(killer.Do("PING").Is("PONG"));
}

TEST_CASE("CLIENT KILL spares its own connection unless told not to") {
  Server server;
  Connection killer = server.Client();
  Connection other = server.Client();
  CHECK(other.Do("PING").Is("PONG"));
  // Who asked whether the server is ready has gone, which it may not have noticed yet.
  REQUIRE(PollUntil(
      5000, [&] { return InfoValue(killer.Do("INFO clients").text, "connected_clients") == "2"; }));
  CHECK(killer.Do("CLIENT KILL TYPE normal").IsInteger(1));
  CHECK(other.WaitClosed());
  CHECK(killer.Do("CLIENT KILL TYPE normal SKIPME no").IsInteger(1));
  CHECK(killer.WaitClosed());
}

TEST_CASE("CLIENT KILL explains its errors") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("CLIENT KILL ID abc").Print() == "-ERR client-id should be greater than 0");
  CHECK(client.Do("CLIENT KILL ID 0").Print() == "-ERR client-id should be greater than 0");
  CHECK(client.Do("CLIENT KILL TYPE nonsense").Print() == "-ERR Unknown client type 'nonsense'");
  CHECK(client.Do("CLIENT KILL SKIPME maybe").Print() == "-ERR syntax error");
  CHECK(client.Do("CLIENT KILL USER nobody").Print() == "-ERR No such user 'nobody'");
  CHECK(client.Do("CLIENT KILL ID 1 ADDR").Print() == "-ERR syntax error");
}

TEST_CASE("CLIENT PAUSE holds writers back until its time is over or UNPAUSE comes") {
  Server server;
  Connection control = server.Client();
  Connection worker = server.Client();
  REQUIRE(control.Do("CLIENT PAUSE 100000 WRITE").Is("OK"));
  CHECK(worker.Do("GET k").is_null);
  worker.Send({"SET", "k", "v"});
  CHECK_FALSE(worker.Read(100).has_value());
  CHECK(control.Do("CLIENT UNPAUSE").Is("OK"));
  const auto reply = worker.Read();
  REQUIRE(reply.has_value());
  CHECK(reply->Is("OK"));
  REQUIRE(control.Do("CLIENT PAUSE 300 ALL").Is("OK"));
  const int64_t begin_ms = SteadyMs();
  CHECK(worker.Do("GET k").Is("v"));
  CHECK(SteadyMs() - begin_ms >= 200);
  CHECK(control.Do("CLIENT PAUSE abc").Print() == "-ERR timeout is not an integer or out of range");
  CHECK(control.Do("CLIENT PAUSE -1").Print() == "-ERR timeout is negative");
  CHECK(control.Do("CLIENT PAUSE 10 NONSENSE").Print() ==
        "-ERR CLIENT PAUSE mode must be WRITE or ALL");
}

TEST_CASE("CLIENT REPLY silences commands and lets them speak again") {
  Server server;
  Connection client = server.Client();
  client.SendRaw("CLIENT REPLY OFF\r\nSET k v\r\nNONSENSE\r\nCLIENT REPLY ON\r\nGET k\r\n");
  CHECK(client.Read().value().Print() == "+OK");
  CHECK(client.Read().value().Is("v"));
  client.SendRaw("CLIENT REPLY SKIP\r\nPING\r\nECHO heard\r\n");
  CHECK(client.Read().value().Is("heard"));
  CHECK(client.Do("CLIENT REPLY NONSENSE").Print() == "-ERR syntax error");
}

TEST_CASE("CLIENT explains names, unblocking and what it does not know") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("CLIENT GETNAME").is_null);
  CHECK(client.Call({"CLIENT", "SETNAME", "a b"}).Print() ==
        "-ERR Client names cannot contain spaces, newlines or special characters.");
  CHECK(client.Do("CLIENT SETNAME x").Is("OK"));
  CHECK(client.Do("CLIENT GETNAME").Is("x"));
  CHECK(client.Call({"CLIENT", "SETNAME", ""}).Is("OK"));
  CHECK(client.Do("CLIENT GETNAME").is_null);
  CHECK(client.Do("CLIENT UNBLOCK 999999").IsInteger(0));
  CHECK(client.Do("CLIENT UNBLOCK abc").Print() == "-ERR value is not an integer or out of range");
  CHECK(client.Do("CLIENT NONSENSE").Print() ==
        "-ERR unknown subcommand 'NONSENSE'. Try CLIENT HELP.");
  CHECK(client.Do("CLIENT ID x").Print() ==
        "-ERR wrong number of arguments for 'client|id' command");
  CHECK(client.Do("CLIENT GETREDIR").IsInteger(-1));
  CHECK(client.Do("CLIENT TRACKINGINFO").Print() ==
        "[\"flags\", [\"off\"], \"redirect\", :-1, \"prefixes\", []]");
  CHECK(client.Do("CLIENT CACHING YES").Print() ==
        "-ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or "
        "OPTOUT mode enabled");
  const RespValue help = client.Do("CLIENT HELP");
  REQUIRE(help.items.size() > 20);
  CHECK(help.items.at(0).Print() ==
        "+CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
}

}  // namespace
}  // namespace torc::testing
