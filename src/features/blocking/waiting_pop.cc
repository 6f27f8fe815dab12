#include "features/blocking/waiting_pop.h"

#include <cmath>
#include <limits>
#include <string>

#include "base/check.h"
#include "resp/errors.h"

namespace torc {

std::optional<int64_t> WaitDeadlineNs(CommandContext& context, std::string_view seconds) {
  constexpr double kMsPerSecond = 1000;
  constexpr int64_t kNsPerMs = 1000000;
  constexpr auto kMax = std::numeric_limits<int64_t>::max();
  const auto value = ParseDouble(seconds);
  if (!value || std::isnan(*value)) {
    context.reply.Error(errors::kInvalidTimeout);
    return std::nullopt;
  }
  const double ms = std::ceil(*value * kMsPerSecond);
  if (ms >= static_cast<double>(kMax - context.now.value())) {
    context.reply.Error("ERR timeout is out of range");
    return std::nullopt;
  }
  if (ms < 0) {
    context.reply.Error(errors::kNegativeTimeout);
    return std::nullopt;
  }
  if (ms == 0) return 0;
  const int64_t now_ns = context.services.clock->MonoNs();
  // What would end in some hundred years does not end.
  if (ms >= static_cast<double>((kMax - now_ns) / kNsPerMs)) return 0;
  return now_ns + static_cast<int64_t>(ms) * kNsPerMs;
}

KeyState StateOf(CommandContext& context, std::string_view key, ValueType type) {
  const Keyspace::Found found = context.Find(context.Key(key));
  if (!found) return KeyState::kMissing;
  return found.entry->type() == type ? KeyState::kPresent : KeyState::kWrongType;
}

void RunPlain(CommandContext& context, std::string_view name,
              const std::vector<std::string_view>& args, ReplyWriter& reply) {
  const Command* plain = context.services.commands->FindOwn(name);
  TORC_CHECK(plain != nullptr, "the plain form of a waiting command is registered");
  std::vector<std::string_view> argv = {name};
  argv.insert(argv.end(), args.begin(), args.end());
  CommandContext inner = context.For(*plain, argv, reply);
  plain->handler(inner, ArgCursor(argv, 1));
  const ChangeRecord& changes = context.changes();
  if (changes.changes > 0 && !changes.replays_given) {
    context.Replay(ReplayForm(argv.begin(), argv.end()));
  }
}

}  // namespace torc
