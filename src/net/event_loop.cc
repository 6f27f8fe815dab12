#include "net/event_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "net/uv_handle.h"

namespace torc {
namespace {

void RunPosted(uv_poll_t* wake, int /*result*/, int /*events*/) {
  auto* const state = static_cast<EventLoop::State*>(wake->data);
  uint64_t count = 0;
  while (read(state->wake_descriptor, &count, sizeof(count)) < 0 && errno == EINTR) {
  }
  // Who posts from here on wakes again.
  state->woken.store(false);
  std::vector<std::function<void()>> posted;
  {
    const std::lock_guard lock(state->posted_mutex);
    posted.swap(state->posted);
  }
  for (const auto& work : posted) work();
}

// The system's own wording where the code is the system's: operators and tools know it.
const char* UvErrorText(int uv_result) {
  constexpr int kSystemErrorMax = 1000;  // libuv's own codes lie beyond
  return uv_result > -kSystemErrorMax ? std::strerror(-uv_result) : uv_strerror(uv_result);
}

}  // namespace

Status UvError(StatusCode code, std::string what, int uv_result) {
  what += ": ";
  what += UvErrorText(uv_result);
  return {code, std::move(what)};
}

EventLoop::EventLoop(std::unique_ptr<State> state) : state_(std::move(state)) {}

StatusOr<std::unique_ptr<EventLoop>> EventLoop::Create() {
  auto state = std::make_unique<State>();
  if (const int result = uv_loop_init(&state->loop); result != 0) {
    return UvError(StatusCode::kResourceExhausted, "creating an event loop", result);
  }
  state->wake_descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (state->wake_descriptor < 0) {
    const int error = errno;
    uv_loop_close(&state->loop);
    return UvError(StatusCode::kResourceExhausted, "creating an event loop", -error);
  }
  TORC_CHECK(uv_poll_init(&state->loop, &state->wake, state->wake_descriptor) == 0 &&
                 uv_poll_start(&state->wake, UV_READABLE, RunPosted) == 0,
             "a new descriptor can be watched");
  state->wake.data = state.get();
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(state)));
}

EventLoop::~EventLoop() {
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->wake), nullptr);
  // Handles that are being closed need one round; writes that they cancel may need another.
  constexpr int kRounds = 3;
  for (int i = 0; i < kRounds; ++i) uv_run(&state_->loop, UV_RUN_NOWAIT);
  TORC_CHECK(uv_loop_close(&state_->loop) == 0,
             "streams, timers and watchers die before their loop");
  close(state_->wake_descriptor);
}

void EventLoop::RunOnce(Wait wait) {
  ++state_->turn;
  uv_run(&state_->loop, wait == Wait::kForEvent ? UV_RUN_ONCE : UV_RUN_NOWAIT);
}

void EventLoop::EndTurn() {
  state_->arena.Reset();
}

EventLoop::NestedTurn EventLoop::BeginNestedTurn() const {
  return state_->arena.mark();
}

void EventLoop::EndNestedTurn(const NestedTurn& begin) {
  state_->arena.ResetTo(begin);
}

void EventLoop::Post(std::function<void()> work) {
  {
    const std::lock_guard lock(state_->posted_mutex);
    state_->posted.push_back(std::move(work));
  }
  Wake();
}

void EventLoop::Wake() {
  if (state_->woken.exchange(true)) return;
  const uint64_t one = 1;
  while (write(state_->wake_descriptor, &one, sizeof(one)) < 0 && errno == EINTR) {
  }
}

void EventLoop::RequestStop() {
  state_->stop_requested.store(true);
  Wake();
}

bool EventLoop::stop_requested() const {
  return state_->stop_requested.load();
}

}  // namespace torc
