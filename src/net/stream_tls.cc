// A stream's part in TLS: ciphertext goes from the socket through the session to the handler, and
// what the session wants to say goes out. One read of the socket gives at most one read of the
// handler's, so a turn's bytes lie as they do without TLS.

#include <string>

#include "base/check.h"
#include "base/log.h"
#include "net/stream_state.h"

namespace torc {
namespace {

// One read of the socket: a whole record.
constexpr size_t kCiphertextBytes = size_t{16} << 10;
// What it may decrypt to at most, together with the unfinished record that was there before.
constexpr size_t kPlaintextBytesMax = 2 * kCiphertextBytes + (size_t{8} << 10);
// What a peer that reads nothing may make its session say without being asked.
constexpr size_t kUnsentBytesMax = size_t{64} << 10;

}  // namespace

std::span<char> Stream::State::CiphertextRoom() {
  if (turn_bytes == 0) into_arena = false;
  // The arena takes bytes of a stream once in a turn.
  if (into_arena || loop->arena.Offer(kPlaintextBytesMax).empty()) return {};
  if (loop->ciphertext.empty()) loop->ciphertext.resize(kCiphertextBytes);
  return loop->ciphertext;
}

void Stream::State::OnCiphertext(std::string_view ciphertext) {
  const bool first = tls->handshaking();
  tls->Feed(ciphertext);
  // The handler may close the stream, and is null then.
  while (handler != nullptr) {
    std::span<char> room = handler->ReadTarget();
    into_arena = room.empty();
    if (into_arena) room = loop->arena.Offer(kPlaintextBytesMax);
    const size_t count = tls->Read(room);
    if (count == 0) break;
    if (into_arena) loop->arena.Take(count);
    handler->OnRead({room.data(), count});
    if (into_arena) break;
  }
  SendSealed();
  if (!tls->ended() || handler == nullptr) return;
  if (first && tls->handshaking() && !tls->error().empty()) {
    Log(LogLevel::kVerbose, "Error accepting a client connection: %s", tls->error().c_str());
  }
  End(tls->error());
}

void Stream::State::SendSealed() {
  Buffer& sealed = tls->sealed();
  if (sealed.empty()) return;
  if (uv_stream_get_write_queue_size(stream()) > 0) {
    // It goes when what is under way has gone.
    if (sealed.size() > kUnsentBytesMax) End("the peer reads nothing");
    return;
  }
  const uv_buf_t buf = {.base = sealed.data(), .len = sealed.size()};
  const int result = uv_try_write(stream(), &buf, 1);
  if (result < 0 && result != UV_EAGAIN) {
    sealed.Release();
    return End(uv_strerror(result));
  }
  if (result > 0) sealed.Consume(static_cast<size_t>(result));
  if (sealed.empty()) return sealed.Release();
  Buffer rest;
  rest.Swap(sealed);
  WriteLater(std::move(rest));
}

void Stream::StartTls(const TlsContext& context) {
  TORC_CHECK(!reading(), "TLS begins with the first byte");
  state_->tls = std::make_unique<TlsSession>(context);
}

bool Stream::encrypted() const {
  return state_ != nullptr && state_->tls != nullptr;
}

bool Stream::handshaking() const {
  return encrypted() && state_->tls->handshaking();
}

bool Stream::Seal(std::string_view plaintext) {
  return state_->tls->Seal(plaintext);
}

std::string_view Stream::sealed() const {
  return encrypted() ? state_->tls->sealed().view() : std::string_view();
}

void Stream::SealedSent(size_t sent_bytes) {
  Buffer& sealed = state_->tls->sealed();
  sealed.Consume(sent_bytes);
  if (sealed.empty()) return sealed.Release();
  Buffer rest;
  rest.Swap(sealed);
  WriteLater(std::move(rest));
}

}  // namespace torc
