#pragma once

// The server of one test case: started with the arguments given, stopped at the end, and checked
// not to have crashed.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redis-tests/support/connection.h"
#include "support/server_process.h"

namespace torc::testing {

// The binary that --server named.
std::string ServerBinary();

class Server {
 public:
  // Fails the test when the server does not come up.
  explicit Server(std::vector<std::string> args = {});
  explicit Server(ServerOptions options);
  ~Server();

  // A new connection over TCP; fails the test when there is none.
  Connection Client();
  // The same after HELLO 3.
  Connection Client3();
  ServerProcess& process() { return *process_; }
  uint16_t port() const { return process_->port(); }
  // Whether the server says it is at least this version of Redis.
  bool Since(int major, int minor, const std::string& password = {});

 private:
  void Start(ServerOptions options);
  std::unique_ptr<ServerProcess> process_;
};

// Starts the server with exactly these arguments and waits for its end: how it ended, its log.
std::pair<ProcessEnd, std::string> RunToEnd(ServerOptions options);

// "field:value" lines of INFO or CLIENT INFO's blank-separated "field=value": the value, empty when
// absent.
std::string InfoValue(std::string_view info, std::string_view field);
std::string ClientInfoValue(std::string_view line, std::string_view field);

}  // namespace torc::testing
