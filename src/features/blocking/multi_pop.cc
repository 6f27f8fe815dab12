#include "features/blocking/multi_pop.h"

#include <limits>
#include <vector>

#include "features/blocking/waiting_pop.h"
#include "resp/errors.h"

namespace torc {
namespace {

// Judges the arguments from numkeys on as the plain command does, for they are judged before the
// time is. The keys; none after an error, which has been replied.
Argv JudgeArguments(CommandContext& context, Argv rest, ValueType type) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const bool list = type == ValueType::kList;
  ArgCursor args(rest, 0);
  const int64_t key_count = args.IntegerIn(1, kMax, "ERR numkeys should be greater than 0");
  if (args.ok() && static_cast<uint64_t>(key_count) >= args.remaining()) args.FailSyntax();
  Argv keys;
  if (args.ok()) {
    keys = rest.subspan(1, static_cast<size_t>(key_count));
    args = ArgCursor(rest, 1 + keys.size());
    if (!args.Take(list ? "LEFT" : "MIN") && !args.Take(list ? "RIGHT" : "MAX")) args.FailSyntax();
  }
  if (args.ok() && args.TakeWith("COUNT", 1)) {
    args.IntegerIn(1, kMax, "ERR count should be greater than 0");
  }
  return args.Done(context.reply) ? keys : Argv();
}

}  // namespace

void PopSeveralOrWait(CommandContext& context, ArgCursor args, std::string_view plain,
                      ValueType type) {
  const std::string_view seconds = args.Next();
  const Argv rest = args.Rest();
  const Argv keys = JudgeArguments(context, rest, type);
  if (keys.empty()) return;
  const auto deadline_ns = WaitDeadlineNs(context, seconds);
  if (!deadline_ns) return;
  Buffer& out = *context.reply.out();
  const size_t reply_from = out.size();
  RunPlain(context, plain, {rest.begin(), rest.end()});
  // "Nothing there" is the one reply that may wait.
  const std::string_view reply = out.view().substr(reply_from);
  const bool nothing = reply == "*-1\r\n" || reply == "_\r\n";
  if (!nothing || !context.may_block()) return;
  out.Truncate(reply_from);
  context.Block(keys, type, *deadline_ns);
}

}  // namespace torc
