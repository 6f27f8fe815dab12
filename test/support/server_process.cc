#include "support/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "support/free_port.h"

namespace torc::testing {
namespace {

constexpr int kPortTriesMax = 5;
constexpr size_t kLogTailBytes = 4000;

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// One PING over a fresh connection; the first line of the answer, empty when there was none. The
// server has noticed that the connection is gone, too: tests count connections.
std::string PingOnce(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return {};
  const sockaddr_in address = Loopback(port);
  std::string line;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6) {
    pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
    char bytes[512];
    if (::poll(&readable, 1, 1000) == 1) {
      const ssize_t count = ::recv(fd, bytes, sizeof(bytes), 0);
      if (count > 0) line.assign(bytes, static_cast<size_t>(count));
      ::shutdown(fd, SHUT_WR);
      while (::poll(&readable, 1, 1000) == 1 && ::recv(fd, bytes, sizeof(bytes), 0) > 0) {
      }
    }
  }
  ::close(fd);
  return line.substr(0, line.find('\r'));
}

// Between fork and exec: only async-signal-safe calls. Never returns.
[[noreturn]] void RunChild(const char* directory, int log_fd, int input_fd, char* const* argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(input_fd, STDIN_FILENO);
  ::dup2(log_fd, STDOUT_FILENO);
  ::dup2(log_fd, STDERR_FILENO);
  if (::chdir(directory) == 0) ::execvp(argv[0], argv);
  ::_exit(127);
}

void WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

std::string ProcessEnd::Print() const {
  return signal != 0 ? Format("ended by signal %d", signal) : Format("exited with %d", exit_code);
}

int64_t SteadyMs() {
  using std::chrono::steady_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             steady_clock::now().time_since_epoch())
      .count();
}

void PollPause() {
  ::poll(nullptr, 0, 5);
}

StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(ServerOptions options) {
  const bool choose_port = options.port == 0;
  // A relative path would no longer lead anywhere from the process's own directory.
  if (options.binary.find('/') != std::string::npos) {
    options.binary = std::filesystem::absolute(options.binary).string();
  }
  Status status;
  for (int i = 0; i < kPortTriesMax; ++i) {
    if (choose_port) options.port = FreePort();
    std::unique_ptr<ServerProcess> server(new ServerProcess(options));
    status = server->Launch();
    if (status.ok() && options.wait_ready) status = server->WaitReady();
    if (status.ok()) return server;
    const bool port_taken = server->Log().find("ddress already in use") != std::string::npos;
    if (!choose_port || !port_taken) return status;
  }
  return status;
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0 && Running()) {
    end_expected_ = true;
    ::kill(pid_, SIGKILL);
    Reap(true);
  }
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

std::vector<std::string> ServerProcess::Arguments() const {
  std::vector<std::string> args = {options_.binary};
  if (!config_path_.empty()) args.push_back(config_path_);
  if (!options_.standard_input.empty()) args.emplace_back("-");
  if (options_.default_args) {
    for (const std::string& arg :
         {std::string("--port"), std::to_string(options_.port), std::string("--bind"),
          std::string("127.0.0.1"), std::string("--dir"), directory_, std::string("--save"),
          std::string(), std::string("--appendonly"), std::string("no")}) {
      args.push_back(arg);
    }
  }
  args.insert(args.end(), options_.args.begin(), options_.args.end());
  return args;
}

Status ServerProcess::Launch() {
  std::string pattern = (std::filesystem::temp_directory_path() / "torc-server-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return Status::IoError("mkdtemp: " + pattern);
  directory_ = pattern;
  if (!options_.config.empty()) {
    config_path_ = directory_ + "/server.conf";
    WriteFile(config_path_, options_.config);
  }
  WriteFile(directory_ + "/stdin", options_.standard_input);
  const std::vector<std::string> args = Arguments();
  std::vector<char*> argv;
  for (const auto& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  const int log_fd =
      ::open((directory_ + "/stdout").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int input_fd = ::open((directory_ + "/stdin").c_str(), O_RDONLY | O_CLOEXEC);
  pid_ = ::fork();
  if (pid_ == 0) RunChild(directory_.c_str(), log_fd, input_fd, argv.data());
  ::close(log_fd);
  ::close(input_fd);
  return pid_ > 0 ? Status::Ok() : Status::IoError("fork failed");
}

Status ServerProcess::WaitReady() {
  std::string answer;
  const bool ready = PollUntil(options_.ready_timeout_ms, [&] {
    if (!Running()) return true;
    answer = PingOnce(options_.port);
    return StartsWith(answer, "+PONG") || StartsWith(answer, "-NOAUTH") ||
           StartsWith(answer, "-DENIED");
  });
  if (auto crash = Crash()) return Status::Unavailable(*crash);
  if (!ready) return Status::Unavailable("no PONG from " + options_.binary + ":\n" + LogTail());
  return Status::Ok();
}

std::string ServerProcess::Log() const {
  std::ifstream in(directory_ + "/stdout", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string ServerProcess::LogTail() const {
  const std::string log = Log();
  return log.size() <= kLogTailBytes ? log : "…" + log.substr(log.size() - kLogTailBytes);
}

void ServerProcess::Reap(bool wait) {
  if (end_.has_value() || pid_ <= 0) return;
  int state = 0;
  pid_t got = 0;
  do {
    got = ::waitpid(pid_, &state, wait ? 0 : WNOHANG);
  } while (got < 0 && errno == EINTR);
  if (got != pid_) return;
  ProcessEnd end;
  if (WIFEXITED(state)) end.exit_code = WEXITSTATUS(state);
  if (WIFSIGNALED(state)) end.signal = WTERMSIG(state);
  end_ = end;
}

bool ServerProcess::Running() {
  Reap(false);
  return pid_ > 0 && !end_.has_value();
}

bool ServerProcess::Signal(int signal_number) {
  if (!Running()) return false;
  end_expected_ = true;
  return ::kill(pid_, signal_number) == 0;
}

std::optional<ProcessEnd> ServerProcess::WaitEnd(int timeout_ms) {
  PollUntil(timeout_ms, [&] { return !Running(); });
  return end_;
}

ProcessEnd ServerProcess::Stop(int timeout_ms) {
  Signal(SIGTERM);
  if (!WaitEnd(timeout_ms).has_value()) {
    Signal(SIGKILL);
    Reap(true);
  }
  return *end_;
}

bool ServerProcess::WaitLog(std::string_view text, int timeout_ms) {
  return PollUntil(timeout_ms, [&] { return Log().find(text) != std::string::npos; });
}

std::optional<std::string> ServerProcess::Crash() {
  if (Running() || end_expected_ || !end_.has_value()) return std::nullopt;
  return options_.binary + " " + end_->Print() + "; the end of its log:\n" + LogTail();
}

}  // namespace torc::testing
