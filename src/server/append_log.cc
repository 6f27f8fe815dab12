#include "server/append_log.h"

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "command/latency_monitor.h"
#include "features/scripting/scripting.h"
#include "resp/errors.h"

namespace torc {

AppendLog::AppendLog(Parts parts) : parts_(std::move(parts)) {
  for (Services* shard : *parts_.shard->services().shards) shard->log = this;
  parts_.shard->AddBackground(this);
}

AppendLog::~AppendLog() {
  Close();
  parts_.shard->RemoveBackground(this);
  for (Services* shard : *parts_.shard->services().shards) shard->log = nullptr;
}

Status AppendLog::OpenDirectory() {
  const AppendLogOptions& options = *parts_.options;
  directory_ = std::make_unique<LogDirectory>(
      parts_.disk, LogDirectory::Names{options.directory_name, options.file_name});
  Status opened = directory_->Open();
  if (opened.ok()) opened = directory_->Load();
  if (opened.code() == StatusCode::kNotFound) opened = Status::Ok();
  if (!opened.ok()) directory_.reset();
  return opened;
}

Status AppendLog::BeginLoad() {
  TORC_RETURN_IF_ERROR(OpenDirectory());
  std::vector<std::string> paths;
  const LogManifest& manifest = directory_->manifest();
  if (manifest.base) paths.push_back(directory_->PathOf(*manifest.base));
  for (const LogFileEntry& entry : manifest.increments) paths.push_back(directory_->PathOf(entry));
  Log(LogLevel::kNotice, "Loading DB in memory...");
  loader_ = std::make_unique<LogLoader>(
      parts_.shard, parts_.disk, std::move(paths),
      LogLoader::Options{.load_truncated = parts_.options->load_truncated});
  parts_.shard->gate().loading = true;
  return Status::Ok();
}

Status AppendLog::StartThread(std::unique_ptr<File> file, LogFileState state) {
  if (state.id == 0) state.id = parts_.entropy->Seed();
  auto writer = std::make_unique<LogWriter>(&parts_.options->writer);
  TORC_RETURN_IF_ERROR(writer->Open(std::move(file), state));
  const std::vector<ShardLoop*>& loops = *parts_.shard_loops;
  thread_ = std::make_unique<LogThread>(std::move(writer), parts_.options->fsync, parts_.clock,
                                        loops.size(),
                                        [&loops](size_t shard) { loops[shard]->loop().Wake(); });
  for (ShardLoop* loop : loops) loop->log().Attach(thread_.get());
  return Status::Ok();
}

Status AppendLog::BeginWriting() {
  LogFileState state = loader_->end();
  const LogManifest& manifest = directory_->manifest();
  const bool is_first = manifest.increments.empty();
  base_bytes_ = manifest.base ? loader_->base_bytes() : 0;
  earlier_bytes_ = loader_->progress().total_bytes - (is_first ? 0 : state.size_bytes);
  bytes_at_rewrite_ = loader_->progress().total_bytes;
  if (is_first) state = {.position = state.position};
  if (!manifest.history.empty()) DeleteHistory(directory_->History());
  auto file = is_first ? directory_->AddIncrement()
                       : parts_.disk->Open(directory_->PathOf(manifest.increments.back()),
                                           Disk::Mode::kAppend);
  if (!file.ok()) return file.status();
  return StartThread(std::move(file).value(), state);
}

bool AppendLog::Step() {
  if (loader_ != nullptr) return LoadSlice();
  if (thread_ != nullptr) Look();
  return rewriting_ != nullptr && StepRewrite();
}

bool AppendLog::HasStep() const {
  return loader_ != nullptr || rewriting_ != nullptr || (thread_ != nullptr && LookIsDue());
}

bool AppendLog::LookIsDue() const {
  if (thread_->state() != told_state_) return true;
  const auto waiting_bytes = static_cast<int64_t>(thread_->waiting_bytes());
  const int64_t limit_bytes = parts_.options->backlog_bytes_max;
  return parts_.shard->gate().writes_wait ? waiting_bytes <= limit_bytes / 2
                                          : waiting_bytes > limit_bytes;
}

void AppendLog::HandOverAll() {
  for (ShardLoop* loop : *parts_.shard_loops) loop->log().HandOver();
}

void AppendLog::ReleaseOrDrop(bool complete) {
  for (ShardLoop* loop : *parts_.shard_loops) complete ? loop->ReleaseHeld() : loop->DropHeld();
}

void AppendLog::RetryDeferred() {
  for (ShardLoop* loop : *parts_.shard_loops) loop->RetryDeferred();
}

bool AppendLog::LoadSlice() {
  switch (loader_->Next()) {
    case LogLoader::Step::kMore:
      return true;
    case LogLoader::Step::kFailed:
      FinishLoading(loader_->status());
      return false;
    case LogLoader::Step::kDone:
      break;
  }
  const LoadProgress progress = loader_->progress();
  const double elapsed_s = static_cast<double>(parts_.clock->MonoNs() - progress.started_ns) / 1e9;
  const Status begun = parts_.options->enabled ? BeginWriting() : Status::Ok();
  if (begun.ok()) {
    Log(LogLevel::kNotice,
        "DB loaded from append only file: %.3f seconds, %llu commands and keys, %s", elapsed_s,
        static_cast<unsigned long long>(progress.commands),
        HumanBytes(progress.total_bytes).c_str());
  }
  FinishLoading(begun);
  return false;
}

void AppendLog::FinishLoading(const Status& status) {
  const std::unique_ptr<LogLoader> loader = std::move(loader_);
  parts_.shard->gate().loading = false;
  if (thread_ == nullptr) directory_.reset();
  load_failed_ = !status.ok();
  parts_.loaded(status);
}

void AppendLog::SetTrouble(LogState state) {
  told_state_ = state;
  CommandGate& gate = parts_.shard->gate();
  gate.log_failure = {};
  trouble_.clear();
  if (state == LogState::kWriting) return;
  trouble_ = errors::LogMisconf(thread_->trouble());
  gate.log_failure = trouble_;
  if (state == LogState::kFailed) ReleaseOrDrop(false);
}

void AppendLog::NoteLatency() {
  if (thread_ == nullptr) return;
  constexpr int64_t kUsPerMs = 1000;
  const LogThread::Longest longest = thread_->TakeLongest();
  LatencyMonitor& monitor = *parts_.shard->services().latency;
  const int64_t now_s = parts_.clock->WallMs() / 1000;
  const bool rewrites = rewriting_ != nullptr || parts_.snapshots->save_in_progress();
  monitor.Note("aof-write", longest.write_us / kUsPerMs, now_s);
  monitor.Note(rewrites ? "aof-write-active-child" : "aof-write-alone", longest.write_us / kUsPerMs,
               now_s);
  if (thread_->policy() == FsyncPolicy::kAlways) {
    monitor.Note("aof-fsync-always", longest.sync_us / kUsPerMs, now_s);
  }
}

// Once a turn: is the log well, and does the disk keep up?
void AppendLog::Look() {
  const LogState state = thread_->state();
  if (state != told_state_) SetTrouble(state);
  CommandGate& gate = parts_.shard->gate();
  const auto waiting_bytes = static_cast<int64_t>(thread_->waiting_bytes());
  const int64_t limit_bytes = parts_.options->backlog_bytes_max;
  if (!gate.writes_wait && waiting_bytes <= limit_bytes) return;
  const bool wait = state == LogState::kWriting &&
                    waiting_bytes > (gate.writes_wait ? limit_bytes / 2 : limit_bytes);
  if (wait) thread_->AwaitRoom();
  if (gate.writes_wait && !wait) RetryDeferred();
  gate.writes_wait = wait;
}

Status AppendLog::Switch() {
  if (loading()) return Status::Unavailable("The append only file is being loaded");
  if (parts_.options->enabled == enabled()) return Status::Ok();
  if (!parts_.options->enabled) {
    Close();
    return Status::Ok();
  }
  CancelRewrite();
  TORC_RETURN_IF_ERROR(OpenDirectory());
  auto file = directory_->AddIncrement(LogDirectory::Listing::kUnlisted);
  Status started = file.ok() ? StartThread(std::move(file).value(), {}) : file.status();
  if (!started.ok()) {
    directory_.reset();
    return started;
  }
  needs_base_ = true;
  earlier_bytes_ = base_bytes_ = bytes_at_rewrite_ = 0;
  if (parts_.snapshots->save_in_progress()) return Status::Ok();  // the next tick begins
  return BeginRewrite();
}

// Whether the log is in use or not: what it has is loaded, and it goes on, or rests, as before.
Status AppendLog::ReloadNow() {
  if (loading()) return Status::Unavailable("it is being loaded");
  if (thread_ == nullptr) {
    CancelRewrite();
    TORC_RETURN_IF_ERROR(OpenDirectory());
    const LogManifest& manifest = directory_->manifest();
    if (!manifest.base && manifest.increments.empty()) {
      directory_.reset();
      parts_.snapshots->EmptyDataSet();  // nothing is what there is to load
      return Status::NotFound("there is no log");
    }
  }
  if (needs_base_) return Status::Unavailable("the log's base is still being written");
  Close();
  parts_.snapshots->EmptyDataSet();
  TORC_RETURN_IF_ERROR(BeginLoad());
  while (loading()) LoadSlice();
  return load_failed_ ? Status::Unavailable("the log could not be loaded") : Status::Ok();
}

Status AppendLog::ApplyPolicy() {
  if (thread_ != nullptr) thread_->SetPolicy(parts_.options->fsync);
  return Status::Ok();
}

void AppendLog::Close() {
  CancelRewrite();
  if (thread_ == nullptr) return;
  HandOverAll();
  const bool complete = thread_->Stop();
  for (ShardLoop* loop : *parts_.shard_loops) loop->log().Detach();
  if (!complete) {
    Log(LogLevel::kWarning, "The append only file is closed without what could not be written: %s",
        thread_->trouble().c_str());
  }
  ReleaseOrDrop(complete);
  SetTrouble(LogState::kWriting);
  thread_.reset();
  directory_.reset();
  needs_base_ = scheduled_ = false;
  if (std::exchange(parts_.shard->gate().writes_wait, false)) RetryDeferred();
}

uint64_t AppendLog::Appended() {
  return FirstLog().appended();
}

uint64_t AppendLog::Durable() {
  return FirstLog().durable();
}

void AppendLog::RequestSync() {
  if (thread_ == nullptr) return;
  HandOverAll();
  thread_->RequestSync();
}

}  // namespace torc
