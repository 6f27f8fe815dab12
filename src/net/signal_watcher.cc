#include "net/signal_watcher.h"

#include <utility>

#include "net/uv_handle.h"

namespace torc {

struct SignalWatcher::State {
  uv_signal_t handle;
  std::function<void()> on_signal;

  static void OnSignal(uv_signal_t* handle, int /*signal_number*/) {
    static_cast<State*>(handle->data)->on_signal();
  }
};

void SignalWatcher::Closer::operator()(State* state) const {
  CloseThenDelete(state);
}

StatusOr<SignalWatcher> SignalWatcher::Watch(EventLoop* loop, int signal_number,
                                             std::function<void()> on_signal) {
  auto state = std::unique_ptr<State>(new State{.handle = {}, .on_signal = std::move(on_signal)});
  if (const int result = uv_signal_init(UvLoop(loop), &state->handle); result != 0) {
    return UvError(StatusCode::kResourceExhausted, "watching signals", result);
  }
  state->handle.data = state.get();
  SignalWatcher watcher(state.release());
  const int result = uv_signal_start(&watcher.state_->handle, State::OnSignal, signal_number);
  if (result != 0) {
    return UvError(StatusCode::kInvalidArgument, "watching signal " + std::to_string(signal_number),
                   result);
  }
  return watcher;
}

}  // namespace torc
