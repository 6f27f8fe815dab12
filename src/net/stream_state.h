#pragma once

// For stream.cc and listener.cc only: what an open stream is made of. About 300 bytes, which with
// the connection's own must stay below 2 KB for an idle client.

#include <memory>
#include <string_view>

#include "base/buffer.h"
#include "net/stream.h"
#include "net/tls_session.h"
#include "net/uv_handle.h"

namespace torc {

struct Stream::State {
  // What a WriteLater holds until the kernel has taken it. Freed by its callback, which comes in
  // any case.
  struct Pending {
    uv_write_t request;
    Buffer bytes;
  };

  explicit State(EventLoop* owner) : loop(owner->state()) {}

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle); }
  const uv_stream_t* stream() const { return reinterpret_cast<const uv_stream_t*>(&handle); }
  // Prepares the handle for a connection of the kind; 0 or a libuv error, after which the state was
  // never open.
  int Init(bool is_unix);
  // Stops reading and says OnEnd, once.
  void End(std::string_view error);
  // Hands the bytes to libuv, which writes them as the peer reads. Some of them.
  void WriteLater(Buffer bytes);

  // --- TLS: stream_tls.cc ---
  // Where ciphertext is to be read into; none while nobody can take what it says.
  std::span<char> CiphertextRoom();
  // Ciphertext has arrived: says what it means, answers the handshake.
  void OnCiphertext(std::string_view ciphertext);
  // Sends what the session has sealed by itself: a handshake's next step, an alert.
  void SendSealed();

  static void OnAlloc(uv_handle_t* handle, size_t suggested, uv_buf_t* out);
  static void OnRead(uv_stream_t* stream, ssize_t size_bytes, const uv_buf_t* buf);
  static void OnWritten(uv_write_t* request, int result);

  union {
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } handle;
  EventLoop::State* loop;
  std::unique_ptr<TlsSession> tls;   // null: plain
  StreamHandler* handler = nullptr;  // null before Attach and after Close
  uint64_t turn = 0;                 // the RunOnce that turn_bytes belongs to
  size_t turn_bytes = 0;             // read within it
  bool into_arena = false;           // where the read under way goes
  bool reading = false;
  bool ended = false;  // OnEnd was said
};

}  // namespace torc
