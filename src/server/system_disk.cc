#include "server/system_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace torc {
namespace {

Status SystemError(const std::string& what, int error) {
  const std::string message = what + ": " + std::strerror(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Status::ResourceExhausted(message);
    case ENOENT:
      return Status::NotFound(message);
    case EEXIST:
      return Status::AlreadyExists(message);
    default:
      return Status::IoError(message);
  }
}

class SystemFile final : public File {
 public:
  SystemFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~SystemFile() override { ::close(fd_); }
  SystemFile(const SystemFile&) = delete;
  SystemFile& operator=(const SystemFile&) = delete;

  StatusOr<size_t> Write(std::string_view bytes) override {
    while (true) {
      const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR) return SystemError(path_ + ": write", errno);
    }
  }

  Status Sync() override {
    while (::fdatasync(fd_) != 0) {
      if (errno != EINTR) return SystemError(path_ + ": fsync", errno);
    }
    return Status::Ok();
  }

  StatusOr<size_t> ReadAt(uint64_t offset, std::span<char> into) override {
    size_t done = 0;
    while (done < into.size()) {
      const ssize_t count =
          ::pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (count == 0) break;
      if (count > 0) {
        done += static_cast<size_t>(count);
      } else if (errno != EINTR) {
        return SystemError(path_ + ": read", errno);
      }
    }
    return done;
  }

  StatusOr<uint64_t> Size() override {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return SystemError(path_ + ": stat", errno);
    return static_cast<uint64_t>(info.st_size);
  }

  Status Truncate(uint64_t size_bytes) override {
    if (::ftruncate(fd_, static_cast<off_t>(size_bytes)) == 0) return Status::Ok();
    return SystemError(path_ + ": truncate", errno);
  }

 private:
  int fd_;
  std::string path_;
};

class SystemLock final : public DirectoryLock {
 public:
  explicit SystemLock(int fd) : fd_(fd) {}
  ~SystemLock() override { ::close(fd_); }
  SystemLock(const SystemLock&) = delete;
  SystemLock& operator=(const SystemLock&) = delete;

 private:
  int fd_;
};

int Flags(Disk::Mode mode) {
  switch (mode) {
    case Disk::Mode::kRead:
      return O_RDONLY | O_CLOEXEC;
    case Disk::Mode::kAppend:
      return O_RDWR | O_APPEND | O_CLOEXEC;
    case Disk::Mode::kReplace:
      return O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC;
  }
  return O_RDONLY;
}

}  // namespace

StatusOr<std::unique_ptr<File>> SystemDisk::Open(const std::string& path, Mode mode) {
  const int fd = ::open(path.c_str(), Flags(mode), 0644);
  if (fd < 0) return SystemError(path, errno);
  return std::unique_ptr<File>(std::make_unique<SystemFile>(fd, path));
}

Status SystemDisk::Rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return Status::Ok();
  return SystemError("renaming " + from + " to " + to, errno);
}

Status SystemDisk::Remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return Status::Ok();
  return SystemError("removing " + path, errno);
}

Status SystemDisk::SyncDirectory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError(path, errno);
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return error == 0 ? Status::Ok() : SystemError(path + ": fsync", error);
}

Status SystemDisk::MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0) return Status::Ok();
  const int error = errno;
  struct stat info {};
  if (error == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return Status::Ok();
  }
  return SystemError("creating " + path, error);
}

StatusOr<std::vector<std::string>> SystemDisk::List(const std::string& path) {
  DIR* const directory = ::opendir(path.c_str());
  if (directory == nullptr) return SystemError(path, errno);
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(directory)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  ::closedir(directory);
  return names;
}

StatusOr<std::unique_ptr<DirectoryLock>> SystemDisk::Lock(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return SystemError(path, errno);
  auto lock = std::make_unique<SystemLock>(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return std::unique_ptr<DirectoryLock>(std::move(lock));
  if (errno == EWOULDBLOCK) return Status::AlreadyExists(path + " is locked by another process");
  return SystemError(path + ": flock", errno);
}

}  // namespace torc
