// WAIT and WAITAOF: until what has been written so far is with others, or on the disk.
//
// There are no replicas: a wait for one ends by its time. A wait for the log looks at it again and
// again, for the log's thread wakes nobody; it also asks it to sync soon, whatever appendfsync
// says.
//
// Neither waits for a key, so the dispatcher runs them again at the deadline they gave. What they
// must still know then stands behind their words: the position in the log, and the last moment.

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "command/blocking.h"
#include "command/context.h"
#include "command/persistence.h"
#include "features/persistence/log_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr int64_t kNsPerMs = 1000000;
constexpr int64_t kLookEveryNs = 5 * kNsPerMs;
constexpr std::string_view kTips = "REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:AGG_MIN";

struct Wait {
  uint64_t position = 0;    // of the log, that must be durable
  int64_t deadline_ns = 0;  // 0: none
  bool over = false;
};

std::optional<int64_t> CountOrReply(CommandContext& context, std::string_view text, int64_t min,
                                    int64_t max, std::string_view error) {
  const auto count = ParseInt64(text);
  if (count && *count >= min && *count <= max) return count;
  context.reply.Error(count ? error : errors::kNotInteger);
  return std::nullopt;
}

// The last moment of a wait that begins now; replies the error if the text is no time.
std::optional<int64_t> DeadlineOrReply(CommandContext& context, std::string_view text) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const auto ms = ParseInt64(text);
  std::string_view error;
  if (!ms) {
    error = errors::kTimeoutNotInteger;
  } else if (*ms < 0) {
    error = errors::kNegativeTimeout;
  } else if (*ms >= kMax - context.now.value()) {
    error = "ERR timeout is out of range";
  }
  if (!error.empty()) {
    context.reply.Error(error);
    return std::nullopt;
  }
  const int64_t now_ns = context.services.clock->MonoNs();
  // What would end in some hundred years does not end.
  if (*ms == 0 || *ms >= (kMax - now_ns) / kNsPerMs) return 0;
  return now_ns + *ms * kNsPerMs;
}

// Of a command that runs again: what stands behind its words. An empty last moment has come.
Wait WaitAgain(const CommandContext& context, ArgCursor& args) {
  Wait wait;
  wait.position = static_cast<uint64_t>(ParseInt64(args.Next()).value_or(0));
  const auto deadline_ns = ParseInt64(args.Next());
  wait.deadline_ns = deadline_ns.value_or(0);
  wait.over =
      !deadline_ns || (*deadline_ns != 0 && context.services.clock->MonoNs() >= *deadline_ns);
  return wait;
}

// A wait that begins now, for a log durable up to `position`, or the one that goes on; replies the
// error if the text is no time.
std::optional<Wait> WaitOrReply(CommandContext& context, ArgCursor& args, std::string_view timeout,
                                uint64_t position) {
  if (context.session.blocked != nullptr) return WaitAgain(context, args);
  const auto deadline_ns = DeadlineOrReply(context, timeout);
  if (!deadline_ns) return std::nullopt;
  return Wait{.position = position, .deadline_ns = *deadline_ns};
}

// Looks again at `next_ns` (0: only at the wait's end).
void WaitUntil(CommandContext& context, const Wait& wait, int64_t next_ns) {
  Session& session = context.session;
  if (session.blocked == nullptr) {
    context.Block({}, ValueType::kString, next_ns);
    session.blocked->args.push_back(std::to_string(wait.position));
    session.blocked->args.push_back(std::to_string(wait.deadline_ns));
    return;
  }
  auto blocked = context.services.blocking->Remove(session);
  blocked->deadline_ns = next_ns;
  blocked->found_nothing = true;
  context.services.blocking->Add(session, std::move(blocked));
}

void WaitForReplicas(CommandContext& context, ArgCursor args) {
  const auto replicas = ParseInt64(args.Next());
  if (!replicas) return context.reply.Error(errors::kNotInteger);
  const std::string_view timeout = args.Next();
  const auto wait = WaitOrReply(context, args, timeout, 0);
  if (!wait) return;
  if (*replicas <= 0 || wait->over || !context.may_block()) return context.reply.Integer(0);
  WaitUntil(context, *wait, wait->deadline_ns);
}

constexpr CommandSpec kWait = {
    .name = "wait",
    .arity = Exactly(3),
    .group = Group::kGeneric,
    .since = "3.0.0",
    .acl = kAclConnection,
    .syntax = "numreplicas timeout",
    .complexity = "O(1)",
    .summary = "Waits until so many replicas have what was written before, and answers how many.",
    .tips = kTips};

void WaitForLog(CommandContext& context, ArgCursor args) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const auto local = CountOrReply(context, args.Next(), 0, 1,
                                  "ERR value is out of range, value must between 0 and 1");
  if (!local) return;
  const auto replicas =
      CountOrReply(context, args.Next(), 0, kMax, "ERR value is out of range, must be positive");
  if (!replicas) return;
  const std::string_view timeout = args.Next();
  LogControl* const log = context.services.log;
  const bool enabled = log != nullptr && log->enabled();
  const bool again = context.session.blocked != nullptr;
  const auto wait = WaitOrReply(context, args, timeout, enabled ? log->Appended() : 0);
  if (!wait) return;
  if (*local > 0 && !enabled) {
    return context.reply.Error(
        "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
  }
  const bool durable = enabled && log->Durable() >= wait->position;
  const bool met = *replicas == 0 && (*local == 0 || durable);
  if (met || wait->over || !context.may_block()) {
    context.reply.Array(2);
    context.reply.Integer(durable ? 1 : 0);
    return context.reply.Integer(0);
  }
  if (durable || *local == 0) return WaitUntil(context, *wait, wait->deadline_ns);
  if (!again) log->RequestSync();
  const int64_t look_ns = context.services.clock->MonoNs() + kLookEveryNs;
  const bool ends_first = wait->deadline_ns != 0 && wait->deadline_ns < look_ns;
  WaitUntil(context, *wait, ends_first ? wait->deadline_ns : look_ns);
}

constexpr CommandSpec kWaitaof = {
    .name = "waitaof",
    .arity = Exactly(4),
    .group = Group::kGeneric,
    .since = "7.2.0",
    .flags = kNoScript,
    .acl = kAclConnection,
    .syntax = "numlocal numreplicas timeout",
    .complexity = "O(1)",
    .summary = "Waits until what was written before is on disk, here and at so many replicas.",
    .tips = kTips};

}  // namespace

void RegisterWaitCommands(CommandRegistry& registry) {
  registry.Add(kWait, WaitForReplicas);
  registry.Add(kWaitaof, WaitForLog);
}

}  // namespace torc
