#pragma once

// The log for people. Lines have Redis's form ("PID:M 01 Jan 2026 12:00:00.000 * text"), one write
// each, at once. The sink is chosen by the server (stdout, file, syslog); tests may capture it.

#include <functional>
#include <string_view>

namespace torc {

enum class LogLevel { kDebug, kVerbose, kNotice, kWarning, kNothing };

using LogSink = std::function<void(LogLevel, std::string_view text)>;

// Replaces where lines go and what is let through. Not thread-safe: call before other threads log.
void SetLogSink(LogSink sink);
void SetLogLevel(LogLevel lowest);
LogLevel CurrentLogLevel();

// printf-like; any thread, if the sink allows it. Below the level: costs a comparison.
[[gnu::format(printf, 2, 3)]] void Log(LogLevel level, const char* format, ...);

}  // namespace torc
