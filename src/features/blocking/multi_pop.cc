#include "features/blocking/multi_pop.h"

#include <algorithm>
#include <vector>

#include "features/blocking/waiting_pop.h"

namespace torc {

void PopSeveralOrWait(CommandContext& context, ArgCursor args, std::string_view plain,
                      ValueType type) {
  const auto deadline_ns = WaitDeadlineNs(context, args.Next());
  if (!deadline_ns) return;
  const Argv rest = args.Rest();
  Buffer& out = *context.reply.out();
  const size_t reply_from = out.size();
  RunPlain(context, plain, {rest.begin(), rest.end()});
  // The plain command has judged the arguments; "nothing there" is the one reply that may wait.
  const std::string_view reply = out.view().substr(reply_from);
  const bool nothing = reply == "*-1\r\n" || reply == "_\r\n";
  if (!nothing || !context.may_block()) return;
  out.Truncate(reply_from);
  const auto key_count = static_cast<size_t>(ParseInt64(rest[0]).value_or(0));
  context.Block(rest.subspan(1, std::min(key_count, rest.size() - 1)), type, *deadline_ns);
}

}  // namespace torc
