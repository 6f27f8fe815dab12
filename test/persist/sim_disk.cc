#include "persist/sim_disk.h"

#include <algorithm>
#include <utility>

namespace torc {
namespace {

constexpr size_t kSectorBytes = 512;

std::string FolderOf(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

class SimLock final : public DirectoryLock {
 public:
  SimLock(std::set<std::string>* locked, std::string path)
      : locked_(locked), path_(std::move(path)) {}
  ~SimLock() override { locked_->erase(path_); }
  SimLock(const SimLock&) = delete;
  SimLock& operator=(const SimLock&) = delete;

 private:
  std::set<std::string>* locked_;
  std::string path_;
};

}  // namespace

class SimFile final : public File {
 public:
  SimFile(SimDisk* disk, std::shared_ptr<SimDisk::Inode> inode)
      : disk_(disk), inode_(std::move(inode)) {}

  StatusOr<size_t> Write(std::string_view bytes) override {
    TORC_RETURN_IF_ERROR(disk_->Call());
    const auto count = static_cast<size_t>(std::min<uint64_t>(bytes.size(), disk_->room_bytes));
    if (count == 0 && !bytes.empty()) return Status::ResourceExhausted("No space left on device");
    disk_->room_bytes -= count;
    inode_->bytes.append(bytes.substr(0, count));
    return count;
  }
  Status Sync() override {
    ++disk_->syncs;
    TORC_RETURN_IF_ERROR(disk_->Call());
    inode_->durable = inode_->bytes;
    return Status::Ok();
  }
  StatusOr<size_t> ReadAt(uint64_t offset, std::span<char> into) override {
    const std::string& bytes = inode_->bytes;
    if (offset >= bytes.size()) return size_t{0};
    return bytes.copy(into.data(), into.size(), static_cast<size_t>(offset));
  }
  StatusOr<uint64_t> Size() override { return uint64_t{inode_->bytes.size()}; }
  Status Truncate(uint64_t size_bytes) override {
    TORC_RETURN_IF_ERROR(disk_->Call());
    inode_->bytes.resize(static_cast<size_t>(size_bytes));
    return Status::Ok();
  }

 private:
  SimDisk* disk_;
  std::shared_ptr<SimDisk::Inode> inode_;
};

SimDisk::SimDisk() = default;

Status SimDisk::Call() {
  return calls_++ == fail_at_ ? failure_ : Status::Ok();
}

void SimDisk::Change(const std::string& path, std::function<void(Names&)> change) {
  change(names_);
  unsynced_[FolderOf(path)].push_back(std::move(change));
}

StatusOr<std::unique_ptr<File>> SimDisk::Open(const std::string& path, Mode mode) {
  TORC_RETURN_IF_ERROR(Call());
  if (mode == Mode::kReplace) {
    auto inode = std::make_shared<Inode>();
    inodes_.push_back(inode);
    Change(path, [path, inode](Names& names) { names[path] = inode; });
  }
  const auto at = names_.find(path);
  if (at == names_.end()) return Status::NotFound(path + ": No such file or directory");
  return std::unique_ptr<File>(std::make_unique<SimFile>(this, at->second));
}

Status SimDisk::Rename(const std::string& from, const std::string& to) {
  TORC_RETURN_IF_ERROR(Call());
  if (!names_.contains(from)) return Status::NotFound(from);
  Change(to, [from, to](Names& names) {
    if (const auto at = names.find(from); at != names.end()) {
      names[to] = at->second;
      names.erase(from);
    }
  });
  return Status::Ok();
}

Status SimDisk::Remove(const std::string& path) {
  TORC_RETURN_IF_ERROR(Call());
  if (!names_.contains(path)) return Status::NotFound(path);
  Change(path, [path](Names& names) { names.erase(path); });
  return Status::Ok();
}

Status SimDisk::SyncDirectory(const std::string& path) {
  TORC_RETURN_IF_ERROR(Call());
  for (const auto& change : std::exchange(unsynced_[path], {})) change(durable_names_);
  return Status::Ok();
}

Status SimDisk::MakeDirectory(const std::string& /*path*/) {
  return Call();
}

StatusOr<std::vector<std::string>> SimDisk::List(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& [name, inode] : names_) {
    if (FolderOf(name) == path) names.push_back(name.substr(path.size() + 1));
  }
  return names;
}

StatusOr<std::unique_ptr<DirectoryLock>> SimDisk::Lock(const std::string& path) {
  if (!locked_.insert(path).second) return Status::AlreadyExists(path);
  return std::unique_ptr<DirectoryLock>(std::make_unique<SimLock>(&locked_, path));
}

void SimDisk::LosePower(Rng& rng) {
  fail_at_ = std::numeric_limits<uint64_t>::max();
  for (auto& [folder, changes] : unsynced_) {
    const uint64_t kept = rng.Below(changes.size() + 1);
    for (size_t i = 0; i < kept; ++i) changes[i](durable_names_);
  }
  unsynced_.clear();
  names_ = durable_names_;
  for (const auto& weak : inodes_) {
    const auto inode = weak.lock();
    if (inode == nullptr || inode->bytes == inode->durable) continue;
    const size_t synced = inode->durable.size();
    if (inode->bytes.size() < synced) {  // an unsynced truncation
      if (rng.Below(2) == 0) inode->bytes = inode->durable;
    } else {
      std::string& bytes = inode->bytes;
      bytes.resize(synced + rng.Below(bytes.size() - synced + 1));
      for (size_t at = synced; at < bytes.size();) {
        const size_t end = std::min((at / kSectorBytes + 1) * kSectorBytes, bytes.size());
        if (rng.Below(4) == 0)
          std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    bytes.begin() + static_cast<std::ptrdiff_t>(end), '\0');
        at = end;
      }
    }
    inode->durable = inode->bytes;
  }
}

std::string SimDisk::Content(const std::string& path) const {
  const auto at = names_.find(path);
  return at == names_.end() ? std::string() : at->second->bytes;
}

void SimDisk::SetContent(const std::string& path, std::string content) {
  auto inode = std::make_shared<Inode>();
  inode->bytes = inode->durable = std::move(content);
  inodes_.push_back(inode);
  names_[path] = durable_names_[path] = inode;
}

std::vector<std::string> SimDisk::Paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, inode] : names_) paths.push_back(path);
  return paths;
}

}  // namespace torc
