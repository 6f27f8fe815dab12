#include "server/config_disk.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

namespace torc {
namespace {

Status SystemError(const char* action) {
  const int error = errno;
  return Status::IoError(std::string(action) + std::strerror(error));
}

// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  // Closes now; false when the system reports a late write error.
  bool Close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

StatusOr<std::string> ReadAll(int fd) {
  std::string text;
  char buffer[16384];
  while (true) {
    const ssize_t count = ::read(fd, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("");
    if (count == 0) return text;
    text.append(buffer, static_cast<size_t>(count));
    if (text.size() > kConfigFileBytesMax) {
      return Status::ResourceExhausted("larger than " + std::to_string(kConfigFileBytesMax) +
                                       " bytes");
    }
  }
}

Status WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("write: ");
    content.remove_prefix(static_cast<size_t>(count));
  }
  return Status::Ok();
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The file that a link leads to, so that the link itself survives a rename.
std::string Resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? std::string(real.get()) : path;
}

Status WriteNew(const std::string& temporary, mode_t mode, std::string_view content) {
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return SystemError("open: ");
  TORC_RETURN_IF_ERROR(WriteAll(file.get(), content));
  if (::fchmod(file.get(), mode) != 0) return SystemError("chmod: ");
  if (::fsync(file.get()) != 0) return SystemError("fsync: ");
  if (!file.Close()) return SystemError("close: ");
  return Status::Ok();
}

}  // namespace

StatusOr<std::string> DiskConfigFiles::Read(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return SystemError("");
  return ReadAll(file.get());
}

StatusOr<std::string> DiskConfigFiles::ReadStandardInput() {
  return ReadAll(STDIN_FILENO);
}

std::vector<std::string> DiskConfigFiles::Match(const std::string& pattern) {
  std::vector<std::string> paths;
  glob_t found = {};
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

Status ReplaceFile(const std::string& path, std::string_view content) {
  const std::string target = Resolved(path);
  const std::string temporary = target + ".tmp-" + std::to_string(::getpid());
  struct stat old = {};
  const mode_t mode = ::stat(target.c_str(), &old) == 0 ? old.st_mode & 07777 : 0644;
  ::unlink(temporary.c_str());
  Status written = WriteNew(temporary, mode, content);
  if (written.ok() && ::rename(temporary.c_str(), target.c_str()) != 0) {
    written = SystemError("rename: ");
  }
  if (!written.ok()) {
    ::unlink(temporary.c_str());
    return written;
  }
  const Descriptor folder(::open(FolderOf(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return SystemError("fsync of the folder: ");
  return Status::Ok();
}

}  // namespace torc
