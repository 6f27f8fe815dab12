#include "redis-tests/differential/contestant.h"

#include <utility>

#include "base/text.h"

namespace torc::differential {
namespace {

// The value of "field:value" in an INFO text; empty when there is none.
std::string InfoField(std::string_view info, std::string_view field) {
  for (const std::string_view line : Split(info, '\n')) {
    if (StartsWith(line, field) && line.size() > field.size() && line[field.size()] == ':') {
      return std::string(TrimBlanks(line.substr(field.size() + 1)));
    }
  }
  return {};
}

}  // namespace

StatusOr<Contestant> Contestant::Open(std::string name, std::string_view where,
                                      std::vector<std::string> args) {
  Contestant contestant;
  contestant.name_ = std::move(name);
  contestant.args_ = std::move(args);
  const auto port = ParseUint64(where);
  if (port.has_value() && *port <= 65'535) {
    contestant.port_ = static_cast<uint16_t>(*port);
  } else {
    contestant.binary_ = where;
    TORC_RETURN_IF_ERROR(contestant.Start());
  }
  auto connection = contestant.Connect();
  if (!connection.ok()) return connection.status();
  contestant.version_ = InfoField(connection->Do("INFO server").text, "redis_version");
  return contestant;
}

Status Contestant::Start() {
  auto process = testing::ServerProcess::Start({.binary = binary_, .args = args_});
  if (!process.ok()) return process.status();
  process_ = std::move(process).value();
  port_ = process_->port();
  return Status::Ok();
}

Status Contestant::EnsureRunning() {
  if (binary_.empty() || (process_ != nullptr && process_->Running())) return Status::Ok();
  return Start();
}

std::optional<std::string> Contestant::Crash() {
  return process_ == nullptr ? std::nullopt : process_->Crash();
}

}  // namespace torc::differential
