// What a server owes to whoever starts it: daemonize, pid files, systemd, and configuration files
// as distributions ship them.

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/text.h"
#include "redis-tests/clients/server.h"
#include "support/free_port.h"

namespace torc::testing {
namespace {

std::string FileText(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A directory that goes with the test.
class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "torc-folder-XXXXXX").string();
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const char* name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The process that a pid file names; it does not outlive the test.
class Daemon {
 public:
  explicit Daemon(const std::string& pid_file) {
    CHECK(PollUntil(10'000, [&] { return FileText(pid_file).ends_with('\n'); }));
    pid_ = static_cast<pid_t>(ParseInt64(TrimBlanks(FileText(pid_file))).value_or(0));
    REQUIRE(pid_ > 1);
  }
  ~Daemon() { ::kill(pid_, SIGKILL); }
  pid_t pid() const { return pid_; }
  bool Ends() const {
    return PollUntil(10'000, [&] { return ::kill(pid_, 0) != 0; });
  }

 private:
  pid_t pid_ = 0;
};

TEST_CASE("a daemon leaves its starter, keeps serving, and takes its pid file away with it") {
  const Folder folder;
  const uint16_t port = FreePort();
  ServerOptions options;
  options.args = {
      "--port", std::to_string(port), "--daemonize", "yes",        "--save",    "",
      "--dir",  folder.path(),        "--pidfile",   "daemon.pid", "--logfile", "daemon.log"};
  const auto [end, log] = RunToEnd(options);
  CHECK(end.Exited(0));
  const Daemon daemon(folder / "daemon.pid");
  REQUIRE(PollUntil(10'000, [&] { return Connection::Tcp("127.0.0.1", port).ok(); }));
  auto client = Connection::Tcp("127.0.0.1", port);
  REQUIRE(client.ok());
  CHECK(client->Do("SET k v").Is("OK"));
  const std::string info = client->Do("INFO").text;
  CHECK(InfoValue(info, "process_id") == std::to_string(daemon.pid()));
  CHECK(InfoValue(info, "process_supervised") == "no");
  CHECK(::getsid(daemon.pid()) == daemon.pid());
  CHECK(std::filesystem::read_symlink("/proc/" + std::to_string(daemon.pid()) + "/fd/1") ==
        "/dev/null");
  REQUIRE(::kill(daemon.pid(), SIGTERM) == 0);
  CHECK(daemon.Ends());
  CHECK_FALSE(std::filesystem::exists(folder / "daemon.pid"));
  CHECK(FileText(folder / "daemon.log").find("bye bye") != std::string::npos);
}

TEST_CASE("a daemon that cannot listen says so in its log and leaves no pid file") {
  Server taken;
  const Folder folder;
  ServerOptions options;
  options.args = {"--port",      std::to_string(taken.port()),
                  "--daemonize", "yes",
                  "--save",      "",
                  "--dir",       folder.path(),
                  "--bind",      "127.0.0.1",
                  "--pidfile",   "daemon.pid",
                  "--logfile",   "daemon.log"};
  CHECK(RunToEnd(options).first.Exited(0));
  CHECK(PollUntil(10'000, [&] {
    return FileText(folder / "daemon.log").find("Failed listening on port") != std::string::npos;
  }));
  CHECK_FALSE(std::filesystem::exists(folder / "daemon.pid"));
}

TEST_CASE("a pid file that cannot be written stops nothing") {
  Server server({"--pidfile", "/nonexistent/server.pid"});
  CHECK(server.Client().Do("PING").Is("PONG"));
}

// systemd's end of sd_notify.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path) {
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof(address.sun_path));
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  }
  ~NotifySocket() { ::close(fd_); }

  // Everything that was said so far contains `text`, soon.
  bool Hears(std::string_view text) {
    return PollUntil(10'000, [&] {
      char datagram[4096];
      for (;;) {
        const ssize_t size = ::recv(fd_, datagram, sizeof(datagram), MSG_DONTWAIT);
        if (size <= 0) return heard_.find(text) != std::string::npos;
        heard_.append(datagram, static_cast<size_t>(size)).append("\n");
      }
    });
  }

 private:
  int fd_ = -1;
  std::string heard_;
};

TEST_CASE("systemd hears when the server is ready and when it stops") {
  for (const char* mode : {"systemd", "auto"}) {
    CAPTURE(mode);
    const Folder folder;
    NotifySocket systemd(folder / "notify");
    REQUIRE(::setenv("NOTIFY_SOCKET", (folder / "notify").c_str(), 1) == 0);
    Server server({"--supervised", mode, "--daemonize", "yes"});
    ::unsetenv("NOTIFY_SOCKET");
    CHECK(systemd.Hears("READY=1"));
    CHECK(InfoValue(server.Client().Do("INFO server").text, "process_supervised") == "systemd");
    CHECK(server.process().Stop().Exited(0));
    CHECK(systemd.Hears("STOPPING=1"));
  }
}

TEST_CASE("a supervisor that is not there is missed, not waited for") {
  Server server({"--supervised", "systemd"});
  CHECK(server.Client().Do("PING").Is("PONG"));
  CHECK(server.process().WaitLog("NOTIFY_SOCKET", 5000));
}

TEST_CASE("hz beyond its bounds counts as the bound") {
  Server server({"--hz", "9999"});
  Connection client = server.Client();
  CHECK(client.Do("CONFIG GET hz").items.at(1).Is("500"));
  CHECK(client.Do("CONFIG SET hz 0").Is("OK"));
  CHECK(client.Do("CONFIG GET hz").items.at(1).Is("1"));
  CHECK(client.Do("CONFIG SET hz -1").IsError());
}

TEST_CASE("the default user's line of a configuration file gives the password") {
  ServerOptions options;
  options.config = "user default on >secret ~* &* +@all\n";
  options.default_args = false;
  options.port = FreePort();
  options.args = {"--port", std::to_string(options.port), "--save", ""};
  Server server(options);
  Connection client = server.Client();
  CHECK(client.Do("PING").Print() == "-NOAUTH Authentication required.");
  CHECK(client.Do("AUTH secret").Is("OK"));
  CHECK(client.Do("AUTH default secret").Is("OK"));
  CHECK(client.Do("PING").Is("PONG"));
}

TEST_CASE("a distribution's redis.conf starts as it is, but for port and places") {
  constexpr const char* kStock = "/etc/redis/redis.conf";
  if (::access(kStock, R_OK) != 0) {
    MESSAGE("there is no readable " << kStock << " here");
    return;
  }
  const Folder folder;
  const uint16_t port = FreePort();
  const std::string number = std::to_string(port);
  ServerOptions options;
  options.args = {kStock,      "--port",    number,   "--dir", folder.path(), "--logfile", "log",
                  "--pidfile", "stock.pid", "--save", ""};
  // The stock file makes a daemon of it.
  CHECK(RunToEnd(options).first.Exited(0));
  const Daemon daemon(folder / "stock.pid");
  REQUIRE(PollUntil(10'000, [&] { return Connection::Tcp("127.0.0.1", port).ok(); }));
  auto client = Connection::Tcp("127.0.0.1", port);
  REQUIRE(client.ok());
  CHECK(client->Do("SET k v").Is("OK"));
  CHECK(InfoValue(client->Do("INFO server").text, "config_file") == kStock);
  REQUIRE(::kill(daemon.pid(), SIGTERM) == 0);
  CHECK(daemon.Ends());
}

}  // namespace
}  // namespace torc::testing
