// The server as a process: how it starts, what it reads, what it logs, how it ends.

#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "base/text.h"
#include "redis-tests/clients/server.h"
#include "support/free_port.h"

namespace torc::testing {
namespace {

bool Holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("SIGTERM and SIGINT end the server in good order") {
  for (const int signal_number : {SIGTERM, SIGINT}) {
    CAPTURE(signal_number);
    Server server;
    Connection client = server.Client();
    REQUIRE(client.Do("SET k v").Is("OK"));
    REQUIRE(server.process().Signal(signal_number));
    const auto end = server.process().WaitEnd(10'000);
    REQUIRE(end.has_value());
    CHECK(end->Exited(0));
    CHECK(client.WaitClosed());
    CHECK(Holds(server.process().Log(), "ready to exit, bye bye"));
    CHECK_FALSE(std::filesystem::exists(server.process().directory() + "/dump.rdb"));
  }
}

TEST_CASE("SHUTDOWN ends the server without a reply") {
  for (const char* line : {"SHUTDOWN", "SHUTDOWN NOSAVE", "SHUTDOWN NOSAVE NOW FORCE"}) {
    INFO(std::string(line));
    Server server;
    Connection client = server.Client();
    server.process().ExpectEnd();
    client.SendRaw(std::string(line) + "\r\n");
    CHECK(client.WaitClosed());
    CHECK_FALSE(client.Read(0).has_value());
    const auto end = server.process().WaitEnd(10'000);
    REQUIRE(end.has_value());
    CHECK(end->Exited(0));
  }
}

TEST_CASE("SHUTDOWN explains its errors and goes on") {
  Server server;
  Connection client = server.Client();
  CHECK(client.Do("SHUTDOWN NONSENSE").Print() == "-ERR syntax error");
  CHECK(client.Do("SHUTDOWN SAVE NOSAVE").Print() == "-ERR syntax error");
  CHECK(client.Do("SHUTDOWN ABORT").Print() == "-ERR No shutdown in progress.");
  CHECK(client.Do("PING").Is("PONG"));
}

TEST_CASE("the log says who runs, on which port, and when clients may come") {
  Server server;
  const std::string log = server.process().Log();
  CHECK(Holds(log, std::to_string(server.process().pid()) + ":M "));
  CHECK(Holds(log, "Server initialized"));
  CHECK(Holds(log, "Ready to accept connections"));
  CHECK(Holds(log, std::to_string(server.port())));
}

TEST_CASE("a log file takes the place of standard output") {
  Server server({"--logfile", "server.log", "--loglevel", "notice"});
  std::ifstream in(server.process().directory() + "/server.log");
  const std::string log{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  CHECK(Holds(log, "Ready to accept connections"));
  CHECK_FALSE(Holds(server.process().Log(), "Ready to accept connections"));
}

TEST_CASE("the pid file holds the pid and goes with the process") {
  Server server({"--pidfile", "server.pid"});
  const std::string path = server.process().directory() + "/server.pid";
  // Redis writes it when asked by name or when it becomes a daemon.
  std::ifstream in(path);
  std::string pid;
  in >> pid;
  CHECK(pid == std::to_string(server.process().pid()));
  CHECK(server.process().Stop().Exited(0));
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("an unknown directive is named with its line, and nothing starts") {
  const auto [end, log] = RunToEnd({.config = "timeout 5\nnonsense 1\n"});
  CHECK(end.Exited(1));
  CHECK(Holds(log, "FATAL CONFIG FILE ERROR"));
  CHECK(Holds(log, "at line 2"));
  CHECK(Holds(log, ">>> 'nonsense 1'"));
  CHECK(Holds(log, "Bad directive or wrong number of arguments"));
}

TEST_CASE("bad values, quotes and arguments stop the start with their reason") {
  struct Case {
    const char* config;
    const char* reason;
  };
  for (const Case& one :
       {Case{"port abc\n", "argument couldn't be parsed into an integer"},
        Case{"requirepass \"abc\n", "Unbalanced quotes in configuration line"},
        Case{"proto-max-bulk-len abc\n", "argument must be a memory value"},
        Case{"rdbcompression maybe\n", "argument must be 'yes' or 'no'"},
        Case{"timeout 1 2\n", "wrong number of arguments"},
        Case{"maxclients 0\n", "argument must be between 1 and 4294967295 inclusive"}}) {
    INFO(std::string(one.config));
    const auto [end, log] = RunToEnd({.config = one.config});
    CHECK(end.Exited(1));
    CHECK(Holds(log, "at line 1"));
    CHECK(Holds(log, one.reason));
  }
}

TEST_CASE("bad command line arguments stop the start too") {
  ServerOptions options;
  options.args = {"--nonsense", "1"};
  const auto [end, log] = RunToEnd(options);
  CHECK(end.Exited(1));
  CHECK(Holds(log, "nonsense"));
  CHECK(Holds(log, "Bad directive or wrong number of arguments"));
}

TEST_CASE("a configuration file that is not there is named") {
  ServerOptions options;
  options.args = {"/nonexistent/server.conf"};
  const auto [end, log] = RunToEnd(options);
  CHECK(end.Exited(1));
  CHECK(Holds(log, "/nonexistent/server.conf"));
}

TEST_CASE("--version names a version and exits well") {
  ServerOptions options;
  options.args = {"--version"};
  const auto [end, log] = RunToEnd(options);
  CHECK(end.Exited(0));
  CHECK(Holds(log, "v="));
}

TEST_CASE("arguments override the file, the file has comments, quotes, units and includes") {
  ServerOptions options;
  options.config =
      "# comment\n"
      "   timeout   5   \n"
      "\n"
      "maxmemory 100mb\n"
      "maxmemory-policy \"allkeys-lru\"\n"
      "logfile ''\n"
      "save 900 1\n"
      "save 300 10\n"
      "client-output-buffer-limit normal 1mb 2mb 3\n"
      "include extra.conf\n";
  std::string made = (std::filesystem::temp_directory_path() / "torc-include-XXXXXX").string();
  REQUIRE(::mkdtemp(made.data()) != nullptr);
  std::ofstream(made + "/extra.conf") << "hz 33\n";
  options.config.replace(options.config.find("extra.conf"), 10, made + "/extra.conf");
  options.args = {"--timeout", "7"};
  options.default_args = false;
  options.port = FreePort();
  options.args.insert(options.args.end(), {"--port", std::to_string(options.port)});
  {
    Server server(options);
    Connection client = server.Client();
    const auto value = [&](const char* name) {
      return client.Call({"CONFIG", "GET", name}).items.at(1).text;
    };
    CHECK(value("timeout") == "7");
    CHECK(value("maxmemory") == "104857600");
    CHECK(value("maxmemory-policy") == "allkeys-lru");
    CHECK(value("save") == "900 1 300 10");
    CHECK(value("hz") == "33");
    CHECK(value("client-output-buffer-limit").rfind("normal 1048576 2097152 3 ", 0) == 0);
    CHECK(InfoValue(client.Do("INFO server").text, "config_file") ==
          server.process().config_path());
    REQUIRE(client.Call({"CONFIG", "SET", "save", ""}).Is("OK"));
  }
  std::filesystem::remove_all(made);
}

TEST_CASE("a configuration can come from standard input") {
  ServerOptions options;
  options.port = FreePort();
  options.default_args = false;
  options.standard_input =
      "port " + std::to_string(options.port) + "\nsave \"\"\ntimeout 5\nhz 33\n";
  options.args = {"--timeout", "7"};
  Server server(options);
  Connection client = server.Client();
  CHECK(client.Do("CONFIG GET hz").items.at(1).Is("33"));
  CHECK(InfoValue(client.Do("INFO server").text, "config_file").empty());
}

TEST_CASE("rename-command hides a command and gives it another name") {
  ServerOptions options;
  options.config = "rename-command FLUSHALL \"\"\nrename-command GET fetch\n";
  options.default_args = false;
  options.port = FreePort();
  options.args = {"--port", std::to_string(options.port), "--save", ""};
  Server server(options);
  Connection client = server.Client();
  CHECK(client.Do("FLUSHALL").Print() ==
        "-ERR unknown command 'FLUSHALL', with args beginning with: ");
  CHECK(client.Do("GET k").IsError());
  CHECK(client.Do("FETCH k").is_null);
}

TEST_CASE("many directives that mean little here are accepted") {
  ServerOptions options;
  options.config =
      "io-threads 2\nio-threads-do-reads no\njemalloc-bg-thread yes\noom-score-adj no\n"
      "activedefrag no\nlfu-log-factor 10\nlfu-decay-time 1\nactiverehashing yes\ndynamic-hz yes\n"
      "aof-rewrite-incremental-fsync yes\nrdb-save-incremental-fsync yes\ndisable-thp yes\n"
      "repl-diskless-sync yes\nrepl-diskless-sync-delay 5\nrepl-disable-tcp-nodelay "
      "no\nreplica-priority 100\n"
      "tcp-backlog 511\ntcp-keepalive 300\nsupervised no\nalways-show-logo no\nset-proc-title yes\n"
      "lazyfree-lazy-eviction no\nlazyfree-lazy-user-flush no\nacllog-max-len 128\n"
      "latency-tracking yes\ntracking-table-max-keys 1000000\ncrash-log-enabled yes\n";
  options.default_args = false;
  options.port = FreePort();
  options.args = {"--port", std::to_string(options.port), "--save", ""};
  Server server(options);
  CHECK(server.Client().Do("PING").Is("PONG"));
}

TEST_CASE("a server starts empty within a second and stops within two") {
  const int64_t begin_ms = SteadyMs();
  Server server;
  CHECK(SteadyMs() - begin_ms < 5'000);  // a second, with room for a busy machine
  const int64_t stop_ms = SteadyMs();
  CHECK(server.process().Stop().Exited(0));
  CHECK(SteadyMs() - stop_ms < 5'000);
}

}  // namespace
}  // namespace torc::testing
