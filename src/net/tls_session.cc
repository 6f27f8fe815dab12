#include "net/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace torc {

struct TlsSession::Transport {
  static TlsSession* Of(BIO* bio) { return static_cast<TlsSession*>(BIO_get_data(bio)); }

  static int Read(BIO* bio, char* out, int room) {
    std::string_view& incoming = Of(bio)->incoming_;
    BIO_clear_retry_flags(bio);
    if (incoming.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const size_t count = std::min(incoming.size(), static_cast<size_t>(room));
    std::memcpy(out, incoming.data(), count);
    incoming.remove_prefix(count);
    return static_cast<int>(count);
  }

  static int Write(BIO* bio, const char* bytes, int count) {
    BIO_clear_retry_flags(bio);
    Of(bio)->sealed_.Append({bytes, static_cast<size_t>(count)});
    return count;
  }

  static long Control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static int Create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  static BIO_METHOD* Make() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "torc");
    TORC_CHECK(method != nullptr, "OpenSSL can describe a transport");
    BIO_meth_set_read(method, Read);
    BIO_meth_set_write(method, Write);
    BIO_meth_set_ctrl(method, Control);
    BIO_meth_set_create(method, Create);
    return method;
  }
  static const BIO_METHOD* Method() {
    static const BIO_METHOD* const method = Make();
    return method;
  }
};

TlsSession::TlsSession(const TlsContext& context) : ssl_(SSL_new(context.get())) {
  TORC_CHECK(ssl_ != nullptr, "OpenSSL has memory for a session");
  BIO* bio = BIO_new(Transport::Method());
  TORC_CHECK(bio != nullptr, "OpenSSL has memory for a transport");
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}

TlsSession::~TlsSession() {
  SSL_free(ssl_);
}

bool TlsSession::MayGoOn(int result) {
  const int reason = SSL_get_error(ssl_, result);
  if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) return true;
  ended_ = true;
  if (reason != SSL_ERROR_ZERO_RETURN) {
    char text[256] = "";
    const unsigned long code = ERR_peek_last_error();
    if (code != 0) ERR_error_string_n(code, text, sizeof(text));
    error_ = code != 0 ? text : "the TLS session broke";
    said_closed_ = true;  // nothing may follow a fatal error
  }
  ERR_clear_error();
  return false;
}

size_t TlsSession::Read(std::span<char> room) {
  if (ended_ || (!handshaking_ && incoming_.empty() && SSL_pending(ssl_) == 0)) return 0;
  ERR_clear_error();
  if (handshaking_) {
    const int result = SSL_do_handshake(ssl_);
    if (result != 1) {
      (void)MayGoOn(result);
      return 0;
    }
    handshaking_ = false;
  }
  size_t total = 0;
  while (total < room.size()) {
    size_t count = 0;
    const int result = SSL_read_ex(ssl_, room.data() + total, room.size() - total, &count);
    if (result != 1) {
      (void)MayGoOn(result);
      break;
    }
    total += count;
    // Another try would take a buffer for a whole record, to find nothing to put into it.
    if (incoming_.empty() && SSL_pending(ssl_) == 0) break;
  }
  return total;
}

bool TlsSession::Seal(std::string_view plaintext) {
  if (handshaking_ || said_closed_) return false;
  ERR_clear_error();
  // Records of 16 KB at most; all of them go into `sealed`, which never refuses.
  while (!plaintext.empty()) {
    size_t count = 0;
    const int result = SSL_write_ex(ssl_, plaintext.data(), plaintext.size(), &count);
    if (result != 1) {
      (void)MayGoOn(result);
      ended_ = said_closed_ = true;
      return false;
    }
    plaintext.remove_prefix(count);
  }
  return true;
}

void TlsSession::SayClosed() {
  if (handshaking_ || said_closed_) return;
  said_closed_ = true;
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

}  // namespace torc
