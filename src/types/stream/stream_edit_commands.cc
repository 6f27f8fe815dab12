// XDEL, XTRIM, XSETID: commands that change the entries of a stream other than by adding.

#include <algorithm>
#include <vector>

#include "command/breather.h"
#include "command/working_copy.h"
#include "resp/errors.h"
#include "types/stream/stream_access.h"
#include "types/stream/stream_commands.h"
#include "types/stream/stream_trim_args.h"

namespace torc {
namespace {

void Xdel(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const StreamKey found = WriteStream(context, key);
  if (found.wrong_type) return;
  if (found.stream == nullptr) return context.reply.Integer(0);
  std::vector<StreamId> ids;
  while (!args.AtEnd() && args.ok()) ids.push_back(TakeStreamId(args));
  if (!args.Done(context.reply)) return;
  StreamValue& stream = *found.stream;
  uint64_t deleted = 0;
  for (const StreamId id : ids) {
    if (!stream.Remove(id)) continue;
    stream.max_deleted_id = std::max(stream.max_deleted_id, id);
    ++deleted;
  }
  if (deleted > 0) context.Changed(EventClass::kStream, "xdel", key.text, deleted);
  context.reply.Integer(static_cast<int64_t>(deleted));
}

constexpr CommandSpec kXdel = {.name = "xdel",
                               .arity = AtLeast(3),
                               .group = Group::kStream,
                               .since = "5.0.0",
                               .flags = kWrite | kFast,
                               .acl = kAclStream,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
                               .syntax = "key id [id ...]",
                               .complexity = "O(log N) an id, and moving a block's bytes",
                               .summary = "Removes entries from a stream."};

void Xtrim(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  StreamTrimArgs trim;
  while (!args.AtEnd() && args.ok()) {
    if (!trim.Take(args)) args.FailSyntax();
  }
  if (args.ok()) {
    trim.Check(args, StreamTrimArgs::Need::kRequired, context.Owner(key).options().limits);
  }
  if (!args.Done(context.reply)) return;
  const StreamKey found = WriteStream(context, key);
  if (found.wrong_type) return;
  if (found.stream == nullptr) return context.reply.Integer(0);
  Breather breather(context);
  WorkingCopy copy(context, breather, key, context.Find(key));
  StreamValue& stream = *static_cast<StreamValue*>(copy.entry()->value_box());
  const uint64_t trimmed = stream.Trim(trim.trim(), copy.pace());
  context.reply.Integer(static_cast<int64_t>(trimmed));
  if (trimmed == 0) return;
  copy.Commit();
  context.Changed(EventClass::kStream, "xtrim", key.text, trimmed);
  if (!trim.trim().approximate || !context.recording()) return;
  ReplayForm form = {"XTRIM", std::string(key.text)};
  AppendExactTrim(stream, &form);
  context.Replay(std::move(form));
}

constexpr CommandSpec kXtrim = {
    .name = "xtrim",
    .arity = AtLeast(4),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kWrite | kMayPause,
    .acl = kAclStream,
    .keys = {OneKey(1, kKeyReadWrite | kKeyDelete)},
    .syntax = "key <MAXLEN | MINID> [= | ~] threshold [LIMIT count]",
    .complexity = "O(N) with N the entries removed, most of them a block at a time",
    .summary = "Removes a stream's oldest entries.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

struct SetIdArgs {
  StreamId id;
  std::optional<uint64_t> entries_added;
  StreamId max_deleted_id;  // 0-0: not given
};

SetIdArgs ParseSetIdArgs(ArgCursor& args) {
  SetIdArgs set;
  set.id = TakeStreamId(args);
  while (!args.AtEnd() && args.ok()) {
    if (args.TakeWith("ENTRIESADDED", 1)) {
      const int64_t count = args.Integer();
      if (count < 0) args.Fail("ERR entries_added must be positive");
      set.entries_added = static_cast<uint64_t>(count);
    } else if (args.TakeWith("MAXDELETEDID", 1)) {
      set.max_deleted_id = TakeStreamId(args);
      if (set.id < set.max_deleted_id) {
        args.Fail(
            "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
      }
    } else {
      args.FailSyntax();
    }
  }
  return set;
}

// Why the stream cannot be set so; empty if it can.
std::string_view Objection(const StreamValue& stream, const SetIdArgs& set) {
  if (set.id < stream.max_deleted_id) {
    return "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id";
  }
  if (stream.length() == 0) return {};
  if (set.id < stream.top_id()) {
    return "ERR The ID specified in XSETID is smaller than the target stream top item";
  }
  if (set.entries_added && stream.length() > *set.entries_added) {
    return "ERR The entries_added specified in XSETID is smaller than the target stream length";
  }
  return {};
}

void Xsetid(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const SetIdArgs set = ParseSetIdArgs(args);
  if (!args.Done(context.reply)) return;
  const StreamKey found = WriteStream(context, key);
  if (found.wrong_type) return;
  if (found.stream == nullptr) return context.reply.Error(errors::kNoSuchKey);
  StreamValue& stream = *found.stream;
  const std::string_view objection = Objection(stream, set);
  if (!objection.empty()) return context.reply.Error(objection);
  stream.last_id = set.id;
  if (set.entries_added) stream.entries_added = *set.entries_added;
  if (set.max_deleted_id != StreamId{}) stream.max_deleted_id = set.max_deleted_id;
  context.Changed(EventClass::kStream, "xsetid", key.text);
  context.reply.Ok();
}

constexpr CommandSpec kXsetid = {
    .name = "xsetid",
    .arity = AtLeast(3),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclStream,
    .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
    .syntax = "key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]",
    .complexity = "O(1)",
    .summary = "Sets a stream's last id and its counters; meant for replication."};

}  // namespace

void RegisterStreamEditCommands(CommandRegistry& registry) {
  registry.Add(kXdel, Xdel);
  registry.Add(kXtrim, Xtrim);
  registry.Add(kXsetid, Xsetid);
}

}  // namespace torc
