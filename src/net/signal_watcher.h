#pragma once

// Turns a Unix signal into a callback within RunOnce. While a watcher lives the signal's default
// action is off.

#include <functional>
#include <memory>

#include "torc/status.h"

namespace torc {

class EventLoop;

class SignalWatcher {
 public:
  // `loop` must outlive the watcher. Fails for a signal that cannot be caught.
  static StatusOr<SignalWatcher> Watch(EventLoop* loop, int signal_number,
                                       std::function<void()> on_signal);

 private:
  struct State;
  struct Closer {
    void operator()(State* state) const;
  };
  explicit SignalWatcher(State* state) : state_(state) {}
  std::unique_ptr<State, Closer> state_;  // freed by the loop once the handle is closed
};

}  // namespace torc
