#include "server/system_log.h"

#include <syslog.h>

namespace torc {
namespace {

constexpr ConfigChoice kFacilities[] = {
    {"user", LOG_USER},     {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2}, {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4},
    {"local5", LOG_LOCAL5}, {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7}};

int PriorityOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return LOG_DEBUG;
    case LogLevel::kVerbose:
      return LOG_INFO;
    case LogLevel::kNotice:
      return LOG_NOTICE;
    case LogLevel::kWarning:
    case LogLevel::kNothing:
      return LOG_WARNING;
  }
  return LOG_NOTICE;
}

}  // namespace

SystemLog::SystemLog(ConfigRegistry& config) : facility_(LOG_LOCAL0) {
  config.YesNo({.name = "syslog-enabled", .immutable = true}, &enabled_);
  config.Text({.name = "syslog-ident", .immutable = true}, &ident_);
  config.Enum({.name = "syslog-facility", .immutable = true}, kFacilities, &facility_);
}

SystemLog::~SystemLog() {
  if (open_) closelog();
}

void SystemLog::Start() {
  if (!enabled_) return;
  // The library keeps the pointer to the name.
  openlog(ident_.c_str(), LOG_PID | LOG_NDELAY | LOG_NOWAIT, facility_);
  open_ = true;
}

void SystemLog::Write(LogLevel level, std::string_view text) const {
  if (open_) syslog(PriorityOf(level), "%.*s", static_cast<int>(text.size()), text.data());
}

}  // namespace torc
