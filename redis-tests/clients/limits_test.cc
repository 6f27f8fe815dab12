// Clients that take too much: the server lets them go and lives on.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

TEST_CASE("a client that never reads is cut off at the hard limit of its output buffer") {
  Server server;
  Connection control = server.Client();
  REQUIRE(control.Call({"CONFIG", "SET", "client-output-buffer-limit", "normal 1mb 0 0"}).Is("OK"));
  REQUIRE(control.Call({"SET", "big", std::string(500'000, 'v')}).Is("OK"));
  Connection greedy = server.Client();
  // Sent without ever reading; what the sockets hold is the sender's and the kernel's, the rest is
  // the server's.
  for (int i = 0; i < 200; ++i) greedy.Queue(EncodeCommand({"GET", "big"}));
  greedy.SendRaw("", 1);
  const std::string id = "CLIENT LIST TYPE normal";
  CHECK(
      PollUntil(20'000, [&] { return control.Do(id).text.find("cmd=get") == std::string::npos; }));
  CHECK(control.Do("PING").Is("PONG"));
  CHECK(server.process().WaitLog("output buffer", 5000));
}

TEST_CASE("the soft limit of an output buffer counts only when it lasts") {
  Server server;
  Connection control = server.Client();
  REQUIRE(control.Call({"CONFIG", "SET", "client-output-buffer-limit", "normal 100mb 10kb 60"})
              .Is("OK"));
  REQUIRE(control.Call({"SET", "big", std::string(500'000, 'v')}).Is("OK"));
  Connection client = server.Client();
  for (int i = 0; i < 20; ++i) client.Queue(EncodeCommand({"GET", "big"}));
  for (int i = 0; i < 20; ++i) {
    client.SendRaw("");
    const auto value = client.Read();
    REQUIRE(value.has_value());
    CHECK(value->text.size() == 500'000);
  }
}

TEST_CASE("a request larger than the query buffer limit ends the connection") {
  Server server({"--client-query-buffer-limit", "1mb"});
  Connection client = server.Client();
  client.SendRaw("*2\r\n$4\r\nECHO\r\n$3000000\r\n" + std::string(3'000'000, 'x'));
  CHECK(client.WaitClosed());
  CHECK(client.Read(0).has_value() == false);
  CHECK(server.Client().Do("PING").Is("PONG"));
}

const std::string kHalfOfAnEcho = "*2\r\n$4\r\nECHO\r\n$8000000\r\n" + std::string(4'000'000, 'x');

TEST_CASE("maxmemory-clients lets the client go whose buffers take the most, and no other") {
  const std::vector<std::vector<std::string>> limits = {
      {"--maxmemory-clients", "2mb"}, {"--maxmemory", "40mb", "--maxmemory-clients", "5%"}};
  for (const std::vector<std::string>& limit : limits) {
    Server server(limit);
    Connection modest = server.Client();
    REQUIRE(modest.Do("SET k v").Is("OK"));
    Connection greedy = server.Client();
    greedy.SendRaw(kHalfOfAnEcho);
    CHECK(greedy.WaitClosed());
    CHECK(modest.Do("GET k").Is("v"));
    CHECK(InfoValue(modest.Do("INFO stats").text, "evicted_clients") == "1");
  }
}

TEST_CASE("replies beyond the hard limit are not even begun, and what made them has run") {
  Server server({"--client-output-buffer-limit", "normal", "100000", "0", "0"});
  Connection control = server.Client();
  const std::string value(10'000, 'v');
  REQUIRE(control.Call({"SET", "big", value}).Is("OK"));
  REQUIRE(control.Call({"SET", "bigger", std::string(150'000, 'v')}).Is("OK"));
  Connection one = server.Client();
  one.SendRaw(EncodeCommand({"GET", "bigger"}));
  CHECK(one.WaitClosed());
  CHECK_FALSE(one.Read(0).has_value());
  Connection transaction = server.Client();
  std::string requests = EncodeCommand({"MULTI"});
  for (int i = 0; i < 15; ++i) requests += EncodeCommand({"GET", "big"});
  requests += EncodeCommand({"SET", "done", "1"}) + EncodeCommand({"EXEC"});
  transaction.SendRaw(requests);
  CHECK(transaction.WaitClosed());
  CHECK(control.Do("GET done").Is("1"));
  for (int i = 0; i < 15; ++i) CHECK(control.Do("GET big").Is(value));
  CHECK(InfoValue(control.Do("INFO stats").text, "client_output_buffer_limit_disconnections") ==
        "2");
}

TEST_CASE("CLIENT LIST shows what a client does not take") {
  Server server;
  Connection control = server.Client();
  Connection listener = server.Client();
  listener.Do("CLIENT SETNAME deaf");
  listener.Do("SUBSCRIBE c");
  const std::string message(100'000, 'x');
  const auto waiting = [&] {
    control.Call({"PUBLISH", "c", message});
    const RespValue list = control.Do("CLIENT LIST");
    for (const std::string_view line : Split(list.text, '\n')) {
      if (ClientInfoValue(line, "name") != "deaf") continue;
      return ParseInt64(ClientInfoValue(line, "omem")).value_or(-1);
    }
    return int64_t{-1};
  };
  CHECK(waiting() >= 0);
  CHECK(PollUntil(20'000, [&] { return waiting() > 200'000; }));
}

TEST_CASE("what a client registers, and a request that is there at once, count as its memory") {
  Server server({"--maxmemory-clients", "2mb"});
  Connection control = server.Client();
  REQUIRE(control.Do("CLIENT NO-EVICT ON").Is("OK"));
  const auto evicted = [&] {
    return ParseInt64(InfoValue(control.Do("INFO stats").text, "evicted_clients")).value_or(-1);
  };
  Connection large = server.Client();
  large.Send({"SET", "k", std::string(3'000'000, 'v')});
  CHECK(large.WaitClosed());
  CHECK(evicted() == 1);
  CHECK(control.Do("EXISTS k").IsInteger(0));
  int64_t expected = 1;
  for (const char* name : {"WATCH", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"}) {
    Connection greedy = server.Client();
    for (int batch = 0; batch < 200 && !greedy.closed(); ++batch) {
      std::string requests;
      for (int i = 0; i < 100; ++i) {
        requests += EncodeCommand({name, std::to_string(batch * 100 + i)});
      }
      if (!greedy.SendRaw(requests)) break;
      for (int i = 0; i < 100 && greedy.Read().has_value(); ++i) {
      }
    }
    CAPTURE(name);
    CHECK(greedy.WaitClosed());
    CHECK(PollUntil(5000, [&] { return evicted() == expected + 1; }));
    expected = evicted();
  }
}

TEST_CASE("a client that asked for CLIENT NO-EVICT stays, whatever it takes") {
  Server server({"--maxmemory-clients", "2mb"});
  Connection client = server.Client();
  REQUIRE(client.Do("CLIENT NO-EVICT ON").Is("OK"));
  client.SendRaw(kHalfOfAnEcho);
  client.SendRaw(std::string(4'000'000, 'x') + "\r\n");
  const auto echo = client.Read();
  REQUIRE(echo.has_value());
  CHECK(echo->text.size() == 8'000'000);
  CHECK(InfoValue(client.Do("INFO stats").text, "evicted_clients") == "0");
}

TEST_CASE("maxmemory may be a part of the machine's memory") {
  Server server({"--maxmemory", "10%"});
  Connection client = server.Client();
  CHECK(client.Do("CONFIG GET maxmemory").items.at(1).text == "10%");
  const auto limit = [&client] {
    return std::stoull(InfoValue(client.Do("INFO memory").text, "maxmemory"));
  };
  const auto machine = std::stoull(InfoValue(client.Do("INFO memory").text, "total_system_memory"));
  CHECK(limit() == machine / 100 * 10);
  CHECK(client.Do("CONFIG SET maxmemory 20%").Is("OK"));
  CHECK(limit() == machine / 100 * 20);
  CHECK(client.Do("CONFIG SET maxmemory 101%").IsError());
  CHECK(client.Do("CONFIG SET maxmemory 1gb").Is("OK"));
  CHECK(limit() == size_t{1} << 30);
}

TEST_CASE("limits of output buffers are read, written and checked") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("CONFIG GET client-output-buffer-limit").items.at(1).text ==
        "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60");
  CHECK(client.Call({"CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 2kb 3"}).Is("OK"));
  CHECK(client.Do("CONFIG GET client-output-buffer-limit").items.at(1).text ==
        "normal 0 0 0 slave 268435456 67108864 60 pubsub 1048576 2048 3");
  CHECK(
      client.Call({"CONFIG", "SET", "client-output-buffer-limit", "replica 1mb 2kb 3 normal 4 5 6"})
          .Is("OK"));
  CHECK(client.Do("CONFIG GET client-output-buffer-limit").items.at(1).text ==
        "normal 4 5 6 slave 1048576 2048 3 pubsub 1048576 2048 3");
  CHECK(client.Call({"CONFIG", "SET", "client-output-buffer-limit", "nonsense 1 2 3"}).IsError());
  CHECK(client.Call({"CONFIG", "SET", "client-output-buffer-limit", "normal 1 2"}).IsError());
  CHECK(client.Call({"CONFIG", "SET", "client-output-buffer-limit", "normal a 2 3"}).IsError());
}

TEST_CASE("half a command keeps no one else waiting") {
  Server server;
  Connection slow = server.Client();
  slow.SendRaw("*2\r\n$4\r\nECHO\r\n$10\r\nhalf");
  Connection quick = server.Client();
  for (int i = 0; i < 100; ++i) REQUIRE(quick.Do("INCR n").IsInteger(i + 1));
  slow.SendRaw("enough\r\n");
  CHECK(slow.Read().value().Is("halfenough"));
}

TEST_CASE("five hundred connections come, speak and go") {
  Server server;
  std::vector<Connection> crowd;
  for (int i = 0; i < 500; ++i) {
    crowd.push_back(server.Client());
    REQUIRE(crowd.back().Do("INCR n").IsInteger(i + 1));
  }
  CHECK(InfoValue(crowd[0].Do("INFO clients").text, "connected_clients") == "500");
  Connection last = server.Client();
  crowd.clear();
  CHECK(PollUntil(
      10'000, [&] { return InfoValue(last.Do("INFO clients").text, "connected_clients") == "1"; }));
}

TEST_CASE("a client that leaves with replies on the way harms no one") {
  Server server;
  Connection control = server.Client();
  REQUIRE(control.Call({"SET", "big", std::string(1'000'000, 'v')}).Is("OK"));
  for (int i = 0; i < 20; ++i) {
    Connection leaving = server.Client();
    for (int k = 0; k < 5; ++k) leaving.Queue(EncodeCommand({"GET", "big"}));
    leaving.SendRaw("");
    leaving.Close();
  }
  CHECK(control.Do("STRLEN big").IsInteger(1'000'000));
}

}  // namespace
}  // namespace torc::testing
