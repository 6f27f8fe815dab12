#include "persist/log_file_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace torc {
namespace {

constexpr size_t kWindowBytes = size_t{1} << 20;

}  // namespace

LogFileReader::LogFileReader(File* file, std::string path, std::optional<uint64_t> position)
    : file_(file), path_(std::move(path)), reader_(position) {}

// Makes the window at least this long, unless the file ends before.
Status LogFileReader::Fill(size_t bytes_wanted) {
  const uint64_t left = size_bytes_ - reader_.offset();
  bytes_wanted = static_cast<size_t>(std::min<uint64_t>(left, bytes_wanted));
  if (end_ - begin_ >= bytes_wanted) return Status::Ok();
  if (begin_ > 0) {
    std::memmove(window_.data(), window_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (window_.size() < bytes_wanted) window_.resize(bytes_wanted);
  const auto room = static_cast<size_t>(std::min<uint64_t>(window_.size(), left));
  const auto count = file_->ReadAt(reader_.offset() + end_, {window_.data() + end_, room - end_});
  if (!count.ok()) return count.status();
  end_ += *count;
  // Somebody made the file shorter.
  if (end_ < bytes_wanted) size_bytes_ = reader_.offset() + end_;
  return Status::Ok();
}

StatusOr<LogReader::Step> LogFileReader::Next(size_t commands_wanted, RequestBatch* batch) {
  if (!opened_) {
    const auto size_bytes = file_->Size();
    if (!size_bytes.ok()) return size_bytes.status();
    size_bytes_ = *size_bytes;
    opened_ = true;
  }
  for (size_t wanted = kWindowBytes;; wanted *= 2) {
    if (end_ - begin_ < std::min<uint64_t>(wanted / 4, size_bytes_ - reader_.offset()) ||
        wanted > kWindowBytes) {
      TORC_RETURN_IF_ERROR(Fill(wanted));
    }
    const std::string_view window(window_.data() + begin_, end_ - begin_);
    const bool at_end = reader_.offset() + window.size() >= size_bytes_;
    const LogReader::Step step = reader_.Next(window, at_end, commands_wanted, batch);
    if (step == LogReader::Step::kNeedMore) continue;
    if (step == LogReader::Step::kBatch) begin_ += reader_.taken();
    return step;
  }
}

// Whether the file is what power left of the very first line: then there never was a command in it.
bool LogFileReader::IsUnfinishedHead() const {
  const std::string_view bytes(window_.data() + begin_, end_ - begin_);
  return reader_.damage().offset == 0 && size_bytes_ <= kLogNoteBytesMax &&
         bytes.find('*') == std::string_view::npos;
}

StatusOr<uint64_t> LogFileReader::PromisedBytes() {
  uint64_t promised_bytes = 0;
  std::vector<char> bytes(kWindowBytes);
  for (uint64_t at = reader_.damage().offset; at < size_bytes_;) {
    const auto count = file_->ReadAt(at, bytes);
    if (!count.ok()) return count.status();
    promised_bytes =
        std::max(promised_bytes, DurableExtent({bytes.data(), *count}, at, reader_.id()));
    if (*count < bytes.size()) break;
    at += *count - kLogNoteBytesMax;  // a mark may lie across
  }
  return promised_bytes;
}

Status LogFileReader::MayCut(Place place, bool load_truncated) {
  const LogReader::Damage& damage = reader_.damage();
  const auto refusal = [&](const char* why) {
    return Status::Corruption(Format(
        "%s in AOF file %s: %s Everything before offset %llu is good. Make a backup of your AOF "
        "files, then look at it with: torc-server --check-log '%s' and cut it with: torc-server "
        "--repair-log '%s'",
        damage.what.c_str(), path_.c_str(), why, static_cast<unsigned long long>(damage.offset),
        path_.c_str(), path_.c_str()));
  };
  if (place == Place::kEarlier) return refusal("Other files follow it, so this is no torn end.");
  if (!reader_.id() && !damage.is_short && !IsUnfinishedHead()) {
    return refusal("It was not written by this server, and does not just end too early.");
  }
  const auto promised_bytes = PromisedBytes();
  if (!promised_bytes.ok()) return promised_bytes.status();
  if (*promised_bytes > damage.offset) {
    return refusal(
        Format(
            "The first %llu bytes of it had been synced to disk, so this is no torn end but lost "
            "data.",
            static_cast<unsigned long long>(*promised_bytes))
            .c_str());
  }
  if (!load_truncated) return refusal("It is a torn end, but aof-load-truncated is no.");
  return Status::Ok();
}

}  // namespace torc
