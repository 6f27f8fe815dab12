#include "command/monitors.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace torc {

void Monitors::Feed(int64_t unix_time_us, DbIndex db, std::string_view source, Argv argv,
                    uint64_t redacted_args) {
  constexpr int64_t kUsPerSecond = 1000000;
  std::string line =
      Format("+%lld.%06lld [%u ", static_cast<long long>(unix_time_us / kUsPerSecond),
             static_cast<long long>(unix_time_us % kUsPerSecond), db.value());
  line.append(source).append("]");
  for (size_t i = 0; i < argv.size(); ++i) {
    const bool redacted = (redacted_args >> std::min<size_t>(i, 63) & 1) != 0;
    line.append(" \"").append(redacted ? "(redacted)" : Escaped(argv[i])).append("\"");
  }
  line += "\r\n";
  for (Session* session : sessions_) {
    if (session->reply_mode == ReplyMode::kOn) outbox_->Send(*session, line);
  }
}

}  // namespace torc
