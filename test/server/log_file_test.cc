#include "server/log_file.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace torc {
namespace {

class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "torc-log-XXXXXX").string();
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string TextOf(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Lets files of this process grow to so many bytes and no further, as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t size_bytes) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = size_bytes;
    old_handler_ = ::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = nullptr;
};

TEST_CASE("lines that found no room are counted, and the log says so once there is some") {
  const Folder folder;
  LogFile log;
  REQUIRE(log.Open(folder / "log").ok());
  log.Write(LogLevel::kNotice, "first");
  {
    const FileSizeLimit full(TextOf(folder / "log").size());
    log.Write(LogLevel::kNotice, "second");
    log.Write(LogLevel::kNotice, "third");
  }
  CHECK(log.lost_lines() == 2);
  log.Write(LogLevel::kNotice, "fourth");
  log.Write(LogLevel::kNotice, "fifth");
  const std::string text = TextOf(folder / "log");
  CHECK(text.find("second") == std::string::npos);
  CHECK(text.find("# 2 lines before this one could not be written: File too large\n") !=
        std::string::npos);
  CHECK(text.find("* fifth\n") == text.size() - 8);
}

TEST_CASE("a renamed file is let go and its name begins anew") {
  const Folder folder;
  LogFile log;
  REQUIRE(log.Open(folder / "log").ok());
  log.Write(LogLevel::kNotice, "before");
  std::filesystem::rename(folder / "log", folder / "log.1");
  log.CheckRotation();
  log.Write(LogLevel::kNotice, "after");
  CHECK(TextOf(folder / "log.1").find("* before\n") != std::string::npos);
  CHECK(TextOf(folder / "log").find("* after\n") != std::string::npos);
}

TEST_CASE("a file that cannot be opened is named, and the old one stays in use") {
  const Folder folder;
  LogFile log;
  REQUIRE(log.Open(folder / "log").ok());
  CHECK(log.Open("/nonexistent/log").message().find("/nonexistent/log") != std::string::npos);
  log.Write(LogLevel::kWarning, "still here");
  CHECK(TextOf(folder / "log").find("# still here\n") != std::string::npos);
}

}  // namespace
}  // namespace torc
