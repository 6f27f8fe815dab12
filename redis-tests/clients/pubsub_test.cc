// Subscribers and publishers over real sockets; MONITOR; keyspace notifications.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

std::string Next(Connection& client) {
  const auto value = client.Read();
  return value.has_value() ? value->Print() : "(nothing)";
}

TEST_CASE("a hundred subscribers get every message in order, in the form of their protocol") {
  Server server;
  std::vector<Connection> subscribers;
  constexpr int kSubscribers = 100;
  constexpr int kMessages = 50;
  for (int i = 0; i < kSubscribers; ++i) {
    subscribers.push_back(i % 2 == 0 ? server.Client() : server.Client3());
    CHECK(subscribers.back().Do("SUBSCRIBE news").items.size() == 3);
  }
  Connection publisher = server.Client();
  std::string requests;
  for (int i = 0; i < kMessages; ++i) {
    requests += "PUBLISH news " + std::to_string(10 + i) + "\r\n";
  }
  REQUIRE(publisher.SendRaw(requests));
  for (int i = 0; i < kMessages; ++i) CHECK(Next(publisher) == ":100");
  for (int s = 0; s < kSubscribers; ++s) {
    for (int i = 0; i < kMessages; ++i) {
      const std::string list = "\"message\", \"news\", \"" + std::to_string(10 + i) + "\"";
      REQUIRE(Next(subscribers[static_cast<size_t>(s)]) ==
              (s % 2 == 0 ? "[" + list + "]" : ">{" + list + "}"));
    }
  }
}

TEST_CASE("a subscriber that goes away is forgotten") {
  Server server;
  Connection publisher = server.Client();
  {
    Connection subscriber = server.Client();
    subscriber.Do("SUBSCRIBE a");
    subscriber.Do("PSUBSCRIBE b*");
    CHECK(publisher.Do("PUBLISH a m").IsInteger(1));
  }
  CHECK(PollUntil(5000, [&] { return publisher.Do("PUBSUB NUMPAT").IsInteger(0); }));
  CHECK(publisher.Do("PUBSUB CHANNELS").items.empty());
  CHECK(publisher.Do("PUBLISH a m").IsInteger(0));
}

TEST_CASE("a subscriber that does not read is disconnected at its class's limit") {
  Server server({"--client-output-buffer-limit", "pubsub", "1mb", "0", "0"});
  Connection subscriber = server.Client();
  subscriber.Do("SUBSCRIBE a");
  Connection publisher = server.Client();
  const std::string message(100'000, 'x');
  const bool gone = PollUntil(10'000, [&] {
    for (int i = 0; i < 20; ++i) publisher.Call({"PUBLISH", "a", message});
    return publisher.Do("PUBSUB NUMSUB a").items[1].IsInteger(0);
  });
  CHECK(gone);
  CHECK(InfoValue(publisher.Do("INFO stats").text, "client_output_buffer_limit_disconnections") ==
        "1");
}

TEST_CASE("a client hears of its own subscriptions while it goes on with commands under RESP3") {
  Server server;
  Connection client = server.Client3();
  CHECK(client.Do("SUBSCRIBE c").Print() == ">{\"subscribe\", \"c\", :1}");
  Connection other = server.Client();
  CHECK(other.Do("PUBLISH c one").IsInteger(1));
  CHECK(Next(client) == ">{\"message\", \"c\", \"one\"}");
  CHECK(client.Do("SET k v").Is("OK"));
  CHECK(client.Do("GET k").Is("v"));
}

TEST_CASE("keys that expire unasked are told to whoever listens") {
  Server server({"--notify-keyspace-events", "Ex"});
  Connection listener = server.Client();
  listener.Do("SUBSCRIBE __keyevent@0__:expired");
  Connection client = server.Client();
  CHECK(client.Do("SET soon v PX 20").Is("OK"));
  CHECK(Next(listener) == "[\"message\", \"__keyevent@0__:expired\", \"soon\"]");
}

TEST_CASE("MONITOR shows what other clients run") {
  Server server;
  Connection monitor = server.Client();
  CHECK(monitor.Do("MONITOR").Is("OK"));
  Connection client = server.Client();
  client.Do("SET k v");
  const std::string line = Next(monitor);
  CHECK(line.find(" [0 127.0.0.1:") != std::string::npos);
  CHECK(line.find("SET") != std::string::npos);
}

}  // namespace
}  // namespace torc::testing
