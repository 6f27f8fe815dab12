#pragma once

#include <functional>

namespace torc {

// Where work goes that may block: a disk's. The server has a thread for it; tests and embedders
// wait.
class WorkQueue {
 public:
  virtual ~WorkQueue() = default;
  // Runs `work` away from the calling shard's thread, in the order of calls, and `then`, behind it,
  // on that thread, between commands. Both are run even when the process ends in good order.
  virtual void Run(std::function<void()> work, std::function<void()> then) = 0;
  // Blocks until at least one more `then` has been run; only while one is outstanding.
  virtual void Wait() = 0;
};

// At once, on the calling thread.
class InlineWorkQueue final : public WorkQueue {
 public:
  void Run(std::function<void()> work, std::function<void()> then) override {
    work();
    then();
  }
  void Wait() override {}
};

}  // namespace torc
