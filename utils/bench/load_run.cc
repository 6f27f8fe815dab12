#include "load_run.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace torc::bench {
namespace {

constexpr size_t kReadBytes = 256 * 1024;
constexpr size_t kEventsPerTurn = 512;
constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kSilenceMaxNs = 30 * kSecondNs;
// Sleeping costs a wake-up of many microseconds: waits shorter than this are spent polling.
constexpr uint64_t kSpinNs = 200'000;
constexpr uint64_t kProbeTag = UINT64_MAX;

uint64_t ClockNs(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<uint64_t>(time.tv_sec) * kSecondNs + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace

uint64_t MonotonicNs() {
  return ClockNs(CLOCK_MONOTONIC);
}

LoadRun::LoadRun(const LoadOptions& options)
    : options_(options),
      pool_(options.pool),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      links_(options.connections),
      input_(kReadBytes) {
  if (epoll_ < 0) Die("epoll_create1");
  prctl(PR_SET_TIMERSLACK, 1UL);
  for (size_t i = 0; i < links_.size(); ++i) {
    links_[i].fd = Connect(options.address);
    WatchSocket(epoll_, links_[i].fd, EPOLLIN, i, Watch::kAdd);
    free_links_.push_back(i);
  }
  if (options.probe_pid > 0) {
    probe_.emplace(options.address, options.probe_pid, options.probe_interval_us * 1000);
    WatchSocket(epoll_, probe_->fd(), EPOLLIN, kProbeTag, Watch::kAdd);
  }
}

LoadRun::~LoadRun() {
  for (const Link& link : links_) close(link.fd);
  close(epoll_);
}

LoadResult LoadRun::Run() {
  const uint64_t cpu_before_ns = ClockNs(CLOCK_PROCESS_CPUTIME_ID);
  begin_ns_ = MonotonicNs();
  last_answer_ns_ = begin_ns_;
  if (options_.requests == 0) end_ns_ = begin_ns_ + static_cast<uint64_t>(options_.seconds * 1e9);
  if (Open()) {
    batch_interval_ns_ =
        static_cast<uint64_t>(1e9 * static_cast<double>(options_.pipeline) / options_.rate_per_s);
    batch_interval_ns_ = std::max<uint64_t>(batch_interval_ns_, 1);
  }
  const auto done = [this] {
    return free_links_.size() == links_.size() && !MayStart(std::max(MonotonicNs(), begin_ns_));
  };
  do {
    Turn();
  } while (!done());
  result_.wall_ns = last_answer_ns_ - begin_ns_;
  result_.own_cpu_ns = ClockNs(CLOCK_PROCESS_CPUTIME_ID) - cpu_before_ns;
  for (const Link& link : links_) result_.errors += link.replies.errors();
  return result_;
}

// In the open loop the question is whether the next batch was due before the end, so that an
// overdue backlog is still sent and charged.
bool LoadRun::MayStart(uint64_t now_ns) const {
  if (options_.requests > 0) return requests_started_ < options_.requests;
  return (Open() ? begin_ns_ + batches_started_ * batch_interval_ns_ : now_ns) < end_ns_;
}

void LoadRun::StartDueBatches(uint64_t now_ns) {
  while (!free_links_.empty() && MayStart(now_ns)) {
    const uint64_t due_ns = begin_ns_ + batches_started_ * batch_interval_ns_;
    if (Open() && due_ns > now_ns) return;
    Link& link = links_[free_links_.front()];
    free_links_.pop_front();
    StartBatch(link, Open() ? due_ns : now_ns);
  }
}

void LoadRun::StartBatch(Link& link, uint64_t intended_ns) {
  uint64_t count = options_.pipeline;
  if (options_.requests > 0) count = std::min(count, options_.requests - requests_started_);
  const std::string_view bytes = pool_.Take(static_cast<size_t>(count));
  requests_started_ += count;
  ++batches_started_;
  link.in_flight = static_cast<size_t>(count);
  link.intended_ns = intended_ns;
  const ssize_t sent = send(link.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) Die("send");
  const auto taken = static_cast<size_t>(std::max<ssize_t>(sent, 0));
  if (taken == bytes.size()) return;
  link.unsent.assign(bytes.substr(taken));
  WatchSocket(epoll_, link.fd, EPOLLIN | EPOLLOUT, static_cast<uint64_t>(&link - links_.data()),
              Watch::kModify);
}

void LoadRun::Flush(Link& link) {
  const ssize_t sent = send(link.fd, link.unsent.data(), link.unsent.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) Die("send");
  if (sent > 0) link.unsent.erase(0, static_cast<size_t>(sent));
  if (!link.unsent.empty()) return;
  WatchSocket(epoll_, link.fd, EPOLLIN, static_cast<uint64_t>(&link - links_.data()),
              Watch::kModify);
}

void LoadRun::ReadReplies(Link& link) {
  const ssize_t got = recv(link.fd, input_.data(), input_.size(), 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got < 0) Die("receive");
  if (got == 0) {
    fprintf(stderr, "the server closed a connection\n");
    exit(1);
  }
  const size_t answers = link.replies.Feed({input_.data(), static_cast<size_t>(got)});
  if (answers == 0) return;
  if (answers > link.in_flight) {
    fprintf(stderr, "more answers than requests\n");
    exit(1);
  }
  const uint64_t now_ns = MonotonicNs();
  last_answer_ns_ = now_ns;
  result_.requests += answers;
  const uint64_t intended_ns = link.intended_ns;
  if (intended_ns >= begin_ns_ + static_cast<uint64_t>(options_.warmup_s * 1e9)) {
    result_.latency_ns.Record(now_ns - std::min(now_ns, intended_ns), answers);
  }
  link.in_flight -= answers;
  if (link.in_flight == 0) free_links_.push_back(static_cast<size_t>(&link - links_.data()));
}

// How long the next epoll_wait may sleep.
timespec LoadRun::Patience(uint64_t now_ns) const {
  uint64_t wake_ns = now_ns + kSecondNs;
  if (Open() && !free_links_.empty() && MayStart(now_ns)) {
    wake_ns = std::min(wake_ns, begin_ns_ + batches_started_ * batch_interval_ns_);
  }
  if (probe_) wake_ns = std::min(wake_ns, probe_->DueNs());
  const uint64_t wait_ns = wake_ns > now_ns + kSpinNs ? wake_ns - now_ns - kSpinNs / 2 : 0;
  return {static_cast<time_t>(wait_ns / kSecondNs), static_cast<long>(wait_ns % kSecondNs)};
}

void LoadRun::Turn() {
  uint64_t now_ns = MonotonicNs();
  if (probe_) probe_->SendIfDue(now_ns);
  StartDueBatches(now_ns);
  std::array<epoll_event, kEventsPerTurn> events;
  const timespec patience = Patience(now_ns);
  const int count = epoll_pwait2(epoll_, events.data(), kEventsPerTurn, &patience, nullptr);
  now_ns = MonotonicNs();
  if (count <= 0 && now_ns - last_answer_ns_ > kSilenceMaxNs &&
      free_links_.size() < links_.size()) {
    fprintf(stderr, "the server has been silent for %d s\n",
            static_cast<int>(kSilenceMaxNs / kSecondNs));
    exit(1);
  }
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (event.data.u64 == kProbeTag) {
      probe_->ReadAnswer(MonotonicNs());
      continue;
    }
    Link& link = links_[event.data.u64];
    if ((event.events & EPOLLOUT) != 0) Flush(link);
    if ((event.events & ~EPOLLOUT) != 0) ReadReplies(link);
    // The closed loop answers at once, while the link is in the cache.
    if (!Open()) StartDueBatches(now_ns);
  }
}

}  // namespace torc::bench
