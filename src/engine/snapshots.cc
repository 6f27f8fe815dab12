#include "engine/snapshots.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "engine/background_work.h"
#include "engine/snapshot_load.h"
#include "features/scripting/scripting.h"
#include "resp/errors.h"

namespace torc {
namespace {

// After a failure the save points try again so much later.
constexpr int64_t kRetryMs = 5000;

}  // namespace

Snapshots::Snapshots(Parts parts) : parts_(std::move(parts)), last_save_ms_(0) {
  last_save_ms_ = NowMs();
  for (Services* shard : *parts_.services->shards) shard->snapshots = this;
}

Snapshots::~Snapshots() {
  CancelSave();
  for (Services* shard : *parts_.services->shards) shard->snapshots = nullptr;
}

uint64_t Snapshots::TotalChanges() const {
  uint64_t changes = 0;
  for (const Keyspace* shard : parts_.services->dataset->shards())
    changes += shard->stats().changes;
  return changes;
}

SnapshotJob::Options Snapshots::JobOptions(std::string temp_name, std::string name,
                                           bool aof_base) const {
  // As in Redis, idle times are written only while a policy looks at them.
  const EvictionPolicy policy = parts_.services->eviction->options().policy;
  RdbAccess access = RdbAccess::kNone;
  if (policy == EvictionPolicy::kAllkeysLru || policy == EvictionPolicy::kVolatileLru) {
    access = RdbAccess::kIdleTime;
  } else if (ClockKindOf(policy) == ClockKind::kLfu) {
    access = RdbAccess::kFrequency;
  }
  return {.snapshot = {.compress = parts_.settings->compress, .access = access},
          .header = {.unix_s = NowMs() / 1000,
                     .used_memory_bytes = AllocatedBytes(),
                     .aof_base = aof_base,
                     .functions = parts_.services->scripting->functions().Sources()},
          .file = {.directory = parts_.directory,
                   .temp_name = std::move(temp_name),
                   .name = std::move(name),
                   .checksum = parts_.settings->checksum}};
}

// --- Saving ---

std::unique_ptr<SnapshotJob> Snapshots::NewJob() {
  return std::make_unique<SnapshotJob>(
      parts_.services->dataset->shards(), parts_.disk, parts_.queue,
      JobOptions("temp-" + parts_.settings->file_name, parts_.settings->file_name, false));
}

void Snapshots::BeginSave() {
  scheduled_ = false;
  began_ms_ = last_try_ms_ = NowMs();
  changes_at_begin_ = TotalChanges();
  job_ = NewJob();
}

void Snapshots::SetLastStatus(bool ok) {
  last_ok_ = ok;
  const bool refuse = !ok && parts_.settings->stop_writes_on_error && HasSavePoints();
  parts_.services->gate->snapshot_failure = refuse ? errors::kMisconf : std::string_view();
}

void Snapshots::FinishSave() {
  const std::unique_ptr<SnapshotJob> job = std::move(job_);
  const Status& status = job->status();
  last_duration_s_ = (NowMs() - began_ms_) / 1000;
  if (status.ok()) {
    Log(LogLevel::kNotice, "DB saved on disk: %llu keys, %s, %.3f seconds",
        static_cast<unsigned long long>(job->key_count()), HumanBytes(job->file_bytes()).c_str(),
        static_cast<double>(NowMs() - began_ms_) / 1000);
    ++saves_;
    last_save_ms_ = NowMs();
    changes_at_last_save_ = changes_at_begin_;
    SetLastStatus(true);
  } else if (status.code() != StatusCode::kUnavailable) {
    Log(LogLevel::kWarning, "Saving %s failed: %s", parts_.settings->file_name.c_str(),
        status.message().c_str());
    SetLastStatus(false);
  }
}

void Snapshots::CancelSave() {
  scheduled_ = false;
  if (job_ == nullptr) return;
  job_->Cancel();
  while (!job_->done()) {
    if (!job_->Step()) parts_.queue->Wait();
  }
  FinishSave();
}

Status Snapshots::Save() {
  if (loading()) return Status::Unavailable("");
  if (job_ != nullptr) return Status::Unavailable("Background save already in progress");
  BeginSave();
  while (!job_->done()) {
    if (!job_->Step()) parts_.queue->Wait();
  }
  const Status status = job_->status();
  FinishSave();
  return status.ok() ? Status::Ok() : Status::IoError("");
}

StatusOr<std::string> Snapshots::SaveInBackground(BackgroundStart start) {
  if (job_ != nullptr) return Status::Unavailable("Background save already in progress");
  if (other_job_active_ || start == BackgroundStart::kLater) {
    if (start == BackgroundStart::kNow) {
      return Status::Unavailable(
          "Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in "
          "order to schedule a BGSAVE whenever possible.");
    }
    scheduled_ = true;
    return std::string("Background saving scheduled");
  }
  Log(LogLevel::kNotice, "Background saving started");
  BeginSave();
  return std::string("Background saving started");
}

void Snapshots::DataSetFlushed(uint64_t changes) {
  if (loading()) return;
  CancelSave();
  if (!HasSavePoints()) return;
  if (Save().ok()) changes_at_last_save_ += changes;
}

bool Snapshots::Step() {
  if (load_ != nullptr) {
    StepLoad(kLoadKeysPerStep);
    if (load_ == nullptr && parts_.loaded) parts_.loaded(load_status_);
    return load_ != nullptr;
  }
  if (job_ == nullptr) return false;
  const bool more = job_->Step();
  if (job_->done()) FinishSave();
  return more;
}

void Snapshots::EveryTick() {
  if (loading()) return LogLoadProgress();
  if (!last_ok_) SetLastStatus(false);
  if (job_ != nullptr || other_job_active_) return;
  bool due = scheduled_;
  const uint64_t changes = TotalChanges() - changes_at_last_save_;
  const int64_t now_ms = NowMs();
  for (const SavePoint& point : parts_.settings->save_points) {
    if (due || changes < static_cast<uint64_t>(point.changes)) continue;
    if (now_ms - last_save_ms_ <= point.seconds * 1000) continue;
    if (!last_ok_ && now_ms - last_try_ms_ <= kRetryMs) continue;
    Log(LogLevel::kNotice, "%lld changes in %lld seconds. Saving...",
        static_cast<long long>(point.changes), static_cast<long long>(point.seconds));
    due = true;
  }
  if (due) BeginSave();
}

void Snapshots::WriteInfo(InfoWriter& out) const {
  const SnapshotJob* const job = job_.get();
  const double percent = job == nullptr || job->key_count_expected() == 0
                             ? 0
                             : 100.0 * static_cast<double>(job->key_count()) /
                                   static_cast<double>(job->key_count_expected());
  out.Field("loading", parts_.services->gate->loading ? 1 : 0);
  for (const char* name :
       {"async_loading", "current_cow_peak", "current_cow_size", "current_cow_size_age"}) {
    out.Field(name, 0);
  }
  out.Decimal("current_fork_perc", percent);
  out.Field("current_save_keys_processed", job == nullptr ? 0 : job->key_count());
  out.Field("current_save_keys_total", job == nullptr ? 0 : job->key_count_expected());
  out.Field("rdb_changes_since_last_save", TotalChanges() - changes_at_last_save_);
  out.Field("rdb_bgsave_in_progress", job == nullptr ? 0 : 1);
  out.Field("rdb_last_save_time", LastSaveUnixS());
  out.Field("rdb_last_bgsave_status", last_ok_ ? "ok" : "err");
  out.Field("rdb_last_bgsave_time_sec", last_duration_s_);
  out.Field("rdb_current_bgsave_time_sec", job == nullptr ? -1 : (NowMs() - began_ms_) / 1000);
  out.Field("rdb_saves", saves_);
  out.Field("rdb_last_cow_size", 0);
  out.Field("rdb_last_load_keys_expired", last_load_.keys_expired);
  out.Field("rdb_last_load_keys_loaded", last_load_.keys_loaded);
  if (loading()) WriteLoadInfo(out);
}

}  // namespace torc
