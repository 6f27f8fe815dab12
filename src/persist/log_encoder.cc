#include "persist/log_encoder.h"

#include <cstring>

#include "base/check.h"
#include "base/text.h"
#include "resp/decimal.h"

namespace torc {
namespace {

constexpr size_t kKeptBytesMax = size_t{128} << 10;
constexpr std::string_view kMulti = "*1\r\n$5\r\nMULTI\r\n";
constexpr std::string_view kExec = "*1\r\n$4\r\nEXEC\r\n";

char* WriteHeader(char* to, char sign, uint64_t count) {
  *to++ = sign;
  return WriteLineEnd(WriteDecimal(to, count));
}

}  // namespace

void LogBatch::Clear() {
  if (bytes.capacity() > kKeptBytesMax) {
    bytes.Release();
  } else {
    bytes.Clear();
  }
}

void AppendLogCommand(Buffer* out, std::span<const std::string_view> args) {
  constexpr size_t kHeaderBytesMax = 1 + kDecimalBytesMax + 2;
  size_t bytes_max = kHeaderBytesMax;
  for (const std::string_view arg : args) bytes_max += kHeaderBytesMax + arg.size() + 2;
  char* const begin = out->Reserve(bytes_max);
  char* to = WriteHeader(begin, '*', args.size());
  for (const std::string_view arg : args) {
    to = WriteHeader(to, '$', arg.size());
    if (!arg.empty()) std::memcpy(to, arg.data(), arg.size());
    to = WriteLineEnd(to + arg.size());
  }
  out->Commit(static_cast<size_t>(to - begin));
}

void LogEncoder::OnEffect(const Effect& effect) {
  if (effect.args.empty()) return;
  TORC_DCHECK(batch_ != nullptr, "a log that listens has where to write");
  if (batch_->empty()) {
    batch_->first_db = batch_->last_db = effect.db;
    batch_->unix_ms = now_ms_;
  }
  if (unit_effects_ == 0) {
    unit_begin_ = batch_->bytes.size();
    unit_db_ = batch_->last_db;
  }
  if (unit_effects_ == 1) OpenUnit();
  if (effect.db != batch_->last_db) Select(effect.db);
  AppendLogCommand(&batch_->bytes, effect.args);
  ++unit_effects_;
}

void LogEncoder::OnUnitEnd(uint64_t /*unit*/) {
  if (unit_effects_ > 1) batch_->bytes.Append(kExec);
  unit_effects_ = 0;
}

void LogEncoder::OnUnitDropped(uint64_t /*unit*/) {
  if (unit_effects_ == 0) return;
  batch_->bytes.Truncate(unit_begin_);
  batch_->last_db = unit_db_;
  unit_effects_ = 0;
}

void LogEncoder::Select(DbIndex db) {
  const DecimalText number(static_cast<int64_t>(db.value()));
  const std::string_view args[] = {"SELECT", number.view()};
  AppendLogCommand(&batch_->bytes, args);
  batch_->last_db = db;
}

void LogEncoder::OpenUnit() {
  Buffer& bytes = batch_->bytes;
  const size_t moved_bytes = bytes.size() - unit_begin_;
  bytes.Append(kMulti);
  char* const unit = bytes.data() + unit_begin_;
  std::memmove(unit + kMulti.size(), unit, moved_bytes);
  std::memcpy(unit, kMulti.data(), kMulti.size());
}

}  // namespace torc
