#pragma once

// TlsSession: one connection's encryption, without its socket: ciphertext in, plaintext out, and
// the other way round. OpenSSL reads from the bytes just received and writes into `sealed`, so
// nothing is kept between calls but what OpenSSL itself has of an unfinished record (16 KB at most)
// and what the socket did not take yet.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "net/tls_context.h"

struct ssl_st;

namespace torc {

class TlsSession {
 public:
  // The server's side of a handshake that the peer begins. The context may end before.
  explicit TlsSession(const TlsContext& context);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Bytes have arrived; they must stay until Read has returned 0.
  void Feed(std::string_view ciphertext) { incoming_ = ciphertext; }
  // Goes on with the handshake, then decrypts as much as `room` takes. 0: all that was fed is used
  // up, or the session has ended.
  size_t Read(std::span<char> room);
  // Encrypts, behind what `sealed` holds. False if the session has ended.
  bool Seal(std::string_view plaintext);
  // Says good-bye, once.
  void SayClosed();

  // What has to be sent. The owner consumes it.
  Buffer& sealed() { return sealed_; }
  const Buffer& sealed() const { return sealed_; }

  bool handshaking() const { return handshaking_; }
  // Nothing more can be read: the peer said good-bye, or `error` is why.
  bool ended() const { return ended_; }
  const std::string& error() const { return error_; }

 private:
  struct Transport;  // how OpenSSL reaches incoming_ and sealed_
  // Whether the operation may be tried again when more has arrived; else the session has ended.
  bool MayGoOn(int result);

  ssl_st* ssl_;
  std::string_view incoming_;
  Buffer sealed_;
  bool handshaking_ = true;
  bool ended_ = false;
  bool said_closed_ = false;
  std::string error_;
};

}  // namespace torc
