// CONFIG: reading, changing and writing back the configuration of a running server.

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "redis-tests/clients/server.h"
#include "support/free_port.h"

namespace torc::testing {
namespace {

std::map<std::string, std::string> Get(Connection& client, std::vector<std::string> patterns) {
  std::vector<std::string> args = {"CONFIG", "GET"};
  args.insert(args.end(), patterns.begin(), patterns.end());
  const RespValue reply = client.Call(args);
  std::map<std::string, std::string> found;
  for (size_t i = 0; i + 1 < reply.items.size(); i += 2)
    found[reply.items[i].text] = reply.items[i + 1].text;
  return found;
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

using Values = std::map<std::string, std::string>;

TEST_CASE("CONFIG GET takes several names and globs, any case, and each parameter once") {
  Server server;
  Connection client = server.Client();
  CHECK(Get(client, {"maxmemory"}) == Values{{"maxmemory", "0"}});
  CHECK(Get(client, {"MAXMEMORY", "port", "nonsense"}) ==
        Values{{"MAXMEMORY", "0"}, {"port", std::to_string(server.port())}});
  CHECK(client.Do("CONFIG GET maxmemory maxm*ory maxmemory").items.size() == 2);
  const Values entries = Get(client, {"hash-max-*-entries"});
  CHECK(entries.size() == 2);
  CHECK(entries.count("hash-max-ziplist-entries") == 1);
  CHECK(client.Do("CONFIG GET nonsense").Print() == "[]");
  CHECK(server.Client3().Do("CONFIG GET maxmemory").Print() == "%{\"maxmemory\": \"0\"}");
}

// What clients, tools and suites read or set.
constexpr std::string_view kParametersAskedFor =
    "bind port unixsocket unixsocketperm tcp-backlog tcp-keepalive timeout protected-mode "
    "requirepass maxclients maxmemory maxmemory-policy maxmemory-samples maxmemory-clients "
    "databases save dir dbfilename rdbcompression rdbchecksum appendonly appendfsync "
    "appendfilename appenddirname aof-use-rdb-preamble auto-aof-rewrite-percentage "
    "auto-aof-rewrite-min-size aof-load-truncated no-appendfsync-on-rewrite "
    "stop-writes-on-bgsave-error slowlog-log-slower-than slowlog-max-len "
    "latency-monitor-threshold notify-keyspace-events hash-max-listpack-entries "
    "hash-max-listpack-value zset-max-listpack-entries zset-max-listpack-value "
    "set-max-intset-entries list-max-listpack-size list-compress-depth stream-node-max-bytes "
    "stream-node-max-entries hll-sparse-max-bytes client-output-buffer-limit "
    "client-query-buffer-limit proto-max-bulk-len hz dynamic-hz activerehashing activedefrag "
    "lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del "
    "lazyfree-lazy-user-del lazyfree-lazy-user-flush replicaof masterauth masteruser "
    "replica-read-only replica-serve-stale-data repl-backlog-size repl-diskless-sync "
    "repl-timeout repl-ping-replica-period min-replicas-to-write min-replicas-max-lag "
    "cluster-enabled cluster-node-timeout lua-time-limit busy-reply-threshold acllog-max-len "
    "aclfile loglevel logfile pidfile daemonize supervised io-threads oom-score-adj "
    "lfu-log-factor lfu-decay-time tracking-table-max-keys sanitize-dump-payload "
    "enable-debug-command shutdown-timeout tls-port syslog-enabled";

TEST_CASE("every parameter that clients and tools ask for is there") {
  Server server;
  Connection client = server.Client();
  const Values all = Get(client, {"*"});
  for (const std::string_view name : Split(kParametersAskedFor, ' ')) {
    INFO(std::string(name));
    CHECK(all.count(std::string(name)) == 1);
  }
}

TEST_CASE("CONFIG SET of what CONFIG GET said is accepted for every changeable parameter") {
  Server server({"--enable-protected-configs", "yes"});
  Connection client = server.Client();
  int accepted = 0;
  for (const auto& [name, value] : Get(client, {"*"})) {
    CAPTURE(name);
    CAPTURE(value);
    const RespValue reply = client.Call({"CONFIG", "SET", name, value});
    const bool immutable = reply.text.find("can't set immutable config") != std::string::npos;
    const bool protected_config =
        reply.text.find("can't set protected config") != std::string::npos;
    // An empty value of these means "none", which cannot be said again.
    const bool unset = value.empty() && reply.IsError();
    CHECK((reply.Is("OK") || immutable || protected_config || unset));
    if (reply.Is("OK")) ++accepted;
  }
  CHECK(accepted > 100);
}

TEST_CASE("units are understood and values come back plain") {
  Server server;
  Connection client = server.Client();
  const char* const cases[][2] = {
      {"100mb", "104857600"}, {"1k", "1000"}, {"1kb", "1024"}, {"2GB", "2147483648"},
      {"1m", "1000000"},      {"5", "5"},     {"0", "0"}};
  for (const auto& [given, shown] : cases) {
    INFO(std::string(given));
    CHECK(client.Do(std::string("CONFIG SET maxmemory ") + given).Is("OK"));
    CHECK(Get(client, {"maxmemory"})["maxmemory"] == shown);
  }
}

TEST_CASE("CONFIG SET changes all of its parameters or none") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("CONFIG SET maxmemory 1mb maxmemory-policy allkeys-lru timeout 7").Is("OK"));
  CHECK(Get(client, {"maxmemory", "maxmemory-policy", "timeout"}) ==
        Values{{"maxmemory", "1048576"}, {"maxmemory-policy", "allkeys-lru"}, {"timeout", "7"}});
  CHECK(client.Do("CONFIG SET maxmemory 2mb timeout abc").Print() ==
        "-ERR CONFIG SET failed (possibly related to argument 'timeout') - argument couldn't be "
        "parsed into an integer");
  CHECK(client.Do("CONFIG SET maxmemory 2mb nonsense 1").Print() ==
        "-ERR Unknown option or number of arguments for CONFIG SET - 'nonsense'");
  CHECK(client.Do("CONFIG SET maxmemory 2mb maxmemory 3mb").Print() ==
        "-ERR CONFIG SET failed (possibly related to argument 'maxmemory') - duplicate parameter");
  CHECK(Get(client, {"maxmemory"})["maxmemory"] == "1048576");
}

TEST_CASE("CONFIG SET says what is wrong with a value") {
  Server server;
  Connection client = server.Client();
  const auto failed = [](std::string_view name, std::string_view why) {
    return "-ERR CONFIG SET failed (possibly related to argument '" + std::string(name) + "') - " +
           std::string(why);
  };
  CHECK(client.Do("CONFIG SET proto-max-bulk-len abc").Print() ==
        failed("proto-max-bulk-len", "argument must be a memory value"));
  CHECK(client.Do("CONFIG SET daemonize yes").Print() ==
        failed("daemonize", "can't set immutable config"));
  CHECK(client.Do("CONFIG SET rdbcompression maybe").Print() ==
        failed("rdbcompression", "argument must be 'yes' or 'no'"));
  // A server may know more policies than Redis.
  const std::string policies =
      failed("maxmemory-policy",
             "argument(s) must be one of the following: volatile-lru, volatile-lfu, "
             "volatile-random, volatile-ttl, "
             "allkeys-lru, allkeys-lfu, allkeys-random, noeviction");
  CHECK(client.Do("CONFIG SET maxmemory-policy nonsense").Print().substr(0, policies.size()) ==
        policies);
  CHECK(client.Do("CONFIG SET maxclients 0").Print() ==
        failed("maxclients", "argument must be between 1 and 4294967295 inclusive"));
  CHECK(client.Do("CONFIG SET nonsense 1").Print() ==
        "-ERR Unknown option or number of arguments for CONFIG SET - 'nonsense'");
  CHECK(client.Do("CONFIG SET maxmemory").Print() ==
        "-ERR wrong number of arguments for 'config|set' command");
  CHECK(client.Do("CONFIG SET maxmemory 1 port").Print() == "-ERR syntax error");
  CHECK(client.Do("CONFIG NONSENSE").Print() ==
        "-ERR unknown subcommand 'NONSENSE'. Try CONFIG HELP.");
}

TEST_CASE("the order of letters is one that the machine knows") {
  Server server;
  if (!server.Since(7, 2)) return;
  Connection client = server.Client();
  CHECK(client.Do("CONFIG SET locale-collate C").Is("OK"));
  CHECK(client.Call({"CONFIG", "SET", "locale-collate", "no_SUCH"}).text ==
        "ERR CONFIG SET failed (possibly related to argument 'locale-collate') - Invalid locale "
        "name");
  CHECK(Get(client, {"locale-collate"}) == Values{{"locale-collate", "C"}});
  client.Do("RPUSH l b B a");
  CHECK(client.Do("SORT l ALPHA").Print() == "[\"B\", \"a\", \"b\"]");
}

TEST_CASE("the old names of parameters are other words for the new ones") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("CONFIG SET hash-max-ziplist-entries 77").Is("OK"));
  CHECK(Get(client, {"hash-max-listpack-entries"})["hash-max-listpack-entries"] == "77");
  CHECK(client.Do("CONFIG SET lua-time-limit 4321").Is("OK"));
  CHECK(Get(client, {"busy-reply-threshold"})["busy-reply-threshold"] == "4321");
  CHECK(client.Do("CONFIG SET slave-read-only no").Is("OK"));
  CHECK(Get(client, {"replica-read-only"})["replica-read-only"] == "no");
}

