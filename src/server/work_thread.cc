#include "server/work_thread.h"

#include <sched.h>

#include <utility>

#include "server/scheduling.h"

namespace torc {
namespace {

// Where it shares a core with a shard, the shard's clients come first: at equal priority it held
// the core for up to 6 ms at a time. At the lowest it would starve beside a loop that polls.
constexpr int kNiceness = 5;

}  // namespace

WorkThread::WorkThread(EventLoop* loop, std::function<void(std::function<void()>)> run)
    : loop_(loop), run_(std::move(run)), thread_([this] { Serve(); }) {}

WorkThread::~WorkThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void WorkThread::Run(std::function<void()> work, std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(work), std::move(then)});
  }
  changed_.notify_all();
}

void WorkThread::Serve() {
  WorkInBackground("torc-work", kNiceness);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Item item = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    item.work();
    // A loop on this core that never sleeps gets its turn now, not at the next tick of the clock.
    sched_yield();
    lock.lock();
    finished_.push_back(std::move(item));
    // Several may come back before the loop looks: one message is enough.
    const bool tell = finished_.size() == 1;
    changed_.notify_all();
    lock.unlock();
    if (tell) {
      loop_->Post([this] { run_ ? run_([this] { Deliver(); }) : Deliver(); });
    }
    lock.lock();
  }
}

void WorkThread::Deliver() {
  std::deque<Item> finished;
  {
    const std::lock_guard lock(mutex_);
    finished.swap(finished_);
  }
  for (const Item& item : finished) item.then();
}

void WorkThread::Wait() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !finished_.empty(); });
  }
  Deliver();
}

}  // namespace torc
