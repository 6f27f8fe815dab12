#include "support/server_process.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

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

TEST_CASE("free ports are ports") {
  CHECK(FreePort() > 1023);
}

}  // namespace
}  // namespace torc::testing
