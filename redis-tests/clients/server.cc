#include "redis-tests/clients/server.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <utility>

#include "base/text.h"

namespace torc::testing {

std::string ServerBinary() {
  const char* binary = std::getenv("SERVER_UNDER_TEST");
  return binary == nullptr ? "redis-server" : binary;
}

Server::Server(std::vector<std::string> args) {
  ServerOptions options;
  options.args = std::move(args);
  Start(std::move(options));
}

Server::Server(ServerOptions options) {
  Start(std::move(options));
}

void Server::Start(ServerOptions options) {
  options.binary = ServerBinary();
  const char* more = std::getenv("SERVER_UNDER_TEST_ARGS");
  for (const std::string_view word : Split(more == nullptr ? "" : more, ' ')) {
    if (!word.empty()) options.args.emplace_back(word);
  }
  auto process = ServerProcess::Start(std::move(options));
  if (!process.ok()) FAIL(process.status().message());
  process_ = std::move(process).value();
}

Server::~Server() {
  if (process_ == nullptr) return;
  const auto crash = process_->Crash();
  if (crash.has_value()) FAIL_CHECK(*crash);
}

Connection Server::Client() {
  auto connection = Connection::Tcp("127.0.0.1", port());
  if (!connection.ok()) FAIL(connection.status().message());
  return std::move(connection).value();
}

Connection Server::Client3() {
  Connection connection = Client();
  const RespValue hello = connection.Do("HELLO 3");
  CHECK(hello.type == RespType::kMap);
  return connection;
}

bool Server::Since(int major, int minor, const std::string& password) {
  Connection connection = Client();
  if (!password.empty()) connection.Call({"AUTH", password});
  const std::string version = InfoValue(connection.Do("INFO server").text, "redis_version");
  const auto parts = Split(version, '.');
  REQUIRE(parts.size() == 3);
  const auto have_major = ParseInt64(parts[0]);
  const auto have_minor = ParseInt64(parts[1]);
  return have_major > major || (have_major == major && have_minor >= minor);
}

std::pair<ProcessEnd, std::string> RunToEnd(ServerOptions options) {
  options.binary = ServerBinary();
  options.default_args = false;
  options.wait_ready = false;
  auto process = ServerProcess::Start(options);
  if (!process.ok()) FAIL(process.status().message());
  const auto end = (*process)->WaitEnd(10'000);
  if (!end.has_value()) FAIL("the server still runs; its log: " << (*process)->Log());
  return {*end, (*process)->Log()};
}

std::string InfoValue(std::string_view info, std::string_view field) {
  for (const std::string_view line : Split(info, '\n')) {
    if (StartsWith(line, field) && line.size() > field.size() && line[field.size()] == ':') {
      return std::string(TrimBlanks(line.substr(field.size() + 1)));
    }
  }
  return {};
}

std::string ClientInfoValue(std::string_view line, std::string_view field) {
  for (const std::string_view word : Split(TrimBlanks(line), ' ')) {
    if (StartsWith(word, field) && word.size() > field.size() && word[field.size()] == '=') {
      return std::string(word.substr(field.size() + 1));
    }
  }
  return {};
}

}  // namespace torc::testing
