#pragma once

// Log lines for the machine's syslog, beside the log proper: syslog-enabled, -ident, -facility.

#include <string>
#include <string_view>

#include "base/config.h"
#include "base/log.h"

namespace torc {

class SystemLog {
 public:
  // Declares the settings. The registry must outlive this.
  explicit SystemLog(ConfigRegistry& config);
  ~SystemLog();
  SystemLog(const SystemLog&) = delete;
  SystemLog& operator=(const SystemLog&) = delete;

  // Opens it if it is wanted.
  void Start();
  void Write(LogLevel level, std::string_view text) const;

 private:
  bool enabled_ = false;
  std::string ident_ = "redis";
  int facility_;
  bool open_ = false;
};

}  // namespace torc
