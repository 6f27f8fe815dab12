#pragma once

// One thread's event loop, in the two phases of the server: RunOnce() waits and lets the callbacks
// of streams, timers and signals collect; then the caller executes what was collected, outside the
// loop, and says EndTurn(). libuv is not re-entrant, so nothing that executes commands runs within
// a callback; RunOnce may be called again within the execute phase, not within a callback.
//
// A quiet connection's request costs three system calls at most: epoll_wait, shared by all that
// became ready together, read and write.

#include <functional>
#include <memory>

#include "net/read_arena.h"
#include "torc/status.h"

namespace torc {

class EventLoop {
 public:
  enum class Wait { kForEvent, kDontWait };

  // Fails when the process has no descriptors left.
  static StatusOr<std::unique_ptr<EventLoop>> Create();
  // All streams, listeners, timers and signal watchers of the loop must be gone; finishes closing
  // them.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Waits until something happens (or not), and runs the callbacks of all that has happened.
  void RunOnce(Wait wait);
  // What streams read into the loop's arena since the last EndTurn is no longer looked at.
  void EndTurn();
  // A turn within a turn: RunOnce may be called, and what it brings is done with before
  // EndNestedTurn.
  using NestedTurn = ReadArena::Mark;
  NestedTurn BeginNestedTurn() const;
  void EndNestedTurn(const NestedTurn& begin);

  // Any thread: runs `work` on the loop's thread within one of the next RunOnce, in the order
  // posted.
  void Post(std::function<void()> work);
  // Any thread, and signal handlers: makes a RunOnce that waits return.
  void Wake();
  // Any thread, and signal handlers: stop_requested() is true from now on, and a RunOnce that waits
  // returns.
  void RequestStop();
  bool stop_requested() const;

  // For the room's own handles.
  struct State;
  State* state() { return state_.get(); }

 private:
  explicit EventLoop(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace torc
