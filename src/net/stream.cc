#include "net/stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "net/address_text.h"
#include "net/stream_state.h"

namespace torc {
namespace {

// How much one stream may read in one RunOnce before the others get their turn. What is left in the
// kernel is reported again by the next one.
constexpr size_t kTurnBytesMax = size_t{1} << 20;
constexpr size_t kPiecesPerWrite = 16;

bool IsUnixSocket(int descriptor) {
  sockaddr_storage address{};
  socklen_t size_bytes = sizeof(address);
  const int result = getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size_bytes);
  return result == 0 && address.ss_family == AF_UNIX;
}

}  // namespace

int Stream::State::Init(bool is_unix) {
  const int result =
      is_unix ? uv_pipe_init(&loop->loop, &handle.pipe, 0) : uv_tcp_init(&loop->loop, &handle.tcp);
  handle.tcp.data = this;  // the same place in all kinds of handles
  return result;
}

void Stream::State::End(std::string_view error) {
  if (ended || handler == nullptr) return;
  ended = true;
  reading = false;
  uv_read_stop(stream());
  handler->OnEnd({.error = error});
}

void Stream::State::OnAlloc(uv_handle_t* handle, size_t /*suggested*/, uv_buf_t* out) {
  auto* const state = static_cast<State*>(handle->data);
  *out = uv_buf_init(nullptr, 0);  // libuv takes it for "not now" and asks again in the next turn
  if (state->turn != state->loop->turn) {
    state->turn = state->loop->turn;
    state->turn_bytes = 0;
  }
  if (state->turn_bytes >= kTurnBytesMax) return;
  if (state->tls != nullptr) {
    const std::span<char> room = state->CiphertextRoom();
    *out = uv_buf_init(room.data(), static_cast<unsigned>(room.size()));
    return;
  }
  std::span<char> room = state->handler->ReadTarget();
  state->into_arena = room.empty();
  if (state->into_arena) {
    if (state->turn_bytes > 0) return;
    room = state->loop->arena.Offer();
  }
  constexpr size_t kRoomBytesMax = size_t{1} << 30;
  *out = uv_buf_init(room.data(), static_cast<unsigned>(std::min(room.size(), kRoomBytesMax)));
}

void Stream::State::OnRead(uv_stream_t* stream, ssize_t size_bytes, const uv_buf_t* buf) {
  auto* const state = static_cast<State*>(stream->data);
  if (size_bytes == 0 || size_bytes == UV_ENOBUFS) return;
  if (size_bytes < 0) {
    const bool orderly = size_bytes == UV_EOF;
    return state->End(orderly ? "" : uv_strerror(static_cast<int>(size_bytes)));
  }
  const auto count = static_cast<size_t>(size_bytes);
  state->turn_bytes += count;
  if (state->tls != nullptr) return state->OnCiphertext({buf->base, count});
  if (state->into_arena) state->loop->arena.Take(count);
  state->handler->OnRead({buf->base, count});
}

void Stream::State::OnWritten(uv_write_t* request, int result) {
  const std::unique_ptr<Pending> pending(static_cast<Pending*>(request->data));
  auto* const state = static_cast<State*>(request->handle->data);
  if (state->handler == nullptr) return;
  if (result < 0) return state->End(uv_strerror(result));
  if (state->tls != nullptr) state->SendSealed();
  state->handler->OnWritable();
}

void Stream::Closer::operator()(State* state) const {
  state->handler = nullptr;
  if (state->tls != nullptr) {
    state->tls->SayClosed();
    state->SendSealed();
  }
  CloseThenDelete(state);
}

Stream Stream::Adopt(EventLoop* loop, int descriptor) {
  auto state = std::make_unique<State>(loop);
  const bool is_unix = IsUnixSocket(descriptor);
  if (state->Init(is_unix) != 0) {
    close(descriptor);
    return {};
  }
  Stream stream(state.release());
  const int result = is_unix ? uv_pipe_open(&stream.state_->handle.pipe, descriptor)
                             : uv_tcp_open(&stream.state_->handle.tcp, descriptor);
  if (result != 0) {
    close(descriptor);
    return {};
  }
  return stream;
}

void Stream::Attach(StreamHandler* handler) {
  TORC_CHECK(state_->handler == nullptr, "a stream has one owner");
  state_->handler = handler;
}