TEST_CASE("CONFIG RESETSTAT clears the counters") {
  Server server;
  Connection client = server.Client();
  client.Do("GET nothing");
  client.Do("NONSENSE");
  CHECK(InfoValue(client.Do("INFO stats").text, "keyspace_misses") == "1");
  CHECK(client.Do("INFO errorstats").text.find("errorstat_ERR:count=1") != std::string::npos);
  CHECK(client.Do("CONFIG RESETSTAT").Is("OK"));
  const std::string stats = client.Do("INFO stats").text;
  CHECK(InfoValue(stats, "keyspace_misses") == "0");
  CHECK(InfoValue(stats, "total_error_replies") == "0");
  CHECK(client.Do("INFO commandstats").text.find("cmdstat_get:") == std::string::npos);
}

TEST_CASE("CONFIG REWRITE without a file is refused") {
  Server server;
  CHECK(server.Client().Do("CONFIG REWRITE").Print() ==
        "-ERR The server is running without a config file");
}

TEST_CASE("CONFIG REWRITE keeps what the operator wrote and adds what changed") {
  ServerOptions options;
  options.config =
      "# a comment of the operator\n"
      "timeout 5\n"
      "\n"
      "maxmemory 10mb   \n"
      "# another\n"
      "hz 20\n";
  Server server(options);
  Connection client = server.Client();
  CHECK(client.Do("CONFIG SET timeout 9 maxmemory-policy allkeys-lfu").Is("OK"));
  CHECK(client.Call({"CONFIG", "SET", "requirepass", "a \"quoted\" pass\n"}).Is("OK"));
  REQUIRE(client.Do("CONFIG REWRITE").Is("OK"));
  const std::string file = ReadFile(server.process().config_path());
  CHECK(file.find("# a comment of the operator\n") == 0);
  CHECK(file.find("# another\n") != std::string::npos);
  CHECK(file.find("timeout 9\n") < file.find("# another\n"));
  CHECK(file.find("hz 20\n") != std::string::npos);
  CHECK(file.find("maxmemory-policy allkeys-lfu\n") != std::string::npos);
  CHECK(file.find("requirepass \"a \\\"quoted\\\" pass\\n\"\n") != std::string::npos);

  // The file that was written is one a server starts from, with the same values.
  ServerOptions again;
  again.config = file;
  again.default_args = false;
  again.port = FreePort();
  again.args = {"--port", std::to_string(again.port), "--dir", "."};
  server.process().Stop();
  Server second(again);
  Connection other = second.Client();
  CHECK(other.Call({"AUTH", "a \"quoted\" pass\n"}).Is("OK"));
  CHECK(Get(other, {"timeout", "maxmemory", "maxmemory-policy"}) ==
        Values{{"timeout", "9"}, {"maxmemory", "10485760"}, {"maxmemory-policy", "allkeys-lfu"}});
}

