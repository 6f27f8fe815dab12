#pragma once

// A timer of a loop. Its callback runs within RunOnce and may restart, stop or destroy the timer.

#include <cstdint>
#include <functional>
#include <memory>

namespace torc {

class EventLoop;

class Timer {
 public:
  // `loop` must outlive the timer. Not started yet.
  Timer(EventLoop* loop, std::function<void()> on_due);

  // Each start replaces what was started before. Due to the millisecond; a late repetition does not
  // make up for lost ones.
  void StartOnce(uint64_t delay_ms);
  void StartRepeating(uint64_t period_ms);
  void Stop();
  bool active() const;

 private:
  struct State;
  struct Closer {
    void operator()(State* state) const;
  };
  std::unique_ptr<State, Closer> state_;  // freed by the loop once the handle is closed
};

}  // namespace torc
