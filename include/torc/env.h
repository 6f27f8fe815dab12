#pragma once

// What varies from outside: time, chance and the disk. The server implements them with the real
// thing, tests and the simulator with a controlled one.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "torc/status.h"

namespace torc {

// All functions: any thread, no failure.
class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since the Unix epoch: what TTLs are measured in. May jump.
  virtual int64_t WallMs() = 0;
  // Microseconds since the Unix epoch, for TIME and log stamps. May jump.
  virtual int64_t WallUs() = 0;
  // Monotone nanoseconds with an arbitrary origin: what a command took. Must be cheap (some 10 ns).
  virtual int64_t MonoNs() = 0;
};

// A seed for generators and hashes that clients must not be able to guess.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual uint64_t Seed() = 0;
};

// An open file; the destructor closes it. One thread at a time. All calls block. Of the errors,
// kResourceExhausted means that the disk is full (it may have room later), anything else that it
// failed.
class File {
 public:
  virtual ~File() = default;
  // Appends; answers how many of the bytes were taken, which may be fewer when the disk is full.
  virtual StatusOr<size_t> Write(std::string_view bytes) = 0;
  // What was written, and the size, survive a loss of power. After an error nobody knows what did:
  // the kernel may have dropped the pages and the next call would say that all is well.
  virtual Status Sync() = 0;
  // How many bytes were read, 0 at the end; fewer than asked for only there.
  virtual StatusOr<size_t> ReadAt(uint64_t offset, std::span<char> into) = 0;
  virtual StatusOr<uint64_t> Size() = 0;
  virtual Status Truncate(uint64_t size_bytes) = 0;
};

// Held until it is destroyed, or the process ends.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

// The file system. Any thread. A name that was created, renamed or removed survives a loss of power
// only once its directory was synced.
class Disk {
 public:
  enum class Mode : uint8_t {
    kRead,
    kAppend,   // read and append; must exist
    kReplace,  // new and empty, whatever was there
  };
  virtual ~Disk() = default;
  // kNotFound if it is not there.
  virtual StatusOr<std::unique_ptr<File>> Open(const std::string& path, Mode mode) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  // Ok if it is there already.
  virtual Status MakeDirectory(const std::string& path) = 0;
  // The names of its files, in no order.
  virtual StatusOr<std::vector<std::string>> List(const std::string& path) = 0;
  // kAlreadyExists while another process holds it. `path` is a file, made if need be.
  virtual StatusOr<std::unique_ptr<DirectoryLock>> Lock(const std::string& path) = 0;
};

}  // namespace torc
