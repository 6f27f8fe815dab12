#pragma once

// SimDisk: a disk in memory that can be full, fail at any call, and lose power. Then of everything
// not synced, any sectors may be there or zero, the size may be anything in between, and of a
// directory's changes any first part was kept.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "torc/env.h"

namespace torc {

class SimDisk final : public Disk {
 public:
  SimDisk();

  StatusOr<std::unique_ptr<File>> Open(const std::string& path, Mode mode) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status MakeDirectory(const std::string& path) override;
  StatusOr<std::vector<std::string>> List(const std::string& path) override;
  StatusOr<std::unique_ptr<DirectoryLock>> Lock(const std::string& path) override;

  // --- What goes wrong ---
  // Bytes that may still be written.
  uint64_t room_bytes = std::numeric_limits<uint64_t>::max();
  // The call with this number (0: the next) fails with `failure`, once.
  void FailCall(uint64_t number, Status failure) {
    fail_at_ = calls_ + number;
    failure_ = std::move(failure);
  }
  bool failure_is_due() const { return fail_at_ >= calls_; }
  uint64_t calls() const { return calls_; }
  // Power is lost and comes back; files that are open must not be used any more.
  void LosePower(Rng& rng);

  // --- For the tests' eyes ---
  bool Has(const std::string& path) const { return names_.contains(path); }
  std::string Content(const std::string& path) const;
  void SetContent(const std::string& path, std::string content);
  std::vector<std::string> Paths() const;
  uint64_t syncs = 0;

 private:
  friend class SimFile;
  struct Inode {
    std::string bytes;
    std::string durable;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  // Counts a call; an error if it is the one that fails.
  Status Call();
  void Change(const std::string& path, std::function<void(Names&)> change);

  Names names_;
  Names durable_names_;
  std::map<std::string, std::vector<std::function<void(Names&)>>> unsynced_;  // by directory
  std::set<std::string> locked_;
  std::vector<std::weak_ptr<Inode>> inodes_;
  uint64_t calls_ = 0;
  uint64_t fail_at_ = std::numeric_limits<uint64_t>::max();
  Status failure_;
};

}  // namespace torc
