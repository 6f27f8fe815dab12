#include "net/tls_session.h"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/rng.h"

namespace torc {
namespace {

// A key and a certificate of its own, in files that go with it.
class Identity {
 public:
  Identity() {
    char name[] = "/tmp/tls_session_test_XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    folder_ = name;
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    REQUIRE(X509_sign(certificate, key, EVP_sha256()) > 0);
    FILE* file = std::fopen(certificate_file().c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(key_file().c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  ~Identity() {
    unlink(certificate_file().c_str());
    unlink(key_file().c_str());
    rmdir(folder_.c_str());
  }
  std::string certificate_file() const { return folder_ + "/crt"; }
  std::string key_file() const { return folder_ + "/key"; }
  TlsOptions Options() const {
    TlsOptions options;
    options.certificate_file = certificate_file();
    options.key_file = key_file();
    options.client_certificates = TlsClientCertificates::kNo;
    return options;
  }

 private:
  std::string folder_;
};

// OpenSSL's client over two memory buffers.
class Client {
 public:
  Client() : context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_)) {
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_);
  }
  ~Client() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  void Receive(std::string_view bytes) {
    BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
  }
  bool Handshake() { return SSL_do_handshake(ssl_) == 1; }
  void Write(std::string_view text) {
    REQUIRE(SSL_write(ssl_, text.data(), static_cast<int>(text.size())) ==
            static_cast<int>(text.size()));
  }
  std::string Read() {
    std::string all;
    std::array<char, 4096> room;
    for (int n; (n = SSL_read(ssl_, room.data(), room.size())) > 0;) {
      all.append(room.data(), static_cast<size_t>(n));
    }
    return all;
  }
  bool ToldClosed() const { return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0; }
  void SayClosed() { SSL_shutdown(ssl_); }
  // What the client wants to send.
  std::string Sent() {
    std::string all(BIO_ctrl_pending(SSL_get_wbio(ssl_)), '\0');
    if (!all.empty()) BIO_read(SSL_get_wbio(ssl_), all.data(), static_cast<int>(all.size()));
    return all;
  }

 private:
  SSL_CTX* context_;
  SSL* ssl_;
};

std::unique_ptr<TlsContext> Context(const TlsOptions& options) {
  auto made = TlsContext::Create(options);
  REQUIRE_MESSAGE(made.ok(), made.status().message());
  return std::move(made).value();
}

std::string Taken(TlsSession& session) {
  std::string all(session.sealed().view());
  session.sealed().Consume(all.size());
  return all;
}

// Feeds ciphertext in pieces of 1 to `piece_max` bytes; the plaintext, read with little room.
std::string FeedInPieces(TlsSession& session, std::string_view ciphertext, size_t piece_max,
                         Rng& rng) {
  std::string plaintext;
  std::array<char, 700> room;
  while (!ciphertext.empty()) {
    const size_t count = std::min<size_t>(1 + rng.Below(piece_max), ciphertext.size());
    session.Feed(ciphertext.substr(0, count));
    ciphertext.remove_prefix(count);
    for (size_t n; (n = session.Read(room)) > 0;) plaintext.append(room.data(), n);
  }
  return plaintext;
}

struct Connected {
  Identity identity;
  std::unique_ptr<TlsContext> context = Context(identity.Options());
  TlsSession server{*context};
  Client client;
  Rng rng{7};

