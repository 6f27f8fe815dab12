#include "net/tls_context.h"

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/text.h"

namespace torc {
namespace {

// What a client may send as its chain of certificates.
constexpr long kCertificateBytesMax = long{64} << 10;

// `what`, and OpenSSL's reason.
Status TlsError(const std::string& what) {
  char text[256] = "";
  ERR_error_string_n(ERR_peek_last_error(), text, sizeof(text));
  ERR_clear_error();
  return Status::InvalidArgument(what + ": " + text);
}

int GivePassword(char* out, int room, int /*writing*/, void* data) {
  const auto& password = *static_cast<const std::string*>(data);
  if (password.size() > static_cast<size_t>(room)) return -1;
  std::memcpy(out, password.data(), password.size());
  return static_cast<int>(password.size());
}

Status SetProtocols(SSL_CTX* context, const std::string& protocols) {
  struct Protocol {
    std::string_view name;
    uint64_t off;
  };
  constexpr Protocol kProtocols[] = {{"TLSv1", SSL_OP_NO_TLSv1},
                                     {"TLSv1.1", SSL_OP_NO_TLSv1_1},
                                     {"TLSv1.2", SSL_OP_NO_TLSv1_2},
                                     {"TLSv1.3", SSL_OP_NO_TLSv1_3}};
  uint64_t off = SSL_OP_NO_SSLv3;
  for (const Protocol& each : kProtocols) off |= each.off;
  std::string_view wanted = protocols;
  if (wanted.empty()) wanted = "TLSv1.2 TLSv1.3";
  for (const std::string_view word : Split(wanted, ' ')) {
    if (word.empty()) continue;
    const auto* known =
        std::find_if(std::begin(kProtocols), std::end(kProtocols),
                     [word](const Protocol& each) { return EqualsIgnoreCase(each.name, word); });
    if (known == std::end(kProtocols)) {
      return Status::InvalidArgument(
          "Invalid tls-protocols specified. Use a combination of TLSv1, TLSv1.1, TLSv1.2 and "
          "TLSv1.3.");
    }
    off &= ~known->off;
  }
  SSL_CTX_set_options(context, off);
  return Status::Ok();
}

Status LoadOwnCertificate(SSL_CTX* context, const TlsOptions& options) {
  if (options.certificate_file.empty()) {
    return Status::InvalidArgument("No tls-cert-file configured!");
  }
  if (options.key_file.empty()) return Status::InvalidArgument("No tls-key-file configured!");
  const char* certificate = options.certificate_file.c_str();
  if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1) {
    return TlsError("Failed to load certificate: " + options.certificate_file);
  }
  SSL_CTX_set_default_passwd_cb(context, GivePassword);
  SSL_CTX_set_default_passwd_cb_userdata(context, const_cast<std::string*>(&options.key_password));
  const bool loaded =
      SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  // The options end before the context does.
  SSL_CTX_set_default_passwd_cb(context, nullptr);
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (!loaded) return TlsError("Failed to load private key: " + options.key_file);
  if (SSL_CTX_check_private_key(context) != 1) {
    return TlsError("The private key does not belong to the certificate");
  }
  return Status::Ok();
}

Status SetTrust(SSL_CTX* context, const TlsOptions& options) {
  const char* file = options.trusted_file.empty() ? nullptr : options.trusted_file.c_str();
  const char* folder =
      options.trusted_directory.empty() ? nullptr : options.trusted_directory.c_str();
  if (file == nullptr && folder == nullptr) {
    if (options.client_certificates == TlsClientCertificates::kNo) return Status::Ok();
    return Status::InvalidArgument(
        "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, "
        "tls-replication or tls-auth-clients are enabled!");
  }
  if (SSL_CTX_load_verify_locations(context, file, folder) != 1) {
    return TlsError("Failed to configure CA certificate(s) file/directory");
  }
  int mode = SSL_VERIFY_NONE;
  if (options.client_certificates != TlsClientCertificates::kNo) mode = SSL_VERIFY_PEER;
  if (options.client_certificates == TlsClientCertificates::kYes) {
    mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  SSL_CTX_set_verify(context, mode, nullptr);
  SSL_CTX_set_max_cert_list(context, kCertificateBytesMax);
  return Status::Ok();
}

Status SetDhParams(SSL_CTX* context, const std::string& path) {
  SSL_CTX_set_dh_auto(context, 1);
  if (path.empty()) return Status::Ok();
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "r"), &BIO_free);
  if (file == nullptr) return TlsError(path + ": failed to read DH parameters");
  EVP_PKEY* params = PEM_read_bio_Parameters(file.get(), nullptr);
  if (params == nullptr) return TlsError(path + ": failed to read DH parameters");
  if (SSL_CTX_set0_tmp_dh_pkey(context, params) == 1) return Status::Ok();
  EVP_PKEY_free(params);
  return TlsError(path + ": failed to load DH parameters");
}

Status SetCiphers(SSL_CTX* context, const TlsOptions& options) {
  const char* ciphers = options.ciphers.c_str();
  if (*ciphers != '\0' && SSL_CTX_set_cipher_list(context, ciphers) != 1) {
    return TlsError("Failed to configure ciphers: " + options.ciphers);
  }
  const char* suites = options.cipher_suites.c_str();
  if (*suites != '\0' && SSL_CTX_set_ciphersuites(context, suites) != 1) {
    return TlsError("Failed to configure ciphersuites: " + options.cipher_suites);
  }
  if (options.prefer_server_ciphers) {
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  }
  return Status::Ok();
}

void SetSessions(SSL_CTX* context, const TlsOptions& options) {
  if (!options.session_caching) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return;
  }
  constexpr unsigned char kId[] = "torc";
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size(context, options.session_cache_size);
  SSL_CTX_set_timeout(context, options.session_cache_timeout_s);
  SSL_CTX_set_session_id_context(context, kId, sizeof(kId) - 1);
}

}  // namespace

StatusOr<std::unique_ptr<TlsContext>> TlsContext::Create(const TlsOptions& options) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return TlsError("OpenSSL has no context to give");
  std::unique_ptr<TlsContext> made(new TlsContext(context));
  SSL_CTX_set_options(
      context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // An idle connection gives its buffers back.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  TORC_RETURN_IF_ERROR(SetProtocols(context, options.protocols));
  TORC_RETURN_IF_ERROR(LoadOwnCertificate(context, options));
  TORC_RETURN_IF_ERROR(SetTrust(context, options));
  TORC_RETURN_IF_ERROR(SetDhParams(context, options.dh_params_file));
  TORC_RETURN_IF_ERROR(SetCiphers(context, options));
  SetSessions(context, options);
  return made;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

}  // namespace torc
