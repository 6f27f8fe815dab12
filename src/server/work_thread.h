#pragma once

// WorkThread: one thread for work that blocks on the disk, and the way back to a loop's thread.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "net/event_loop.h"
#include "persist/work_queue.h"

namespace torc {

class WorkThread final : public WorkQueue {
 public:
  // `then` runs on the thread of this loop, which must outlive the object, by way of `run`, where
  // that is given.
  explicit WorkThread(EventLoop* loop, std::function<void(std::function<void()>)> run = {});
  // Finishes all work; every `then` must have been run (Wait).
  ~WorkThread() override;
  WorkThread(const WorkThread&) = delete;
  WorkThread& operator=(const WorkThread&) = delete;

  void Run(std::function<void()> work, std::function<void()> then) override;
  void Wait() override;

 private:
  struct Item {
    std::function<void()> work;
    std::function<void()> then;
  };
  void Serve();
  // Runs what has come back; the loop's thread.
  void Deliver();

  EventLoop* loop_;
  std::function<void(std::function<void()>)> run_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> waiting_;
  std::deque<Item> finished_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace torc
