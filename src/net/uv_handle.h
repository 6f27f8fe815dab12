#pragma once

// For the .cc files of this room only: what its handles share. A handle's state holds the uv handle
// and what its callbacks need; the handle's `data` points back to it. The state is freed by the
// close callback, when libuv no longer knows the handle, so a wrapper may die within its own
// callback.

#include <uv.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "net/event_loop.h"
#include "net/read_arena.h"
#include "torc/status.h"

namespace torc {

struct EventLoop::State {
  uv_loop_t loop;
  // Not a uv_async_t: libuv's loop spins until the thread that wakes it has left uv_async_send, and
  // that thread, woken from, may not run again for milliseconds where both share a core.
  int wake_descriptor = -1;
  uv_poll_t wake;
  std::atomic<bool> woken = false;  // the descriptor is readable, or about to be
  std::atomic<bool> stop_requested{false};
  std::mutex posted_mutex;
  std::vector<std::function<void()>> posted;  // guarded by posted_mutex
  ReadArena arena;
  std::vector<char> ciphertext;  // where TLS streams read into; empty until there is one
  uint64_t turn = 0;             // counts RunOnce
};

inline uv_loop_t* UvLoop(EventLoop* loop) {
  return &loop->state()->loop;
}

// `State` has a member `handle` whose first member is what uv_handle_t is, with data pointing to
// the state.
template <typename State>
void CloseThenDelete(State* state) {
  auto* const handle = reinterpret_cast<uv_handle_t*>(&state->handle);
  uv_close(handle, [](uv_handle_t* closed) { delete static_cast<State*>(closed->data); });
}

// "<what>: <the system's words>" for a negative libuv result.
Status UvError(StatusCode code, std::string what, int uv_result);

}  // namespace torc
