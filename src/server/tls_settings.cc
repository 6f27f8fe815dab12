#include "server/tls_settings.h"

#include <limits>
#include <utility>

#include "base/log.h"

namespace torc {
namespace {

constexpr ConfigChoice kClientCertificates[] = {
    {"no", static_cast<int>(TlsClientCertificates::kNo)},
    {"yes", static_cast<int>(TlsClientCertificates::kYes)},
    {"optional", static_cast<int>(TlsClientCertificates::kOptional)}};

}  // namespace

TlsSettings::TlsSettings(ConfigRegistry& config, ConfigApply listen_again) {
  constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();
  const ConfigApply apply = [this] { return Apply(); };
  config.Integer({.name = "tls-port", .min = 0, .max = 65535}, &port_,
                 [this, listen = std::move(listen_again)] {
                   TORC_RETURN_IF_ERROR(Apply());
                   return listen();
                 });
  config.Text({.name = "tls-cert-file"}, &options_.certificate_file, apply);
  config.Text({.name = "tls-key-file"}, &options_.key_file, apply);
  config.Text({.name = "tls-key-file-pass", .sensitive = true}, &options_.key_password, apply);
  config.Text({.name = "tls-ca-cert-file"}, &options_.trusted_file, apply);
  config.Text({.name = "tls-ca-cert-dir"}, &options_.trusted_directory, apply);
  config.Text({.name = "tls-dh-params-file"}, &options_.dh_params_file, apply);
  config.Enum({.name = "tls-auth-clients"}, kClientCertificates, &options_.client_certificates,
              apply);
  config.Text({.name = "tls-protocols"}, &options_.protocols, apply);
  config.Text({.name = "tls-ciphers"}, &options_.ciphers, apply);
  config.Text({.name = "tls-ciphersuites"}, &options_.cipher_suites, apply);
  config.YesNo({.name = "tls-prefer-server-ciphers"}, &options_.prefer_server_ciphers, apply);
  config.YesNo({.name = "tls-session-caching"}, &options_.session_caching, apply);
  config.Integer({.name = "tls-session-cache-size", .min = 0, .max = kInt32Max},
                 &options_.session_cache_size, apply);
  config.Integer({.name = "tls-session-cache-timeout", .min = 0, .max = kInt32Max},
                 &options_.session_cache_timeout_s, apply);
}

Status TlsSettings::Start() {
  if (port_ == 0) {
    Use(nullptr);
    return Status::Ok();
  }
  auto made = TlsContext::Create(options_);
  if (!made.ok()) return made.status();
  Use(std::move(made).value());
  return Status::Ok();
}

void TlsSettings::Use(std::unique_ptr<TlsContext> context) {
  if (context_ != nullptr) replaced_.push_back(std::move(context_));
  if (replaced_.size() > kReplacedMax) replaced_.pop_front();
  context_ = std::move(context);
}

Status TlsSettings::Apply() {
  Status started = Start();
  if (started.ok()) return started;
  Log(LogLevel::kWarning, "%s", started.message().c_str());
  return Status::InvalidArgument("Unable to update TLS configuration. Check server logs.");
}

}  // namespace torc
