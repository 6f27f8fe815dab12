#pragma once

// A connection's socket, TCP or Unix. Non-blocking, collected by the loop: callbacks say what
// happened, the owner acts after RunOnce.
//
// Writing is direct: TryWrite hands the kernel what it takes at once, with one system call. Only
// when the peer does not keep up is the rest given away with WriteLater, which takes the buffer
// itself, not a copy of its bytes, and says OnWritable when it is gone.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.h"

namespace torc {

class EventLoop;
class Listener;
class TlsContext;

// How a stream came to its end. The view is static.
struct StreamEnd {
  std::string_view error;  // the system's words; empty when the peer closed in order
  bool orderly() const { return error.empty(); }
};

// A stream's owner. All calls come from within RunOnce, and may close or destroy the stream.
class StreamHandler {
 public:
  // Where to read into: at least one byte, or nothing for the loop's arena. Called before each
  // read; the one call that must leave the stream alone.
  virtual std::span<char> ReadTarget() { return {}; }
  // Bytes have arrived: in the target, or in the arena, where they stay until EndTurn. Arena bytes
  // come at most once per RunOnce.
  virtual void OnRead(std::string_view bytes) = 0;
  // All of a WriteLater has been taken by the kernel.
  virtual void OnWritable() = 0;
  // No more will be read, or a WriteLater failed. May come in the same RunOnce as the last OnRead:
  // what was read still counts. Said at most once; the owner closes the stream when it is ready to.
  virtual void OnEnd(StreamEnd end) = 0;

 protected:
  ~StreamHandler() = default;
};

class Stream {
 public:
  // A closed one.
  Stream() = default;
  // Takes over a connected, non-blocking TCP or Unix socket; `loop` must outlive the stream. On
  // failure the stream is closed, and so is the descriptor.
  static Stream Adopt(EventLoop* loop, int descriptor);

  // Who is told; must outlive the stream or its Close(). To be called once, before StartReading.
  void Attach(StreamHandler* handler);
  void StartReading();
  // Stops reading until StartReading; what the peer sends waits in the kernel, and then in the
  // peer.
  void PauseReading();
  bool reading() const;

  enum class WriteOutcome {
    kDone,     // all bytes were taken
    kBlocked,  // the rest must wait: WriteLater
    kBroken,   // the connection is lost; close it
  };
  struct WriteResult {
    size_t written_bytes;
    WriteOutcome outcome;
  };
  // Hands the kernel what it takes now. kBlocked without a system call while a WriteLater is under
  // way.
  WriteResult TryWrite(std::span<const std::string_view> pieces);
  WriteResult TryWrite(std::string_view bytes) { return TryWrite({&bytes, 1}); }
  // Takes the bytes and writes them as the peer reads; one at a time.
  void WriteLater(Buffer bytes);
  // Bytes of a WriteLater that the kernel has not taken yet.
  size_t pending_bytes() const;

  // --- TLS
  // The peer speaks TLS: reading says plaintext from now on. Before StartReading.
  void StartTls(const TlsContext& context);
  bool encrypted() const;
  // Nothing was read yet, and nothing can be sealed, until the handshake is done.
  bool handshaking() const;
  // Encrypts for sending: the ciphertext joins `sealed`, which goes out by TryWrite or other means,
  // and then SealedSent. False if the session has ended: close the stream.
  bool Seal(std::string_view plaintext);
  std::string_view sealed() const;
  // The first so many bytes of `sealed` are gone; the rest goes by WriteLater.
  void SealedSent(size_t sent_bytes);

  // TCP only; no effect on a Unix socket. 0 seconds switches keep-alive off.
  void SetNoDelay();
  void SetKeepAlive(unsigned idle_seconds);
  bool is_unix() const;
  // As CLIENT LIST writes them: "127.0.0.1:1234", "[::1]:1234", "/path/of/socket:0". "?:0" when
  // unknown.
  std::string PeerAddress() const;
  std::string LocalAddress() const;
  // Whether the peer is this machine: a Unix socket, or a loopback address.
  bool peer_is_local() const;
  // -1 when closed.
  int descriptor() const;

  bool open() const { return state_ != nullptr; }
  // No callback comes after it; what a WriteLater still held is dropped. Idempotent.
  void Close() { state_.reset(); }
  // Bytes on the heap for an open stream without a WriteLater.
  static size_t allocated_bytes();

 private:
  friend class Listener;
  struct State;
  struct Closer {
    void operator()(State* state) const;
  };
  explicit Stream(State* state) : state_(state) {}

  std::unique_ptr<State, Closer> state_;  // freed by the loop once the handle is closed
};

}  // namespace torc