TEST_CASE("save points are set, shown and cleared") {
  Server server;
  Connection client = server.Client();
  CHECK(Get(client, {"save"})["save"].empty());
  CHECK(client.Call({"CONFIG", "SET", "save", "3600 1 300 100"}).Is("OK"));
  CHECK(Get(client, {"save"})["save"] == "3600 1 300 100");
  CHECK(client.Call({"CONFIG", "SET", "save", "3600"}).IsError());
  CHECK(client.Call({"CONFIG", "SET", "save", ""}).Is("OK"));
  CHECK(Get(client, {"save"})["save"].empty());
}

TEST_CASE("notification flags are understood and shown in one order") {
  Server server;
  Connection client = server.Client();
  const char* const cases[][2] = {
      {"KEA", "AKE"}, {"Ex", "xE"}, {"", ""}, {"Kg$", "g$K"}, {"AKEm", "AKEm"}};
  for (const auto& [given, shown] : cases) {
    INFO(std::string(given));
    CHECK(client.Call({"CONFIG", "SET", "notify-keyspace-events", given}).Is("OK"));
    CHECK(Get(client, {"notify-keyspace-events"})["notify-keyspace-events"] == shown);
  }
  CHECK(client.Do("CONFIG SET notify-keyspace-events @").IsError());
}

TEST_CASE("a port that is taken and an address of others are refused, and nothing changes") {
  Server server;
  Server other;
  Connection client = server.Client();
  CHECK(client.Do("CONFIG SET port " + std::to_string(other.port())).Print() ==
        "-ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this "
        "port. Check server logs.");
  CHECK(client.Do("CONFIG SET bind 192.0.2.1").Print() ==
        "-ERR CONFIG SET failed (possibly related to argument 'bind') - Failed to bind to "
        "specified addresses.");
  CHECK(server.Client().Do("PING").Print() == "+PONG");
}

}  // namespace
}  // namespace torc::testing
