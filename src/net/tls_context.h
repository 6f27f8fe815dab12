#pragma once

// TlsContext: what all TLS connections of a server have in common: its certificate and key, whom it
// trusts, protocols and ciphers. Made from options as a whole; a changed option makes a new one.
// Sessions hold what they need of the context they began with, so a server may replace it at any
// time: connections that are open go on, new ones use the new.
//
// Only tls_context.cc and tls_session.cc include OpenSSL's headers.

#include <cstdint>
#include <memory>
#include <string>

#include "torc/status.h"

struct ssl_ctx_st;

namespace torc {

enum class TlsClientCertificates : uint8_t { kNo, kYes, kOptional };

// Redis's settings. Files are PEM.
struct TlsOptions {
  std::string certificate_file;
  std::string key_file;
  std::string key_password;
  std::string trusted_file;       // certificates of authorities
  std::string trusted_directory;  // the same, by the names that c_rehash makes
  std::string dh_params_file;
  TlsClientCertificates client_certificates = TlsClientCertificates::kYes;
  std::string protocols;      // "TLSv1.2 TLSv1.3"; empty: these two
  std::string ciphers;        // of TLS 1.2 and before, as OpenSSL writes them; empty: its choice
  std::string cipher_suites;  // of TLS 1.3
  bool prefer_server_ciphers = false;
  bool session_caching = true;
  int64_t session_cache_size = 20480;  // sessions
  int64_t session_cache_timeout_s = 300;
};

class TlsContext {
 public:
  // Reads the files. The message of an error is for the operator's log.
  static StatusOr<std::unique_ptr<TlsContext>> Create(const TlsOptions& options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // For tls_session.cc.
  ssl_ctx_st* get() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

}  // namespace torc
