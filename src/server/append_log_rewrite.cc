// Rewriting the append-only log: a new increment and a snapshot of the same instant, which becomes
// the base.

#include <algorithm>
#include <limits>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "server/append_log.h"

namespace torc {
namespace {

// After a failure a rewrite is tried again by itself so much later.
constexpr int64_t kRetryMs = 10000;

}  // namespace

void AppendLog::OnLogThread(std::function<Status(LogDirectory&, LogWriter*)> work,
                            std::function<void(const Status&)> then) {
  if (thread_ == nullptr) return then(work(*directory_, nullptr));
  thread_->RunInOrder([this, work = std::move(work), then = std::move(then)](LogWriter& writer) {
    Status status = work(*directory_, &writer);
    parts_.loop->Post([this, then, status = std::move(status)] {
      parts_.run_alone([then, status] { then(status); });
    });
  });
}

StatusOr<std::string> AppendLog::Rewrite(BackgroundStart start) {
  if (rewriting_ != nullptr) {
    return Status::Unavailable("Background append only file rewriting already in progress");
  }
  if (parts_.snapshots->save_in_progress() || start == BackgroundStart::kLater) {
    scheduled_ = true;
    return std::string("Background append only file rewriting scheduled");
  }
  TORC_RETURN_IF_ERROR(BeginRewrite());
  return std::string("Background append only file rewriting started");
}

Status AppendLog::BeginRewrite() {
  scheduled_ = false;
  last_try_ms_ = parts_.clock->WallMs();
  if (thread_ == nullptr) {
    TORC_RETURN_IF_ERROR(OpenDirectory());
  } else {
    HandOverAll();
  }
  Log(LogLevel::kNotice, "Background append only file rewriting started");
  rewriting_ = std::make_unique<Rewriting>();
  rewriting_->began_ms = last_try_ms_;
  rewriting_->number = ++rewrites_begun_;
  parts_.snapshots->set_other_job_active(true);
  if (thread_ == nullptr) {
    rewriting_->rotated = true;
    rewriting_->first_kept = std::numeric_limits<uint64_t>::max();
  } else {
    thread_->SuspendSync(parts_.options->no_sync_on_rewrite);
    RotateIncrement();
  }
  // The instant: what was handed over lies before it, in the old increment.
  auto options = parts_.snapshots->JobOptions(LogDirectory::kNextBaseName, "", true);
  options.file.directory = parts_.options->directory_name;
  rewriting_->job = std::make_unique<SnapshotJob>(parts_.shard->services().dataset->shards(),
                                                  parts_.disk, parts_.queue, std::move(options));
  return Status::Ok();
}

void AppendLog::RotateIncrement() {
  const auto listing =
      needs_base_ ? LogDirectory::Listing::kUnlisted : LogDirectory::Listing::kListed;
  const uint64_t id = parts_.entropy->Seed();
  const uint64_t old_file_bytes = thread_->figures().file_bytes;
  OnLogThread(
      [listing, id](LogDirectory& directory, LogWriter* writer) {
        auto file = directory.AddIncrement(listing);
        if (!file.ok()) return file.status();
        Status rotated = writer->Rotate(std::move(file).value(), id);
        if (!rotated.ok() && !directory.DropIncrement().ok()) {
          writer->GiveUp();  // the manifest names a file that the log does not go on in
        }
        return rotated;
      },
      [this, old_file_bytes, number = rewriting_->number](const Status& status) {
        if (rewriting_ == nullptr || rewriting_->number != number) return;
        rewriting_->rotated = true;
        rewriting_->failure = status;
        if (!status.ok()) {
          rewriting_->job->Cancel();
          return;
        }
        earlier_bytes_ += old_file_bytes;
        rewriting_->first_kept = directory_->last_increment();
      });
}

bool AppendLog::StepRewrite() {
  Rewriting& rewriting = *rewriting_;
  if (rewriting.adopting) return false;
  const bool more = rewriting.job->Step();
  if (!rewriting.job->done() || !rewriting.rotated) return more;
  if (!rewriting.failure.ok()) {
    FinishRewrite(rewriting.failure);
  } else if (!rewriting.job->status().ok()) {
    FinishRewrite(rewriting.job->status());
  } else {
    AdoptBase();
  }
  return false;
}

void AppendLog::AdoptBase() {
  rewriting_->adopting = true;
  const uint64_t first_kept = rewriting_->first_kept;
  OnLogThread(
      [first_kept](LogDirectory& directory, LogWriter*) {
        return directory.AdoptBase(BaseForm::kSnapshot, first_kept);
      },
      [this, number = rewriting_->number](const Status& status) {
        if (rewriting_ != nullptr && rewriting_->number == number) FinishRewrite(status);
      });
}

void AppendLog::FinishRewrite(const Status& status) {
  const std::unique_ptr<Rewriting> rewriting = std::move(rewriting_);
  parts_.snapshots->set_other_job_active(false);
  if (thread_ != nullptr) thread_->SuspendSync(false);
  const int64_t elapsed_ms = parts_.clock->WallMs() - rewriting->began_ms;
  last_rewrite_s_ = elapsed_ms / 1000;
  last_rewrite_ok_ = status.ok();
  if (!status.ok()) {
    ++failures_in_row_;
    Log(LogLevel::kWarning, "Background append only file rewriting failed: %s",
        status.message().c_str());
  } else {
    ++rewrites_;
    failures_in_row_ = 0;
    needs_base_ = false;
    base_bytes_ = earlier_bytes_ = rewriting->job->file_bytes();
    bytes_at_rewrite_ = CurrentBytes();
    Log(LogLevel::kNotice,
        "Background AOF rewrite finished successfully: %llu keys, %s, %.3f seconds",
        static_cast<unsigned long long>(rewriting->job->key_count()),
        HumanBytes(base_bytes_).c_str(), static_cast<double>(elapsed_ms) / 1000);
    OnLogThread([](LogDirectory&, LogWriter*) { return Status::Ok(); },
                [this](const Status&) {
                  if (directory_ != nullptr) DeleteHistory(directory_->History());
                });
  }
  if (thread_ == nullptr && !status.ok()) directory_.reset();
}

// Deleting a large file takes long: the disk's thread does it, and the manifest forgets it then.
void AppendLog::DeleteHistory(std::vector<std::string> paths) {
  parts_.queue->Run(
      [disk = parts_.disk, paths = std::move(paths)] {
        for (const std::string& path : paths) (void)disk->Remove(path);
      },
      [this] {
        if (directory_ == nullptr) return;
        OnLogThread([](LogDirectory& directory, LogWriter*) { return directory.ForgetHistory(); },
                    [this](const Status& status) {
                      if (!status.ok()) {
                        Log(LogLevel::kWarning, "The AOF manifest still names deleted files: %s",
                            status.message().c_str());
                      }
                      if (thread_ == nullptr && rewriting_ == nullptr) directory_.reset();
                    });
      });
}

// A rewrite that is being adopted is past stopping; its outcome is not waited for.
void AppendLog::CancelRewrite() {
  if (rewriting_ == nullptr) return;
  SnapshotJob& job = *rewriting_->job;
  if (!job.done()) job.Cancel();
  while (!job.done()) {
    if (!job.Step()) parts_.queue->Wait();
  }
  rewriting_.reset();
  parts_.snapshots->set_other_job_active(false);
  if (thread_ != nullptr) thread_->SuspendSync(false);
}

uint64_t AppendLog::CurrentBytes() const {
  return thread_ == nullptr ? earlier_bytes_ : earlier_bytes_ + thread_->figures().file_bytes;
}

bool AppendLog::RewriteIsDue() const {
  if (scheduled_) return true;
  if (thread_ == nullptr || thread_->state() != LogState::kWriting) return false;
  const bool may_try = last_rewrite_ok_ || parts_.clock->WallMs() - last_try_ms_ >= kRetryMs;
  if (needs_base_) return may_try;
  const AppendLogOptions& options = *parts_.options;
  const uint64_t bytes = CurrentBytes();
  if (!may_try || options.rewrite_percentage == 0) return false;
  if (bytes < static_cast<uint64_t>(options.rewrite_bytes_min)) return false;
  const uint64_t before = std::max<uint64_t>(bytes_at_rewrite_, 1);
  return bytes > before &&
         (bytes - before) * 100 / before >= static_cast<uint64_t>(options.rewrite_percentage);
}

void AppendLog::EveryTick() {
  NoteLatency();
  if (loading() || rewriting_ != nullptr || parts_.snapshots->save_in_progress()) return;
  if (!RewriteIsDue()) return;
  const Status begun = BeginRewrite();
  if (begun.ok()) return;
  last_rewrite_ok_ = false;
  ++failures_in_row_;
  Log(LogLevel::kWarning, "The append only file cannot be rewritten: %s", begun.message().c_str());
}

}  // namespace torc
