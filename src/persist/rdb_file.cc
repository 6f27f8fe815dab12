#include "persist/rdb_file.h"

#include <span>

#include "base/crc.h"
#include "persist/rdb_frame.h"

namespace torc {
namespace {

// Synced so often that the last sync has little left, and readers of the disk are not held up.
constexpr uint64_t kSyncBytes = 4 << 20;

}  // namespace

RdbFileWriter::~RdbFileWriter() {
  if (file_ == nullptr || finished_) return;
  file_.reset();
  // Whether it can be removed or not, it is not what it was to be.
  (void)disk_->Remove(Path(options_.temp_name)).ok();
}

Status RdbFileWriter::Open() {
  auto file = disk_->Open(Path(options_.temp_name), Disk::Mode::kReplace);
  if (!file.ok()) return file.status();
  file_ = std::move(file).value();
  return Status::Ok();
}

Status RdbFileWriter::Write(std::string_view bytes) {
  size_bytes_ += bytes.size();
  while (!bytes.empty()) {
    auto count = file_->Write(bytes);
    if (!count.ok()) return count.status();
    if (*count == 0) return Status::ResourceExhausted("the disk is full");
    bytes.remove_prefix(*count);
  }
  if (size_bytes_ - synced_bytes_ < kSyncBytes) return Status::Ok();
  synced_bytes_ = size_bytes_;
  return file_->Sync();
}

Status RdbFileWriter::Append(std::string_view bytes) {
  if (status_.ok() && file_ == nullptr) status_ = Open();
  if (!status_.ok()) return status_;
  if (options_.checksum) checksum_ = Crc64(checksum_, bytes);
  status_ = Write(bytes);
  return status_;
}

Status RdbFileWriter::Finish() {
  TORC_RETURN_IF_ERROR(Append({}));
  Buffer footer;
  WriteRdbFooter(options_.checksum ? &checksum_ : nullptr, &footer);
  TORC_RETURN_IF_ERROR(Write(footer.view()));
  TORC_RETURN_IF_ERROR(file_->Sync());
  if (!options_.name.empty()) {
    TORC_RETURN_IF_ERROR(disk_->Rename(Path(options_.temp_name), Path(options_.name)));
  }
  finished_ = true;
  return disk_->SyncDirectory(options_.directory);
}

StatusOr<size_t> RdbFileSource::Read(char* to, size_t bytes_max) {
  auto count = file_->ReadAt(offset_, std::span<char>(to, bytes_max));
  if (count.ok()) offset_ += *count;
  return count;
}

}  // namespace torc