void Stream::StartReading() {
  TORC_CHECK(state_->handler != nullptr, "somebody listens before reading starts");
  if (state_->ended || reading()) return;
  const int result = uv_read_start(state_->stream(), State::OnAlloc, State::OnRead);
  TORC_CHECK(result == 0, "a stream that has not ended can be read");
  state_->reading = true;
}

void Stream::PauseReading() {
  state_->reading = false;
  uv_read_stop(state_->stream());
}

bool Stream::reading() const {
  return state_->reading;
}

Stream::WriteResult Stream::TryWrite(std::span<const std::string_view> pieces) {
  size_t written = 0;
  while (!pieces.empty()) {
    std::array<uv_buf_t, kPiecesPerWrite> bufs;
    const size_t count = std::min(pieces.size(), bufs.size());
    size_t offered = 0;
    for (size_t i = 0; i < count; ++i) {
      bufs[i] = {.base = const_cast<char*>(pieces[i].data()), .len = pieces[i].size()};
      offered += pieces[i].size();
    }
    pieces = pieces.subspan(count);
    if (offered == 0) continue;
    const int result = uv_try_write(state_->stream(), bufs.data(), static_cast<unsigned>(count));
    if (result == UV_EAGAIN) return {written, WriteOutcome::kBlocked};
    if (result < 0) return {written, WriteOutcome::kBroken};
    written += static_cast<size_t>(result);
    if (static_cast<size_t>(result) < offered) return {written, WriteOutcome::kBlocked};
  }
  return {written, WriteOutcome::kDone};
}

void Stream::State::WriteLater(Buffer bytes) {
  auto* const pending = new Pending{.request = {}, .bytes = std::move(bytes)};
  pending->request.data = pending;
  const uv_buf_t buf = {.base = pending->bytes.data(), .len = pending->bytes.size()};
  const int result = uv_write(&pending->request, stream(), &buf, 1, OnWritten);
  // Refused at once only on a connection whose end has been said: the bytes have nowhere to go.
  if (result != 0) delete pending;
}

void Stream::WriteLater(Buffer bytes) {
  TORC_CHECK(pending_bytes() == 0, "one WriteLater at a time");
  if (!bytes.empty()) state_->WriteLater(std::move(bytes));
}

size_t Stream::pending_bytes() const {
  return uv_stream_get_write_queue_size(state_->stream());
}

void Stream::SetNoDelay() {
  if (!is_unix()) uv_tcp_nodelay(&state_->handle.tcp, 1);
}

void Stream::SetKeepAlive(unsigned idle_seconds) {
  if (!is_unix()) uv_tcp_keepalive(&state_->handle.tcp, idle_seconds > 0 ? 1 : 0, idle_seconds);
}

bool Stream::is_unix() const {
  return state_->stream()->type == UV_NAMED_PIPE;
}

int Stream::descriptor() const {
  if (state_ == nullptr) return -1;
  uv_os_fd_t descriptor = -1;
  uv_fileno(reinterpret_cast<const uv_handle_t*>(state_->stream()), &descriptor);
  return descriptor;
}

std::string Stream::PeerAddress() const {
  // A Unix client has no name; its address is the path it connected to.
  if (state_ != nullptr && is_unix()) return LocalAddress();
  sockaddr_storage address{};
  socklen_t size_bytes = sizeof(address);
  getpeername(descriptor(), reinterpret_cast<sockaddr*>(&address), &size_bytes);
  return AddressText(address, size_bytes);
}

std::string Stream::LocalAddress() const {
  sockaddr_storage address{};
  socklen_t size_bytes = sizeof(address);
  getsockname(descriptor(), reinterpret_cast<sockaddr*>(&address), &size_bytes);
  return AddressText(address, size_bytes);
}

bool Stream::peer_is_local() const {
  if (state_ == nullptr) return false;
  if (is_unix()) return true;
  sockaddr_storage address{};
  socklen_t size_bytes = sizeof(address);
  getpeername(descriptor(), reinterpret_cast<sockaddr*>(&address), &size_bytes);
  return IsLocalAddress(address);
}

size_t Stream::allocated_bytes() {
  return sizeof(State);
}

}  // namespace torc
