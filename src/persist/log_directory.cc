#include "persist/log_directory.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace torc {
namespace {

constexpr size_t kManifestBytesMax = size_t{16} << 20;

}  // namespace

StatusOr<std::string> ReadSmallFile(Disk* disk, const std::string& path, size_t size_bytes_max) {
  auto file = disk->Open(path, Disk::Mode::kRead);
  if (!file.ok()) return file.status();
  const auto size_bytes = (*file)->Size();
  if (!size_bytes.ok()) return size_bytes.status();
  if (*size_bytes > size_bytes_max) return Status::Corruption(path + " is far too large");
  std::string text(static_cast<size_t>(*size_bytes), '\0');
  const auto count = (*file)->ReadAt(0, text);
  if (!count.ok()) return count.status();
  text.resize(*count);
  return text;
}

Status ReplaceWholeFile(Disk* disk, const std::string& directory, const std::string& name,
                        std::string_view content) {
  const std::string temporary = directory + "/temp-" + name;
  {
    auto file = disk->Open(temporary, Disk::Mode::kReplace);
    if (!file.ok()) return file.status();
    while (!content.empty()) {
      const auto count = (*file)->Write(content);
      if (!count.ok()) return count.status();
      if (*count == 0) return Status::ResourceExhausted(temporary + ": no room");
      content.remove_prefix(*count);
    }
    TORC_RETURN_IF_ERROR((*file)->Sync());
  }
  TORC_RETURN_IF_ERROR(disk->Rename(temporary, directory + "/" + name));
  return disk->SyncDirectory(directory);
}

LogDirectory::LogDirectory(Disk* disk, Names names) : disk_(disk), names_(std::move(names)) {}

Status LogDirectory::Open() {
  TORC_RETURN_IF_ERROR(disk_->MakeDirectory(names_.directory));
  auto lock = disk_->Lock(Path("torc.lock"));
  if (!lock.ok()) {
    if (lock.status().code() != StatusCode::kAlreadyExists) return lock.status();
    return Status::AlreadyExists("The append-only log in '" + names_.directory +
                                 "' is in use by another process: " + lock.status().message());
  }
  lock_ = std::move(lock).value();
  return Status::Ok();
}

Status LogDirectory::Load() {
  manifest_ = {};
  const auto text = ReadSmallFile(disk_, ManifestPath(), kManifestBytesMax);
  if (!text.ok()) return text.status();
  auto manifest = ParseManifest(*text);
  if (!manifest.ok()) {
    return std::move(Status(StatusCode::kCorruption, manifest.status().message() +
                                                         ". Look at it with: torc-server "
                                                         "--check-log '" +
                                                         ManifestPath() + "'"))
        .WithContext(ManifestPath());
  }
  manifest_ = std::move(manifest).value();
  last_base_ = manifest_.LastBase();
  last_increment_ = manifest_.LastIncrement();
  for (const LogFileEntry& entry : manifest_.history) {
    last_base_ = std::max(last_base_, entry.sequence);
    last_increment_ = std::max(last_increment_, entry.sequence);
  }
  return Status::Ok();
}

Status LogDirectory::Adopt(LogManifest manifest) {
  TORC_RETURN_IF_ERROR(ReplaceWholeFile(disk_, names_.directory, ManifestFileName(names_.stem),
                                        FormatManifest(manifest)));
  manifest_ = std::move(manifest);
  return Status::Ok();
}

StatusOr<std::unique_ptr<File>> LogDirectory::AddIncrement(Listing listing) {
  const uint64_t sequence = last_increment_ + 1;
  const LogFileEntry entry{IncrementFileName(names_.stem, sequence), sequence};
  auto file = disk_->Open(PathOf(entry), Disk::Mode::kReplace);
  if (!file.ok()) return file.status();
  TORC_RETURN_IF_ERROR(disk_->SyncDirectory(names_.directory));
  if (listing == Listing::kUnlisted) {
    unlisted_.push_back(entry);
  } else {
    LogManifest next = manifest_;
    next.increments.push_back(entry);
    TORC_RETURN_IF_ERROR(Adopt(std::move(next)));
  }
  last_increment_ = sequence;
  return file;
}

Status LogDirectory::DropIncrement() {
  if (!unlisted_.empty()) {
    const std::string path = PathOf(unlisted_.back());
    unlisted_.pop_back();
    return disk_->Remove(path);
  }
  LogManifest next = manifest_;
  const std::string path = PathOf(next.increments.back());
  next.increments.pop_back();
  TORC_RETURN_IF_ERROR(Adopt(std::move(next)));
  return disk_->Remove(path);
}

Status LogDirectory::AdoptBase(BaseForm form, uint64_t first_kept) {
  const uint64_t sequence = last_base_ + 1;
  LogFileEntry entry{BaseFileName(names_.stem, sequence, form), sequence};
  TORC_RETURN_IF_ERROR(disk_->Rename(NextBasePath(), PathOf(entry)));
  TORC_RETURN_IF_ERROR(disk_->SyncDirectory(names_.directory));
  last_base_ = sequence;
  LogManifest next = manifest_;
  next.increments.insert(next.increments.end(), unlisted_.begin(), unlisted_.end());
  next.ReplaceBase(std::move(entry), first_kept);
  TORC_RETURN_IF_ERROR(Adopt(std::move(next)));
  unlisted_.clear();
  return Status::Ok();
}

std::vector<std::string> LogDirectory::History() const {
  std::vector<std::string> paths;
  for (const LogFileEntry& entry : manifest_.history) paths.push_back(PathOf(entry));
  return paths;
}

Status LogDirectory::ForgetHistory() {
  if (manifest_.history.empty()) return Status::Ok();
  LogManifest next = manifest_;
  next.history.clear();
  return Adopt(std::move(next));
}

}  // namespace torc
