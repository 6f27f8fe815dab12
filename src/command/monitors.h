#pragma once

// MONITOR: sessions that are told of every command of every client, behind the command's run and
// without its secrets.

#include <string_view>
#include <vector>

#include "command/arg_cursor.h"
#include "command/outbox.h"
#include "command/session.h"

namespace torc {

class Monitors {
 public:
  // The outbox must outlive this.
  explicit Monitors(Outbox* outbox) : outbox_(outbox) {}

  void Add(Session& session) {
    session.monitor = true;
    sessions_.push_back(&session);
  }
  void Remove(Session& session) {
    if (!session.monitor) return;
    session.monitor = false;
    std::erase(sessions_, &session);
  }
  bool any() const { return !sessions_.empty(); }
  // One line to every monitor: time, database and source, then the arguments. `redacted_args`: see
  // CommandContext::RedactArg.
  void Feed(int64_t unix_time_us, DbIndex db, std::string_view source, Argv argv,
            uint64_t redacted_args);

 private:
  Outbox* outbox_;
  std::vector<Session*> sessions_;
};

}  // namespace torc
