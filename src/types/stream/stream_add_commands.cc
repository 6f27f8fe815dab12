// XADD.

#include <algorithm>
#include <string>

#include "command/breather.h"
#include "command/working_copy.h"
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
  if (trimmed > 0) AppendExactTrim(stream, &form);
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

// Appends the entry, and trims, on a copy if there is much to drop; `*stream` is then where the
// value was put. Returns how many entries were trimmed.
uint64_t AddAndTrim(CommandContext& context, const KeyRef& key, const AddArgs& add, StreamId id,
                    StreamValue** stream) {
  const ValueLimits& limits = context.Owner(key).options().limits;
  const StreamTrim& trim = add.trim.trim();
  if (trim.by == StreamTrim::By::kNothing) {
    (*stream)->Append(id, add.pairs, limits);
    return 0;
  }
  Breather breather(context);
  const uint64_t estimate = (*stream)->TrimEstimate(trim);
  if (!breather.IsLong(estimate)) {
    (*stream)->Append(id, add.pairs, limits);
    return (*stream)->Trim(trim);
  }
  WorkingCopy copy(context, breather, key, context.Find(key), estimate);
  auto* const working = static_cast<StreamValue*>(copy.entry()->value_box());
  working->Append(id, add.pairs, limits);
  const uint64_t trimmed = working->Trim(trim, copy.pace());
  *stream = static_cast<StreamValue*>(copy.Commit().entry->value_box());
  return trimmed;
}

// Of its key's entries only those that are trimmed take time.
uint64_t WorkOfAdd(Argv argv, uint64_t entry_count) {
  bool approximate = false;
  for (size_t i = 2; i + 1 < argv.size() && argv[i] != "*"; ++i) {
    const bool by_length = EqualsIgnoreCase(argv[i], "MAXLEN");
    if (!by_length && !EqualsIgnoreCase(argv[i], "MINID")) continue;
    approximate = argv[i + 1] == "~";
    i += approximate || argv[i + 1] == "=" ? 2 : 1;
    if (i >= argv.size()) return 0;
    // Without a LIMIT of its own an approximate trimming drops a hundred blocks and no more.
    if (approximate && (i + 1 >= argv.size() || !EqualsIgnoreCase(argv[i + 1], "LIMIT"))) return 0;
    if (!by_length) return entry_count;
    const auto stay = static_cast<uint64_t>(std::max<int64_t>(ParseInt64(argv[i]).value_or(0), 0));
    return entry_count - std::min(entry_count, stay);
  }
  return 0;
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
  StreamValue* stream = found.stream != nullptr ? found.stream : CreateStream(context, key);
  const uint64_t trimmed = AddAndTrim(context, key, add, *id, &stream);
  ReplyStreamId(context.reply, *id);
  context.Changed(EventClass::kStream, "xadd", key.text);
  if (trimmed > 0) context.Notify(context.session.db, EventClass::kStream, "xtrim", key.text);
  ReplayAdd(context, key.text, add, *id, *stream, trimmed);
}

constexpr CommandSpec kXadd = {
    .name = "xadd",
    .arity = AtLeast(5),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kWrite | kDenyOom | kFast | kMayPause,
    .acl = kAclStream,
    .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
    .work = WorkOfAdd,
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
