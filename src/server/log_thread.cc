#include "server/log_thread.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"

namespace torc {
namespace {

constexpr int64_t kNsPerUs = 1000;
constexpr int64_t kNsPerMs = 1000000;
constexpr int64_t kSyncPeriodNs = 1000 * kNsPerMs;
constexpr int64_t kLateNs = 2000 * kNsPerMs;
// How long to rest after a write, unless each is synced; and before a full disk is tried again.
constexpr int64_t kRestNs = 1 * kNsPerMs;
constexpr int64_t kRetryNs = 100 * kNsPerMs;
// Gathered before it is written.
constexpr size_t kGatheredBytesMax = size_t{4} << 20;

// Only the log's thread raises; others may read, and begin anew at 0.
void RaiseTo(std::atomic<int64_t>& longest, int64_t value) {
  if (value > longest.load()) longest.store(value);
}

}  // namespace

LogThread::LogThread(std::unique_ptr<LogWriter> writer, FsyncPolicy policy, Clock* clock,
                     size_t shard_count, std::function<void(size_t)> wake)
    : writer_(std::move(writer)),
      clock_(clock),
      wake_(std::move(wake)),
      awaited_(shard_count),
      policy_(policy) {
  while (channels_.size() < shard_count) channels_.push_back(std::make_unique<LogChannel>());
  last_sync_ns_ = clock_->MonoNs();
  figures_.file_bytes = writer_->file_bytes();
  figures_.position = writer_->position();
  thread_ = std::thread([this] { Main(); });
}

LogThread::~LogThread() {
  if (thread_.joinable()) Stop();
}

bool LogThread::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    notified_ = true;
  }
  changed_.notify_one();
  thread_.join();
  return state_.load() == LogState::kWriting;
}

// A thread that is about to sleep says so before it looks for work a last time; we draw a number
// for the work before we look whether it sleeps. So one of both sees the other.
void LogThread::HandOver(size_t shard) {
  LogChannel& channel = *channels_[shard];
  if (channel.open()->empty()) return;
  handed_bytes_.fetch_add(channel.open()->bytes.size());
  channel.Publish(&numbers_);
  if (sleeping_.load()) Notify();
}

void LogThread::Notify() {
  {
    const std::lock_guard lock(mutex_);
    notified_ = true;
  }
  changed_.notify_one();
}

void LogThread::RunInOrder(std::function<void(LogWriter&)> task) {
  for (size_t shard = 0; shard < channels_.size(); ++shard) HandOver(shard);
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back({numbers_.load(), std::move(task)});
    has_tasks_.store(true);
    notified_ = true;
  }
  changed_.notify_one();
}

void LogThread::SetPolicy(FsyncPolicy policy) {
  policy_.store(policy);
  Notify();
}

void LogThread::RequestSync() {
  sync_requested_.store(true);
  for (std::atomic<bool>& awaited : awaited_) awaited.store(true);
  Notify();
}

std::string LogThread::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void LogThread::Wake() {
  for (size_t shard = 0; shard < awaited_.size(); ++shard) {
    if (awaited_[shard].exchange(false)) wake_(shard);
  }
}

void LogThread::Enter(LogState state, const Status& why) {
  if (state_.load() == state) return;
  {
    const std::lock_guard lock(mutex_);
    trouble_ = why.message();
  }
  state_.store(state, std::memory_order_release);
  wake_(0);
}

void LogThread::Main() {
  while (true) {
    const bool worked = Turn();
    {
      const std::lock_guard lock(mutex_);
      const bool stuck = state_.load() != LogState::kWriting;
      const bool drained = taken_ == numbers_.load() && tasks_.empty();
      if (stopping_ && (stuck || (drained && !worked))) break;
    }
    Rest(worked);
  }
  // The last mark says that all is durable, and is durable itself.
  if (state_.load() != LogState::kWriting) return;
  if (Sync() && Write() && !writer_->Sync().ok()) state_.store(LogState::kFailed);
}

bool LogThread::Turn() {
  if (state_.load() == LogState::kFailed) {
    while (RunNextTask()) {
    }
    return false;
  }
  if (state_.load() == LogState::kFull && !Write()) return false;
  const auto behind = NextTaskBehind();
  bool worked = TakeBatches(behind.value_or(numbers_.load()));
  const bool task_is_next = behind && taken_ >= *behind;
  if ((worked || task_is_next) && !Write()) return false;
  if (task_is_next) worked |= RunNextTask();
  if (state_.load() == LogState::kFailed) return false;
  if (SyncIsDue() && !Sync()) return false;
  return worked;
}

