// XADD.

#include <string>

#include "resp/errors.h"
#include "types/stream/stream_access.h"
#include "types/stream/stream_commands.h"
#include "types/stream/stream_trim_args.h"

namespace torc {
namespace {

struct AddArgs {
  bool create = true;
  bool automatic = false;  // the whole id is for the stream to choose
  RequestedStreamId requested;
  StreamTrimArgs trim;
  StreamPairs pairs;
};

AddArgs ParseAddArgs(ArgCursor& args, const ValueLimits& limits) {
  AddArgs add;
  bool id_found = false;
  while (!args.AtEnd() && args.ok() && !id_found) {
    if (args.Peek() == "*") {
      args.Next();
      add.automatic = id_found = true;
    } else if (args.Take("NOMKSTREAM")) {
      add.create = false;
    } else if (!add.trim.Take(args)) {
      const auto id = ParseRequestedStreamId(args.Next());
      if (!id) args.Fail(kInvalidStreamId);
      add.requested = id.value_or(RequestedStreamId{});
      id_found = true;
    }
  }
  if (args.ok()) add.trim.Check(args, StreamTrimArgs::Need::kOptional, limits);
  if (!args.ok()) return add;
  add.pairs = args.Rest();
  if (add.pairs.empty() || add.pairs.size() % 2 != 0) {
    args.Fail(errors::WrongArgumentCount("xadd"));
  } else if (id_found && !add.automatic && add.requested.seq_given &&
             add.requested.id == kStreamIdMin) {
    args.Fail("ERR The ID specified in XADD must be greater than 0-0");
  }
  return add;
}

// The same again with the id that was given and what was trimmed, said exactly.
void ReplayAdd(CommandContext& context, std::string_view key, const AddArgs& add, StreamId id,
               const StreamValue& stream, uint64_t trimmed) {
  const bool exact = !add.trim.trim().approximate;
  if (!add.automatic && add.requested.seq_given && exact) return;
  if (!context.recording()) return;
  ReplayForm form = {"XADD", std::string(key)};
  if (trimmed > 0) AppendExactTrim(add.trim.trim(), stream, &form);
  form.push_back(StreamIdText(id));
  form.insert(form.end(), add.pairs.begin(), add.pairs.end());
  context.Replay(std::move(form));
}

// The new entry's id, or nothing with the reason replied.
std::optional<StreamId> IdFor(CommandContext& context, const StreamValue& stream,
                              const AddArgs& add) {
  if (stream.last_id == kStreamIdMax) {
    context.reply.Error(
        "ERR The stream has exhausted the last possible ID, unable to add more items");
    return std::nullopt;
  }
  const auto id =
      add.automatic ? stream.NextId(context.now.value()) : stream.CompleteId(add.requested);
  if (!id || *id <= stream.last_id) {
    context.reply.Error(
        "ERR The ID specified in XADD is equal or smaller than the target stream top item");
    return std::nullopt;
  }
  size_t bytes = 0;
  for (const std::string_view text : add.pairs) bytes += text.size();
  if (bytes > kStreamEntryBytesMax) {
    context.reply.Error("ERR Elements are too large to be stored");
    return std::nullopt;
  }
  return id;
}

void Xadd(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const ValueLimits& limits = context.Owner(key).options().limits;
  const AddArgs add = ParseAddArgs(args, limits);
  if (!args.Done(context.reply)) return;
  const StreamKey found = WriteStream(context, key);
  if (found.wrong_type) return;
  if (found.stream == nullptr && !add.create) return context.reply.Null();
  const StreamValue none;
  const auto id = IdFor(context, found.stream != nullptr ? *found.stream : none, add);
  if (!id) return;
  StreamValue* const stream = found.stream != nullptr ? found.stream : CreateStream(context, key);
  stream->Append(*id, add.pairs, limits);
  ReplyStreamId(context.reply, *id);
  context.Changed(EventClass::kStream, "xadd", key.text);
  const uint64_t trimmed = stream->Trim(add.trim.trim());
  if (trimmed > 0) context.Notify(context.session.db, EventClass::kStream, "xtrim", key.text);
  ReplayAdd(context, key.text, add, *id, *stream, trimmed);
}

constexpr CommandSpec kXadd = {
    .name = "xadd",
    .arity = AtLeast(5),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclStream,
    .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
    .syntax =
        "key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value "
        "[field value ...]",
    .complexity = "O(1), and O(N) with N the entries trimmed",
    .summary = "Appends an entry to a stream, creating the stream if needed.",
    .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterStreamAddCommands(CommandRegistry& registry) {
  registry.Add(kXadd, Xadd);
}

}  // namespace torc
