#include "persist/log_writer.h"

#include <utility>

#include "base/check.h"
#include "base/crc.h"
#include "base/text.h"
#include "persist/log_note.h"

namespace torc {
namespace {

// A batch in the file is about this long at most: a reader looks at one batch at a time.
constexpr size_t kBatchBytesMax = size_t{256} << 10;
constexpr size_t kKeptBytesMax = size_t{4} << 20;

Status WriteAll(File* file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = file->Write(bytes);
    if (!count.ok()) return count.status();
    if (*count == 0) return Status::ResourceExhausted("the disk takes nothing more");
    bytes.remove_prefix(*count);
  }
  return Status::Ok();
}

}  // namespace

Status LogWriter::Open(std::unique_ptr<File> file, const LogFileState& state) {
  uint32_t crc = state.crc;
  std::string head;
  AppendHead(&head, state.id, state.position, &crc);
  TORC_RETURN_IF_ERROR(WriteAll(file.get(), head));
  TORC_RETURN_IF_ERROR(file->Sync());
  const uint64_t durable_bytes = state.size_bytes + head.size();
  std::string mark;
  AppendDurableMark(&mark, state.id, durable_bytes, &crc);
  TORC_RETURN_IF_ERROR(WriteAll(file.get(), mark));
  file_ = std::move(file);
  id_ = state.id;
  crc_ = crc;
  position_ = flushed_position_ = durable_position_ = marked_position_ = state.position;
  written_bytes_ = durable_bytes + mark.size();
  durable_bytes_ = durable_bytes;
  selected_db_.reset();
  unix_s_ = 0;
  return Status::Ok();
}

Status LogWriter::Rotate(std::unique_ptr<File> next, uint64_t id) {
  TORC_RETURN_IF_ERROR(Flush());
  if (dirty()) TORC_RETURN_IF_ERROR(Sync());
  return Open(std::move(next), {.size_bytes = 0, .crc = 0, .position = position_, .id = id});
}

void LogWriter::SelectFor(const LogBatch& batch) {
  if (selected_db_ != batch.first_db) {
    const std::string number(DecimalText(int64_t{batch.first_db.value()}).view());
    const size_t before = out_.size();
    out_ += Format("*2\r\n$6\r\nSELECT\r\n$%zu\r\n%s\r\n", number.size(), number.c_str());
    position_ += out_.size() - before;
  }
  selected_db_ = batch.last_db;
}

void LogWriter::Add(const LogBatch& batch) {
  if (batch.empty()) return;
  const int64_t unix_s = batch.unix_ms / 1000;
  if (options_->timestamps && unix_s > unix_s_) {
    EndBatch();
    crc_ = Crc32c(crc_, std::string_view(out_).substr(noted_));
    AppendTime(&out_, unix_s, &crc_);
    noted_ = out_.size();
    unix_s_ = unix_s;
  }
  SelectFor(batch);
  out_.append(batch.bytes.view());
  position_ += batch.bytes.size();
  if (out_.size() - noted_ >= kBatchBytesMax) EndBatch();
}

void LogWriter::EndBatch() {
  if (noted_ == out_.size()) return;
  crc_ = Crc32c(crc_, std::string_view(out_).substr(noted_));
  AppendBatchEnd(&out_, position_, &crc_);
  noted_ = out_.size();
}

Status LogWriter::Flush() {
  if (failed_) return Status::IoError("the log was given up after a failed fsync");
  EndBatch();
  while (out_begin_ < out_.size()) {
    const auto count = file_->Write(std::string_view(out_).substr(out_begin_));
    if (!count.ok()) return count.status();
    if (*count == 0) return Status::ResourceExhausted("the disk takes nothing more");
    out_begin_ += *count;
    written_bytes_ += *count;
  }
  flushed_position_ = position_;
  out_begin_ = noted_ = 0;
  out_.clear();
  if (out_.capacity() > kKeptBytesMax) out_.shrink_to_fit();
  return Status::Ok();
}

Status LogWriter::Sync() {
  if (failed_) return Status::IoError("the log was given up after a failed fsync");
  const Status synced = file_->Sync();
  if (!synced.ok()) {
    failed_ = true;
    return synced;
  }
  durable_bytes_ = written_bytes_;
  durable_position_ = flushed_position_;
  return Status::Ok();
}

void LogWriter::MarkDurable() {
  if (marked_position_ == durable_position_ || failed_) return;
  TORC_CHECK(unwritten_bytes() == 0, "a mark goes behind what was flushed");
  AppendDurableMark(&out_, id_, durable_bytes_, &crc_);
  noted_ = out_.size();
  marked_position_ = durable_position_;
}

}  // namespace torc
