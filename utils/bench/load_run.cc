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

constexpr size_t kReadBytes = 16 * 1024;  // per connection and turn
constexpr size_t kEventsPerTurn = 1024;
constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kSilenceMaxNs = 30 * kSecondNs;
// Waits shorter than this are spent polling. Sleeping costs a wake-up of many microseconds here,
// and part of it is paid by the server, whose send wakes us: one that answers piece by piece would
// look worse than one that answers many connections at once, though a client on another machine
// costs both the same.
constexpr uint64_t kSpinNs = 200'000;
constexpr uint64_t kProbeTag = UINT64_MAX;

uint64_t ClockNs(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<uint64_t>(time.tv_sec) * kSecondNs + static_cast<uint64_t>(time.tv_nsec);
}

uint64_t MonotonicNs() {
  return ClockNs(CLOCK_MONOTONIC);
}

// A run that went wrong has no figures. `result`, when given, is -errno.
[[noreturn]] void Fail(const char* what, int64_t result = 0) {
  if (result != 0) {
    errno = static_cast<int>(-result);
    Die(what);
  }
  fprintf(stderr, "%s\n", what);
  exit(1);
}

}  // namespace

LoadRun::LoadRun(const LoadOptions& options)
    : options_(options),
      pool_(options.pool),
      batch_(options.io),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      links_(options.connections) {
  if (epoll_ < 0) Die("epoll_create1");
  prctl(PR_SET_TIMERSLACK, 1UL);
  for (size_t i = 0; i < links_.size(); ++i) {
    links_[i].fd = Connect(options.address);
    links_[i].input.resize(kReadBytes);
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
    const double interval_ns = 1e9 * static_cast<double>(options_.pipeline) / options_.rate_per_s;
    batch_interval_ns_ = std::max<uint64_t>(static_cast<uint64_t>(interval_ns), 1);
  }
  do {
    Turn();
  } while (free_links_.size() < links_.size() || MayStart(MonotonicNs()));
  result_.begin_ns = begin_ns_;
  result_.wall_ns = last_answer_ns_ - begin_ns_;
  const uint64_t cpu_ns = ClockNs(CLOCK_PROCESS_CPUTIME_ID) - cpu_before_ns;
  result_.own_cpu_ns = cpu_ns - result_.polling_cpu_ns;
  result_.used_ring = batch_.uses_ring();
  for (const Link& link : links_) result_.errors += link.replies.errors();
  return result_;
}

// In the open loop the question is whether the next batch was due before the end, so that an
// overdue backlog is still sent and charged.
bool LoadRun::MayStart(uint64_t now_ns) const {
  if (options_.requests > 0) return requests_started_ < options_.requests;
  return (Open() ? begin_ns_ + batches_started_ * batch_interval_ns_ : now_ns) < end_ns_;
}

double LoadRun::Progress(uint64_t now_ns) const {
  if (options_.requests > 0) {
    return static_cast<double>(result_.requests) / static_cast<double>(options_.requests);
  }
  return static_cast<double>(now_ns - begin_ns_) / static_cast<double>(end_ns_ - begin_ns_);
}

void LoadRun::StartDueBatches(uint64_t now_ns) {
  while (!free_links_.empty() && MayStart(now_ns)) {
    const uint64_t due_ns = begin_ns_ + batches_started_ * batch_interval_ns_;
    if (Open() && due_ns > now_ns) break;
    const size_t index = free_links_.front();
    free_links_.pop_front();
    StartBatch(index, Open() ? due_ns : now_ns);
  }
  RunSends();
}

void LoadRun::StartBatch(size_t index, uint64_t intended_ns) {
  uint64_t count = options_.pipeline;
  if (options_.requests > 0) count = std::min(count, options_.requests - requests_started_);
  // The pool is about to write new keys over requests that are queued.
  if (pool_.WrapsAt(static_cast<size_t>(count))) RunSends();
  Link& link = links_[index];
  link.sending = pool_.Take(static_cast<size_t>(count));
  link.in_flight = static_cast<size_t>(count);
  link.intended_ns = intended_ns;
  requests_started_ += count;
  ++batches_started_;
  batch_.Send(index, link.fd, link.sending);
}

void LoadRun::RunSends() {
  if (batch_.size() == 0) return;
  batch_.Run([this](size_t index, int64_t sent) {
    Link& link = links_[index];
    if (sent < 0 && sent != -EAGAIN) Fail("send", sent);
    const auto taken = static_cast<size_t>(std::max<int64_t>(sent, 0));
    if (taken == link.sending.size()) return;
    link.unsent.assign(link.sending.substr(taken));
    WatchRoom(link, EPOLLIN | EPOLLOUT);
  });
}

