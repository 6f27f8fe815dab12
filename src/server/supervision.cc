#include "server/supervision.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/log.h"
#include "base/text.h"

namespace torc {
namespace {

constexpr const char* kDaemonPidFile = "/var/run/torc.pid";
constexpr const char* kNotifySocket = "NOTIFY_SOCKET";
constexpr const char* kUpstartJob = "UPSTART_JOB";

bool HasEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && value[0] != '\0';
}

// The address of systemd's socket: a path, or '@' and an abstract name. False if it is neither.
bool NotifyAddress(std::string_view name, sockaddr_un* address, socklen_t* size_bytes) {
  const bool plausible = name.size() > 1 && (name[0] == '/' || name[0] == '@');
  if (!plausible || name.size() >= sizeof(address->sun_path)) return false;
  *address = {};
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, name.data(), name.size());
  if (name[0] == '@') address->sun_path[0] = '\0';
  *size_bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  return true;
}

Status GoToBackground() {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) return Status::IoError(Format("Can't fork: %s", std::strerror(errno)));
  if (child > 0) _exit(0);
  setsid();
  const int null = open("/dev/null", O_RDWR);
  if (null >= 0) {
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, standard);
    if (null > STDERR_FILENO) close(null);
  }
  return Status::Ok();
}

}  // namespace

Supervision::Supervisor Supervision::FindSupervisor() const {
  const bool is_auto = options_->supervised == SupervisedMode::kAuto;
  if (is_auto || options_->supervised == SupervisedMode::kUpstart) {
    if (HasEnvironment(kUpstartJob)) return Supervisor::kUpstart;
    if (!is_auto) {
      Log(LogLevel::kWarning, "supervised upstart: %s is not set, so nobody is told", kUpstartJob);
    }
  }
  if (is_auto || options_->supervised == SupervisedMode::kSystemd) {
    if (HasEnvironment(kNotifySocket)) return Supervisor::kSystemd;
    if (!is_auto) {
      Log(LogLevel::kWarning, "supervised systemd: %s is not set, so nobody is told",
          kNotifySocket);
    }
  }
  return Supervisor::kNone;
}

Status Supervision::Begin() {
  supervisor_ = FindSupervisor();
  // A supervisor follows the process that it started: that one must not go away.
  if (supervisor_ != Supervisor::kNone || !options_->daemonize) return Status::Ok();
  if (options_->pid_file.empty()) options_->pid_file = kDaemonPidFile;
  return GoToBackground();
}

Supervision::~Supervision() {
  if (!pid_path_.empty()) unlink(pid_path_.c_str());
}

void Supervision::Started() {
  if (!options_->pid_file.empty()) WritePidFile();
}

void Supervision::Ready() {
  switch (supervisor_) {
    case Supervisor::kNone:
      break;
    case Supervisor::kUpstart:
      // Upstart takes the stop for readiness and lets the process go on.
      unsetenv(kUpstartJob);
      raise(SIGSTOP);
      break;
    case Supervisor::kSystemd:
      TellSystemd("READY=1\nSTATUS=Ready to accept connections\n");
      break;
  }
}

void Supervision::Stopping() {
  if (supervisor_ == Supervisor::kSystemd) TellSystemd("STOPPING=1\nSTATUS=Shutting down\n");
}

std::string_view Supervision::supervisor() const {
  static constexpr std::string_view kNames[] = {"no", "upstart", "systemd"};
  return kNames[static_cast<size_t>(supervisor_)];
}

void Supervision::TellSystemd(std::string_view state) const {
  sockaddr_un address{};
  socklen_t size_bytes = 0;
  const char* name = std::getenv(kNotifySocket);
  if (name == nullptr || !NotifyAddress(name, &address, &size_bytes)) {
    Log(LogLevel::kWarning, "%s names no socket: systemd is not told", kNotifySocket);
    return;
  }
  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool sent =
      descriptor >= 0 && sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), size_bytes) >= 0;
  if (!sent) Log(LogLevel::kWarning, "systemd could not be told: %s", std::strerror(errno));
  if (descriptor >= 0) close(descriptor);
}

void Supervision::WritePidFile() {
  const std::string text = std::to_string(getpid()) + "\n";
  const char* path = options_->pid_file.c_str();
  const int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const bool written = descriptor >= 0 && write(descriptor, text.data(), text.size()) ==
                                              static_cast<ssize_t>(text.size());
  if (!written) {
    Log(LogLevel::kWarning, "Can't write the pid file '%s': %s", path, std::strerror(errno));
  }
  if (descriptor < 0) return;
  close(descriptor);
  char resolved[PATH_MAX];
  if (realpath(path, resolved) != nullptr) pid_path_ = resolved;
}

void Supervision::RemovePidFile() {
  if (pid_path_.empty()) return;
  Log(LogLevel::kNotice, "Removing the pid file.");
  unlink(pid_path_.c_str());
  pid_path_.clear();
}

}  // namespace torc
