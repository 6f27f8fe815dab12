#include "net/timer.h"

#include <utility>

#include "base/check.h"
#include "net/uv_handle.h"

namespace torc {

struct Timer::State {
  uv_timer_t handle;
  std::function<void()> on_due;

  static void OnDue(uv_timer_t* handle) { static_cast<State*>(handle->data)->on_due(); }

  // The loop's own idea of the time is as old as its last wait: what ran since must not shorten the
  // delay.
  void Start(uint64_t delay_ms, uint64_t period_ms) {
    uv_update_time(handle.loop);
    const int result = uv_timer_start(&handle, OnDue, delay_ms, period_ms);
    TORC_CHECK(result == 0, "an open timer starts");
  }
};

void Timer::Closer::operator()(State* state) const {
  CloseThenDelete(state);
}

Timer::Timer(EventLoop* loop, std::function<void()> on_due)
    : state_(new State{.handle = {}, .on_due = std::move(on_due)}) {
  uv_timer_init(UvLoop(loop), &state_->handle);
  state_->handle.data = state_.get();
}

void Timer::StartOnce(uint64_t delay_ms) {
  state_->Start(delay_ms, 0);
}

void Timer::StartRepeating(uint64_t period_ms) {
  TORC_CHECK(period_ms > 0, "a repeating timer has a period");
  state_->Start(period_ms, period_ms);
}

void Timer::Stop() {
  uv_timer_stop(&state_->handle);
}

bool Timer::active() const {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(&state_->handle)) != 0;
}

}  // namespace torc
