#pragma once

// Starts a real server process for a test and ends it again: any binary that takes redis-server's
// arguments. The process lives in a temporary directory of its own (its working directory), writes
// stdout and stderr into a log file there, and dies with the test that started it. Ready means that
// it answered a PING (or refused it for want of a password), found by a bounded poll; nothing here
// sleeps and hopes.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "torc/status.h"

namespace torc::testing {

// How a process ended: by exit code or by signal.
struct ProcessEnd {
  int exit_code = -1;
  int signal = 0;
  bool Exited(int code) const { return signal == 0 && exit_code == code; }
  std::string Print() const;
};

struct ServerOptions {
  std::string binary = {};
  // redis.conf-style arguments after the ones that Start adds: --port, --bind, --dir, --save "",
  // --appendonly no.
  std::vector<std::string> args = {};
  // False: only `args` are passed, and port() is what the caller says in `port`.
  bool default_args = true;
  uint16_t port = 0;                // 0: a free one is chosen
  std::string config = {};          // not empty: written to a file that becomes the first argument
  std::string standard_input = {};  // not empty: what the process reads there (for a config of "-")
  bool wait_ready = true;
  int ready_timeout_ms = 20'000;
};

class ServerProcess {
 public:
  // Starts the server and, unless told otherwise, waits until it is ready. A chosen port that was
  // taken in between is tried again with another. An error holds the end of the log.
  static StatusOr<std::unique_ptr<ServerProcess>> Start(ServerOptions options);
  // Ends the process at once if it still runs, and removes its directory.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  uint16_t port() const { return options_.port; }
  pid_t pid() const { return pid_; }
  const std::string& directory() const { return directory_; }
  const std::string& config_path() const { return config_path_; }
  const std::string& binary() const { return options_.binary; }

  // Everything the process has written to stdout and stderr.
  std::string Log() const;
  // True while the process has not ended.
  bool Running();
  bool Signal(int signal_number);
  // How it ended; nothing when it still runs after the timeout.
  std::optional<ProcessEnd> WaitEnd(int timeout_ms);
  // From now on the end of the process is what the test wants: no crash.
  void ExpectEnd() { end_expected_ = true; }
  // SIGTERM, then SIGKILL if that does not end it in time (which the result then shows).
  ProcessEnd Stop(int timeout_ms = 10'000);
  // Polls until the log holds `text`.
  bool WaitLog(std::string_view text, int timeout_ms);
  // Waits until PING is answered; an error says what happened instead.
  Status WaitReady();
  // When the process has ended although nobody stopped it: how, and the end of its log. Else
  // nothing.
  std::optional<std::string> Crash();

 private:
  explicit ServerProcess(ServerOptions options) : options_(std::move(options)) {}
  Status Launch();
  std::vector<std::string> Arguments() const;
  void Reap(bool wait);
  std::string LogTail() const;

  ServerOptions options_;
  std::string directory_;
  std::string config_path_;
  pid_t pid_ = -1;
  bool end_expected_ = false;
  std::optional<ProcessEnd> end_;
};

// Milliseconds of a clock that only goes forward; for bounded polls.
int64_t SteadyMs();
// Calls `done` every few milliseconds until it returns true or the time is up; its last answer.
template <typename Done>
bool PollUntil(int timeout_ms, Done done);
// Lets a few milliseconds pass between two looks at the world: the step of every bounded poll.
void PollPause();

template <typename Done>
bool PollUntil(int timeout_ms, Done done) {
  const int64_t deadline = SteadyMs() + timeout_ms;
  while (!done()) {
    if (SteadyMs() >= deadline) return done();
    PollPause();
  }
  return true;
}

}  // namespace torc::testing