void LoadRun::Flush(Link& link) {
  const ssize_t sent = send(link.fd, link.unsent.data(), link.unsent.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) Die("send");
  if (sent > 0) link.unsent.erase(0, static_cast<size_t>(sent));
  if (link.unsent.empty()) WatchRoom(link, EPOLLIN);
}

void LoadRun::WatchRoom(Link& link, uint32_t events) {
  WatchSocket(epoll_, link.fd, events, static_cast<uint64_t>(&link - links_.data()),
              Watch::kModify);
}

void LoadRun::TakeReplies(Link& link, int64_t received, uint64_t now_ns) {
  if (received == -EAGAIN) return;
  if (received < 0) Fail("receive", received);
  if (received == 0) Fail("the server closed a connection");
  const size_t answers = link.replies.Feed({link.input.data(), static_cast<size_t>(received)});
  if (answers == 0) return;
  if (answers > link.in_flight) Fail("more answers than requests");
  last_answer_ns_ = now_ns;
  result_.requests += answers;
  if (link.intended_ns >= begin_ns_ + static_cast<uint64_t>(options_.warmup_s * 1e9)) {
    result_.latency_ns.Record(now_ns - std::min(now_ns, link.intended_ns), answers);
  }
  link.in_flight -= answers;
  if (link.in_flight == 0) free_links_.push_back(static_cast<size_t>(&link - links_.data()));
}

// When the next turn has something to do even if no socket becomes readable.
uint64_t LoadRun::WakeNs(uint64_t now_ns) const {
  uint64_t wake_ns = now_ns + kSecondNs;
  if (Open() && !free_links_.empty() && MayStart(now_ns)) {
    wake_ns = std::min(wake_ns, begin_ns_ + batches_started_ * batch_interval_ns_);
  }
  return probe_ ? std::min(wake_ns, probe_->DueNs()) : wake_ns;
}

// Readable sockets, at latest at WakeNs: polls for a while, then sleeps, and wakes early enough to
// poll again.
int LoadRun::Wait(epoll_event* events, uint64_t now_ns) {
  const uint64_t wake_ns = WakeNs(now_ns);
  const uint64_t spin_until_ns = std::min(wake_ns, now_ns + kSpinNs);
  int count = epoll_wait(epoll_, events, kEventsPerTurn, 0);
  if (count != 0) return count;
  const uint64_t cpu_before_ns = ClockNs(CLOCK_THREAD_CPUTIME_ID);
  uint64_t after_ns = MonotonicNs();
  while (count == 0 && after_ns < spin_until_ns) {
    count = epoll_wait(epoll_, events, kEventsPerTurn, 0);
    after_ns = MonotonicNs();
  }
  result_.polling_cpu_ns += ClockNs(CLOCK_THREAD_CPUTIME_ID) - cpu_before_ns;
  if (count != 0 || wake_ns < after_ns + kSpinNs) return count;
  const uint64_t wait_ns = wake_ns - after_ns - kSpinNs / 2;
  const timespec patience = {static_cast<time_t>(wait_ns / kSecondNs),
                             static_cast<long>(wait_ns % kSecondNs)};
  return epoll_pwait2(epoll_, events, kEventsPerTurn, &patience, nullptr);
}

void LoadRun::Turn() {
  const uint64_t begin_ns = MonotonicNs();
  if (probe_) probe_->SendIfDue(begin_ns);
  StartDueBatches(begin_ns);
  std::array<epoll_event, kEventsPerTurn> events;
  const int count = Wait(events.data(), begin_ns);
  const bool waiting = free_links_.size() < links_.size();
  if (count <= 0 && waiting && MonotonicNs() - last_answer_ns_ > kSilenceMaxNs) {
    Fail("the server has been silent for half a minute");
  }
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (event.data.u64 == kProbeTag) {
      const uint64_t now_ns = MonotonicNs();
      probe_->ReadAnswer(now_ns, Progress(now_ns));
      continue;
    }
    Link& link = links_[event.data.u64];
    if ((event.events & EPOLLOUT) != 0) Flush(link);
    if ((event.events & ~EPOLLOUT) != 0) batch_.Receive(event.data.u64, link.fd, link.input);
  }
  if (batch_.size() == 0) return;
  uint64_t now_ns = 0;
  batch_.Run([this, &now_ns](size_t index, int64_t received) {
    if (now_ns == 0) now_ns = MonotonicNs();
    TakeReplies(links_[index], received, now_ns);
  });
}

}  // namespace torc::bench
