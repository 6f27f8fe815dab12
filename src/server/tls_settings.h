#pragma once

// The tls-… settings, under redis.conf's names, and the context that is made of them. A change
// makes a new context, which new connections use; those that are open go on with theirs.

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
  // Null without a port.
  const TlsContext* context() const { return context_.get(); }

 private:
  Status Apply();

  int64_t port_ = 0;
  TlsOptions options_;
  std::unique_ptr<TlsContext> context_;
};

}  // namespace torc
