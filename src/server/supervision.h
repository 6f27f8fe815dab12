#pragma once

// Supervision: what a server owes to whoever started it. Going to the background, the pid file, and
// telling systemd or upstart when it serves and when it ends. Every step answers to one directive:
// daemonize, pidfile, supervised.

#include <string>
#include <string_view>

#include "torc/status.h"

namespace torc {

enum class SupervisedMode { kNo, kUpstart, kSystemd, kAuto };

struct SupervisionOptions {
  bool daemonize = false;
  SupervisedMode supervised = SupervisedMode::kNo;
  std::string pid_file;  // empty: none, but for a daemon
};

class Supervision {
 public:
  // The options must outlive the object; a daemon without a pid file of its own gets its default
  // written there.
  explicit Supervision(SupervisionOptions* options) : options_(options) {}
  // Leaves no pid file behind, however the server came to its end.
  ~Supervision();
  Supervision(const Supervision&) = delete;
  Supervision& operator=(const Supervision&) = delete;

  // Finds out who supervises; otherwise, if asked for, goes to the background: the process that the
  // caller started ends here, with success, and a child goes on. Must come before any thread, and
  // before the loop.
  Status Begin();
  // Sockets are open: writes the pid file.
  void Started();
  // The data is there and clients are served: tells the supervisor.
  void Ready();
  // The end begins: tells the supervisor, so that it does not wait or restart.
  void Stopping();
  // The last act of an orderly end.
  void RemovePidFile();

  // "no", "systemd", "upstart": INFO's process_supervised.
  std::string_view supervisor() const;

 private:
  enum class Supervisor { kNone, kUpstart, kSystemd };

  Supervisor FindSupervisor() const;
  void TellSystemd(std::string_view state) const;
  void WritePidFile();

  SupervisionOptions* options_;
  Supervisor supervisor_ = Supervisor::kNone;
  std::string pid_path_;  // absolute, once written: the working directory may change
};

}  // namespace torc
