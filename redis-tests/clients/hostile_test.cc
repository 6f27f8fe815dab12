// Clients that send nonsense, half of something, too much or nothing, and a world that gives no
// room: the server says what is wrong, keeps its memory, and the client beside them notices
// nothing.

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/text.h"
#include "redis-tests/clients/server.h"
#include "support/free_port.h"

namespace torc::testing {
namespace {

constexpr int64_t kMiB = 1 << 20;
#if defined(__SANITIZE_ADDRESS__)
constexpr int64_t kQuarantineBytes = 256 * kMiB;  // what the sanitizer keeps of freed memory
#else
constexpr int64_t kQuarantineBytes = 0;
#endif
// What a bystander may wait at most, on a machine that is busy with other tests too.
constexpr int kBystanderMs = 2000;

int64_t ResidentBytes(pid_t pid) {
  std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
  int64_t total = 0;
  int64_t resident = 0;
  statm >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

// A well-behaved client. Each call is one request, answered in time and with the right number.
class Bystander {
 public:
  explicit Bystander(Server& server) : client_(server.Client()) {}
  void NoticesNothing() {
    CHECK(client_.Call({"INCR", "bystander"}, kBystanderMs).IsInteger(++count_));
  }
  Connection& client() { return client_; }

 private:
  Connection client_;
  int64_t count_ = 0;
};

const std::string kFrame = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n";

TEST_CASE("a request may break off anywhere") {
  Server server;
  Bystander bystander(server);
  for (size_t size = 0; size < kFrame.size(); ++size) {
    Connection client = server.Client();
    client.SendRaw(std::string_view(kFrame).substr(0, size));
    bystander.NoticesNothing();
    client.Close();
  }
  CHECK(bystander.client().Do("EXISTS k").IsInteger(0));
}

TEST_CASE("requests of many clients arrive in pieces, in turn") {
  Server server;
  Bystander bystander(server);
  std::vector<Connection> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(server.Client());
  for (size_t at = 0; at < kFrame.size(); ++at) {
    for (Connection& client : clients) client.SendRaw(std::string_view(kFrame).substr(at, 1));
    bystander.NoticesNothing();
  }
  for (Connection& client : clients) {
    const auto reply = client.Read();
    REQUIRE(reply.has_value());
    CHECK(reply->Is("OK"));
  }
}

TEST_CASE("random bytes end in an error or in silence, never in harm") {
  constexpr uint64_t kSeed = 20241;
  CAPTURE(kSeed);
  Rng rng(kSeed);
  Server server;
  Bystander bystander(server);
  static constexpr std::string_view kPieces[] = {"*",
                                                 "$",
                                                 "\r\n",
                                                 "\r",
                                                 "\n",
                                                 "-1",
                                                 "3",
                                                 "GET",
                                                 "\"",
                                                 "'",
                                                 " ",
                                                 "\0x",
                                                 "999999999999999999999",
                                                 "*2\r\n$"};
  for (int round = 0; round < 300; ++round) {
    Connection client = server.Client();
    std::string bytes;
    const uint64_t count = rng.Below(60);
    for (uint64_t i = 0; i < count; ++i) {
      if (rng.Below(2) == 0) {
        bytes += kPieces[rng.Below(std::size(kPieces))];
      } else {
        bytes += static_cast<char>(rng.Below(256));
      }
    }
    client.SendRaw(bytes);
    if (round % 10 == 0) bystander.NoticesNothing();
  }
  bystander.NoticesNothing();
}

TEST_CASE("what is only announced takes no memory") {
  Server server;
  Bystander bystander(server);
  const int64_t before = ResidentBytes(server.process().pid());
  std::vector<Connection> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(server.Client());
    clients.back().SendRaw(i % 2 == 0 ? "*1000000\r\n$3\r\nDEL\r\n"
                                      : "*2\r\n$4\r\nECHO\r\n$536870912\r\nx");
    bystander.NoticesNothing();
  }
  CHECK(ResidentBytes(server.process().pid()) - before < 64 * kMiB);
}

TEST_CASE("of a client that was killed nothing more runs, whatever it had sent") {
  Server server;
  Connection observer = server.Client();
  Connection killed = server.Client();
  std::string pipeline;
  constexpr int kCommands = 20000;  // of a fraction of a millisecond each
  for (int i = 0; i < kCommands; ++i) {
    pipeline +=
        "*3\r\n$4\r\nEVAL\r\n$54\r\nfor i=1,20000 do end return redis.call('INCR','n')    \r\n"
        "$1\r\n0\r\n";
  }
  REQUIRE(killed.SendRaw(pipeline));
  REQUIRE(PollUntil(5000, [&] { return observer.Do("GET n").text != ""; }));
  CHECK(observer.Do("CLIENT KILL TYPE normal SKIPME yes").IsInteger(1));
  const std::string at_its_end = observer.Do("GET n").text;
  for (int i = 0; i < 100; ++i) observer.Do("PING");
  CHECK(observer.Do("GET n").text == at_its_end);
  CHECK(at_its_end != std::to_string(kCommands));
}

TEST_CASE("who never reads is cut off when the soft limit has lasted") {
  Server server;
  Bystander bystander(server);
  Connection& control = bystander.client();
  REQUIRE(control.Call({"CONFIG", "SET", "client-output-buffer-limit", "normal 0 1mb 1"}).Is("OK"));
  REQUIRE(control.Call({"SET", "big", std::string(500'000, 'v')}).Is("OK"));
  Connection greedy = server.Client();
  for (int i = 0; i < 60; ++i) greedy.Queue(EncodeCommand({"GET", "big"}));
  greedy.SendRaw("", 1);
  CHECK(PollUntil(20'000, [&] {
    bystander.NoticesNothing();
    return InfoValue(control.Do("INFO clients").text, "connected_clients") == "1";
  }));
  CHECK(ResidentBytes(server.process().pid()) < 200 * kMiB + kQuarantineBytes);
}

TEST_CASE("who never reads and has no password gets little to hold") {
  Server server({"--requirepass", "secret"});
  Connection greedy = server.Client();
  for (int i = 0; i < 40'000; ++i) greedy.Queue("ECHO " + std::string(60, 'x') + "\r\n");
  greedy.SendRaw("", 1000);
  Connection known = server.Client();
  CHECK(known.Do("AUTH secret").Is("OK"));
  CHECK(ResidentBytes(server.process().pid()) < 200 * kMiB + kQuarantineBytes);
}

TEST_CASE("without a limit of its own a slow reader gets everything in the end") {
  Server server;
  Bystander bystander(server);
  REQUIRE(bystander.client().Call({"SET", "big", std::string(500'000, 'v')}).Is("OK"));
  Connection slow = server.Client();
  for (int i = 0; i < 100; ++i) slow.Queue(EncodeCommand({"GET", "big"}));
  slow.SendRaw("", 1);
  bystander.NoticesNothing();
  for (int i = 0; i < 100; ++i) {
    slow.SendRaw("", 1);
    const auto reply = slow.Read();
    REQUIRE(reply.has_value());
    REQUIRE(reply->text.size() == 500'000);
  }
}

// How many connections this process may hold, 10,000 if the system allows it.
int CrowdSize() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 10'200);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int>(limit.rlim_cur) - 200;
}

TEST_CASE("ten thousand idle connections cost little and go without a trace") {
  const int crowd_size = CrowdSize();
  if (crowd_size < 10'000) MESSAGE("only " << crowd_size << " connections are allowed here");
  Server server({"--maxclients", "10100"});
  Bystander bystander(server);
  const auto connected = [&] {
    return ParseInt64(InfoValue(bystander.client().Do("INFO clients").text, "connected_clients"))
        .value_or(0);
  };
  if (ParseInt64(bystander.client().Do("CONFIG GET maxclients").items.at(1).text) < 10'100) {
    MESSAGE("the server may not open as many files");
    return;
  }
  const int64_t before = ResidentBytes(server.process().pid());
  std::vector<Connection> crowd;
  for (int i = 0; i < crowd_size; ++i) {
    crowd.push_back(server.Client());
    if (i % 500 == 0) bystander.NoticesNothing();
  }
  CHECK(PollUntil(20'000, [&] { return connected() == crowd_size + 1; }));
  CHECK((ResidentBytes(server.process().pid()) - before) / crowd_size < 20'000);
  CHECK(crowd.back().Do("PING").Is("PONG"));
  crowd.clear();
  CHECK(PollUntil(20'000, [&] { return connected() == 1; }));
  bystander.NoticesNothing();
}

TEST_CASE("a place that becomes free when all were taken can be had again") {
  Server server({"--maxclients", "5"});
  Bystander bystander(server);
  std::vector<Connection> others;
  for (int i = 0; i < 4; ++i) {
    others.push_back(server.Client());
    REQUIRE(others.back().Do("PING").Is("PONG"));
  }
  for (int i = 0; i < 50; ++i) {
    Connection refused = server.Client();
    CHECK(refused.WaitClosed());
    bystander.NoticesNothing();
  }
  CHECK(InfoValue(bystander.client().Do("INFO stats").text, "rejected_connections") == "50");
  others.pop_back();
  CHECK(PollUntil(10'000, [&] { return server.Client().Do("PING").Is("PONG"); }));
}

TEST_CASE("a disk without room for the log stops nobody") {
  if (::access("/dev/full", W_OK) != 0) return;
  Server server({"--logfile", "/dev/full", "--loglevel", "debug"});
  Bystander bystander(server);
  for (int i = 0; i < 100; ++i) {
    Connection client = server.Client();
    client.SendRaw("*abc\r\n");  // worth a line in the log
    CHECK(client.WaitClosed());
    bystander.NoticesNothing();
  }
  CHECK(server.process().Stop().Exited(0));
}

TEST_CASE("a log file that cannot be opened stops the start and is named") {
  ServerOptions options;
  options.args = {"--port", std::to_string(FreePort()), "--logfile", "/nonexistent/server.log"};
  const auto [end, log] = RunToEnd(options);
  CHECK(end.Exited(1));
  CHECK(log.find("log file") != std::string::npos);
  CHECK(log.find("No such file or directory") != std::string::npos);
}

TEST_CASE("an address that is not this machine's stops the start and is named") {
  ServerOptions options;
  options.args = {"--port", std::to_string(FreePort()), "--bind", "192.0.2.1", "--save", ""};
  const auto [end, log] = RunToEnd(options);
  CHECK(end.Exited(1));
  CHECK(log.find("192.0.2.1") != std::string::npos);
}

}  // namespace
}  // namespace torc::testing
