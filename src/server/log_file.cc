#include "server/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace torc {
namespace {

char MarkOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return '.';
    case LogLevel::kVerbose:
      return '-';
    case LogLevel::kNotice:
      return '*';
    case LogLevel::kWarning:
    case LogLevel::kNothing:
      return '#';
  }
  return '*';
}

std::string TimeText() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm local{};
  localtime_r(&now.tv_sec, &local);
  char text[32];
  const size_t length = strftime(text, sizeof(text), "%d %b %Y %H:%M:%S", &local);
  return std::string(text, length) + Format(".%03ld", now.tv_nsec / 1000000);
}

}  // namespace

LogFile::~LogFile() {
  if (descriptor_ > STDERR_FILENO) close(descriptor_);
}

Status LogFile::Open(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return OpenHeld(path);
}

Status LogFile::OpenHeld(const std::string& path) {
  int descriptor = STDOUT_FILENO;
  if (!path.empty()) {
    descriptor = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) {
      return Status::IoError(
          Format("Can't open the log file '%s': %s", path.c_str(), std::strerror(errno)));
    }
  }
  if (descriptor_ > STDERR_FILENO) close(descriptor_);
  descriptor_ = descriptor;
  path_ = path;
  return Status::Ok();
}

bool LogFile::WriteLine(LogLevel level, std::string_view text) {
  const std::string line =
      Format("%d:M %s %c %.*s\n", static_cast<int>(getpid()), TimeText().c_str(), MarkOf(level),
             static_cast<int>(text.size()), text.data());
  return write(descriptor_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

void LogFile::Write(LogLevel level, std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (!WriteLine(level, text)) {
    lost_reason_ = errno;
    ++lost_lines_;
  } else if (lost_lines_ > told_lines_) {
    const std::string gap = Format("%llu lines before this one could not be written: %s",
                                   static_cast<unsigned long long>(lost_lines_ - told_lines_),
                                   std::strerror(lost_reason_));
    if (WriteLine(LogLevel::kWarning, gap)) told_lines_ = lost_lines_;
  }
}

void LogFile::CheckRotation() {
  const std::lock_guard lock(mutex_);
  if (path_.empty()) return;
  struct stat open_file {};
  struct stat named_file {};
  const bool same = fstat(descriptor_, &open_file) == 0 && stat(path_.c_str(), &named_file) == 0 &&
                    open_file.st_ino == named_file.st_ino && open_file.st_dev == named_file.st_dev;
  // On failure the old file goes on being written: better there than nowhere.
  if (!same) {
    const Status status = OpenHeld(path_);
    if (!status.ok()) ++lost_lines_;
  }
}

}  // namespace torc