std::optional<uint64_t> LogThread::NextTaskBehind() const {
  if (!has_tasks_.load()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (tasks_.empty()) return std::nullopt;
  return tasks_.front().behind;
}

bool LogThread::RunNextTask() {
  Task task;
  {
    const std::lock_guard lock(mutex_);
    if (tasks_.empty()) return false;
    task = std::move(tasks_.front());
    tasks_.pop_front();
    has_tasks_.store(!tasks_.empty());
  }
  task.run(*writer_);
  if (writer_->failed()) {
    Enter(LogState::kFailed, Status::IoError("the log's file could not be changed or synced"));
  }
  figures_.file_bytes = writer_->file_bytes();
  figures_.position = writer_->position();
  return true;
}

bool LogThread::TakeBatches(uint64_t until) {
  bool any = false;
  while (taken_ < until && writer_->unwritten_bytes() < kGatheredBytesMax) {
    LogChannel* const channel = NextChannel();
    if (channel == nullptr) break;
    any = true;
    writer_->Add(*channel->front());
    taken_bytes_.fetch_add(channel->front()->bytes.size());
    channel->Pop();
    ++taken_;
  }
  if (any && room_awaited_.exchange(false)) wake_(0);
  return any;
}

// A number is drawn a moment before its batch is there.
LogChannel* LogThread::NextChannel() {
  for (const auto& channel : channels_) {
    if (channel->front() != nullptr && channel->front_number() == taken_) return channel.get();
  }
  return nullptr;
}

bool LogThread::Write() {
  if (writer_->unwritten_bytes() == 0) return true;
  const int64_t begin_ns = clock_->MonoNs();
  const Status written = writer_->Flush();
  const int64_t duration_us = (clock_->MonoNs() - begin_ns) / kNsPerUs;
  RaiseTo(figures_.longest_write_us, duration_us);
  figures_.write_us += static_cast<uint64_t>(duration_us);
  ++figures_.writes;
  figures_.unwritten_bytes = writer_->unwritten_bytes();
  figures_.file_bytes = writer_->file_bytes();
  figures_.position = writer_->position();
  if (!written.ok()) {
    if (state_.load() != LogState::kFull) {
      Log(LogLevel::kWarning,
          "Error writing to the AOF file: %s. Writes are refused until it can "
          "be written again.",
          written.message().c_str());
    }
    Enter(LogState::kFull, written);
    return false;
  }
  written_ = taken_;
  if (state_.load() == LogState::kFull) {
    Log(LogLevel::kWarning, "AOF write error looks solved: the log is written again.");
    Enter(LogState::kWriting, {});
  }
  return true;
}

bool LogThread::SyncIsDue() const {
  if (!writer_->dirty()) return false;
  if (sync_requested_.load()) return true;
  switch (policy_.load()) {
    case FsyncPolicy::kAlways:
      return true;
    case FsyncPolicy::kEverySecond:
      return !sync_suspended_.load() && clock_->MonoNs() - last_sync_ns_ >= kSyncPeriodNs;
    case FsyncPolicy::kNo:
      return false;
  }
  return false;
}

bool LogThread::Sync() {
  sync_requested_.store(false);
  const int64_t begin_ns = clock_->MonoNs();
  figures_.pending_syncs = 1;
  const Status synced = writer_->dirty() ? writer_->Sync() : Status::Ok();
  figures_.pending_syncs = 0;
  const int64_t end_ns = clock_->MonoNs();
  last_sync_ns_ = begin_ns;
  ++figures_.syncs;
  RaiseTo(figures_.slowest_sync_us, (end_ns - begin_ns) / kNsPerUs);
  RaiseTo(figures_.longest_sync_us, (end_ns - begin_ns) / kNsPerUs);
  if (end_ns - begin_ns >= kLateNs && taken_ < numbers_.load()) {
    ++figures_.delayed_syncs;
    Log(LogLevel::kNotice,
        "Asynchronous AOF fsync is taking too long (disk is busy?). Writes wait for it.");
  }
  if (!synced.ok()) {
    Log(LogLevel::kWarning,
        "Can't persist the AOF, fsync failed: %s. It is not tried again, because what the kernel "
        "dropped would be taken for written: writes are refused from now on. Repair the disk and "
        "start again, or CONFIG SET appendonly no and then yes, which begins with a new base.",
        synced.message().c_str());
    Enter(LogState::kFailed, synced);
    return false;
  }
  durable_.store(written_, std::memory_order_release);
  writer_->MarkDurable();
  Wake();
  return true;
}

void LogThread::Rest(bool worked) {
  std::unique_lock lock(mutex_);
  const auto notified = [this] { return notified_ || stopping_; };
  const LogState state = state_.load();
  if (state == LogState::kFull) {
    changed_.wait_for(lock, std::chrono::nanoseconds(kRetryNs), [this] { return stopping_; });
    return;
  }
  const bool every_write_counts = policy_.load() == FsyncPolicy::kAlways;
  if (worked && every_write_counts && taken_ < numbers_.load()) return;
  if (worked && !every_write_counts) {
    changed_.wait_for(lock, std::chrono::nanoseconds(kRestNs), notified);
    notified_ = false;
    return;
  }
  sleeping_.store(true);
  const bool idle = taken_ == numbers_.load() || state == LogState::kFailed;
  if (idle && !notified_ && !stopping_) {
    const bool mark_waits = writer_->unwritten_bytes() > 0 && state == LogState::kWriting;
    if (mark_waits && !changed_.wait_for(lock, std::chrono::nanoseconds(kRestNs), notified)) {
      // Nothing more came: the mark of the last sync goes alone, to be there after a crash.
      lock.unlock();
      Write();
      lock.lock();
    }
    const bool sync_later = writer_->dirty() && policy_.load() == FsyncPolicy::kEverySecond;
    if (sync_later) {
      const int64_t left_ns = last_sync_ns_ + kSyncPeriodNs - clock_->MonoNs();
      changed_.wait_for(lock, std::chrono::nanoseconds(std::max(left_ns, kNsPerMs)), notified);
    } else {
      changed_.wait(lock, notified);
    }
  }
  sleeping_.store(false, std::memory_order_relaxed);
  notified_ = false;
}

}  // namespace torc
