#include "support/server_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/free_port.h"

namespace torc::testing {
namespace {

// A stand-in for a server: a shell script's words.
ServerOptions Shell(std::string script) {
  return {.binary = "/bin/sh",
          .args = {"-c", std::move(script)},
          .default_args = false,
          .wait_ready = false};
}

TEST_CASE("a process that ends by itself is reported with its code and its log") {
  auto server = ServerProcess::Start(Shell("echo the last words; exit 3"));
  REQUIRE(server.ok());
  ServerProcess& process = **server;
  const auto end = process.WaitEnd(10'000);
  REQUIRE(end.has_value());
  CHECK(end->Exited(3));
  const auto crash = process.Crash();
  REQUIRE(crash.has_value());
  CHECK(crash->find("exited with 3") != std::string::npos);
  CHECK(crash->find("the last words") != std::string::npos);
}

TEST_CASE("a process stopped by us is no crash, and its directory goes with it") {
  std::string directory;
  {
    auto server = ServerProcess::Start(Shell("echo started; exec sleep 100"));
    REQUIRE(server.ok());
    ServerProcess& process = **server;
    directory = process.directory();
    CHECK(process.WaitLog("started", 10'000));
    CHECK(process.Running());
    CHECK(process.Stop().signal == 15);
    CHECK_FALSE(process.Crash().has_value());
    CHECK(std::filesystem::exists(directory));
  }
  CHECK_FALSE(std::filesystem::exists(directory));
}

TEST_CASE("a process that ignores SIGTERM is ended all the same") {
  auto server =
      ServerProcess::Start(Shell("trap '' TERM; echo deaf; while :; do sleep 0.05; done"));
  REQUIRE(server.ok());
  CHECK((*server)->WaitLog("deaf", 10'000));
  CHECK((*server)->Stop(200).signal == 9);
}

TEST_CASE("waiting for readiness ends with the process and says why") {
  ServerOptions options = Shell("echo cannot start; exit 1");
  options.wait_ready = true;
  options.port = FreePort();
  const auto server = ServerProcess::Start(options);
  REQUIRE_FALSE(server.ok());
  CHECK(server.status().message().find("cannot start") != std::string::npos);
}

TEST_CASE("a configuration file is the process's first argument") {
  ServerOptions options{
      .binary = "/bin/cat", .default_args = false, .config = "port 1234\n", .wait_ready = false};
  auto server = ServerProcess::Start(options);
  REQUIRE(server.ok());
  REQUIRE((*server)->WaitEnd(10'000).has_value());
  CHECK((*server)->Log() == "port 1234\n");
}

TEST_CASE("standard input reaches the process that is told to read it") {
  ServerOptions options{.binary = "/bin/cat",
                        .default_args = false,
                        .standard_input = "port 1234\n",
                        .wait_ready = false};
  auto server = ServerProcess::Start(options);
  REQUIRE(server.ok());
  REQUIRE((*server)->WaitEnd(10'000).has_value());
  CHECK((*server)->Log() == "port 1234\n");
}

// Whether another process holds the lock that goes with a port.
bool IsReservedFor(pid_t owner, uint16_t port) {
  const int file = ::open(PortsFile().c_str(), O_RDWR | O_CLOEXEC);
  struct flock byte {};
  byte.l_type = F_WRLCK;
  byte.l_whence = SEEK_SET;
  byte.l_start = port;
  byte.l_len = 1;
  return ::fcntl(file, F_GETLK, &byte) == 0 && byte.l_type == F_WRLCK && byte.l_pid == owner;
}

TEST_CASE("a free port is given once, and to one process") {
  const uint16_t port = FreePort();
  CHECK(port > 1023);
  CHECK(FreePort() != port);
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(IsReservedFor(self, port) ? 0 : 1);
  int state = 0;
  REQUIRE(::waitpid(child, &state, 0) == child);
  CHECK(WIFEXITED(state));
  CHECK(WEXITSTATUS(state) == 0);
}

}  // namespace
}  // namespace torc::testing
