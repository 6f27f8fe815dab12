#pragma once

// The tls-… settings, under redis.conf's names, and the context that is made of them. A change
// makes a new context, which new connections use; those that are open go on with theirs.

#include <deque>
#include <memory>
#include <string>

#include "base/config.h"
#include "net/tls_context.h"
#include "torc/status.h"

namespace torc {

class TlsSettings {
 public:
  // Declares them. `listen_again` runs when tls-port changes. The registry must outlive this.
  TlsSettings(ConfigRegistry& config, ConfigApply listen_again);
  TlsSettings(const TlsSettings&) = delete;
  TlsSettings& operator=(const TlsSettings&) = delete;

  int64_t port() const { return port_; }
  // Makes the context if there is a port to use it at; to be called before the first connection.
  Status Start();
  // Null without a port. It stays for a while after it was replaced: a connection may be on its way
  // to another thread with it.
  const TlsContext* context() const { return context_.get(); }

 private:
  static constexpr size_t kReplacedMax = 8;

  Status Apply();
  void Use(std::unique_ptr<TlsContext> context);

  int64_t port_ = 0;
  TlsOptions options_;
  std::unique_ptr<TlsContext> context_;
  std::deque<std::unique_ptr<TlsContext>> replaced_;  // the last few
};

}  // namespace torc