  explicit Connected(size_t piece_max = 100000) {
    for (int i = 0; i < 4 && !client.Handshake(); ++i) {
      FeedInPieces(server, client.Sent(), piece_max, rng);
      client.Receive(Taken(server));
    }
    FeedInPieces(server, client.Sent(), piece_max, rng);
    client.Receive(Taken(server));
    REQUIRE_FALSE(server.handshaking());
  }
};

TEST_CASE("what one side says the other hears, in whatever pieces it arrives") {
  for (const size_t piece_max : {size_t{1}, size_t{3}, size_t{1000}, size_t{100000}}) {
    CAPTURE(piece_max);
    Connected c(piece_max);
    std::string text;
    while (text.size() < 50000) text += static_cast<char>(c.rng.Below(256));
    c.client.Write(text);
    CHECK(FeedInPieces(c.server, c.client.Sent(), piece_max, c.rng) == text);
    CHECK(c.server.Seal(text));
    CHECK(c.server.Seal("more"));
    c.client.Receive(Taken(c.server));
    CHECK(c.client.Read() == text + "more");
    CHECK_FALSE(c.server.ended());
  }
}

TEST_CASE("a session goes on when its context has been replaced") {
  Connected c;
  c.context.reset();
  CHECK(c.server.Seal("still here"));
  c.client.Receive(Taken(c.server));
  CHECK(c.client.Read() == "still here");
}

TEST_CASE("both sides can say good-bye") {
  Connected c;
  c.server.SayClosed();
  c.server.SayClosed();
  c.client.Receive(Taken(c.server));
  CHECK(c.client.Read().empty());
  CHECK(c.client.ToldClosed());
  CHECK_FALSE(c.server.Seal("too late"));
  c.client.SayClosed();
  FeedInPieces(c.server, c.client.Sent(), 5, c.rng);
  CHECK(c.server.ended());
  CHECK(c.server.error().empty());
}

TEST_CASE("nonsense ends a session with a reason, and nothing may be sealed then") {
  Identity identity;
  const auto context = Context(identity.Options());
  Rng rng(11);
  for (int round = 0; round < 50; ++round) {
    TlsSession session(*context);
    std::string bytes = round == 0 ? "PING\r\n" : "";
    while (bytes.size() < 400) bytes += static_cast<char>(rng.Below(256));
    CHECK(FeedInPieces(session, bytes, 50, rng).empty());
    CHECK(session.ended());
    CHECK_FALSE(session.error().empty());
    CHECK_FALSE(session.Seal("x"));
    CHECK(session.sealed().size() < 100);  // an alert at most
  }
}

TEST_CASE("a record that was tampered with ends the session") {
  Connected c;
  c.client.Write("hello");
  std::string bytes = c.client.Sent();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  CHECK(FeedInPieces(c.server, bytes, 10, c.rng).empty());
  CHECK(c.server.ended());
  CHECK_FALSE(c.server.error().empty());
}

TEST_CASE("a context that cannot work says why") {
  const Identity identity;
  const Identity other;
  const auto reason = [](const TlsOptions& options) {
    const auto made = TlsContext::Create(options);
    return made.ok() ? std::string("made") : made.status().message();
  };
  TlsOptions options = identity.Options();
  CHECK(reason(options) == "made");
  options.key_file = other.key_file();
  CHECK(reason(options).find("Failed to load private key") == 0);
  options = identity.Options();
  options.certificate_file.clear();
  CHECK(reason(options) == "No tls-cert-file configured!");
  options = identity.Options();
  options.client_certificates = TlsClientCertificates::kYes;
  CHECK(reason(options).find("Either tls-ca-cert-file") == 0);
  options.trusted_file = identity.certificate_file();
  CHECK(reason(options) == "made");
  options.trusted_file = "/nowhere";
  CHECK(reason(options).find("Failed to configure CA certificate") == 0);
  options = identity.Options();
  options.protocols = "TLSv1.2 TLSv7";
  CHECK(reason(options).find("Invalid tls-protocols") == 0);
  options.protocols = " TLSv1.3";
  CHECK(reason(options) == "made");
  options.ciphers = "nothing";
  CHECK(reason(options).find("Failed to configure ciphers") == 0);
  options = identity.Options();
  options.cipher_suites = "nothing";
  CHECK(reason(options).find("Failed to configure ciphersuites") == 0);
  options = identity.Options();
  options.dh_params_file = identity.key_file();
  CHECK(reason(options).find("failed to read DH parameters") != std::string::npos);
}

}  // namespace
}  // namespace torc
