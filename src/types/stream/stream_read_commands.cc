// XREAD, XREADGROUP.

#include <algorithm>
#include <string>
#include <vector>

#include "command/blocked_command.h"
#include "resp/errors.h"
#include "types/stream/stream_access.h"
#include "types/stream/stream_commands.h"
#include "types/stream/stream_delivery.h"

namespace torc {
namespace {

enum class Reader : uint8_t { kAnybody, kGroup };

struct ReadArgs {
  GroupReader reader;  // XREADGROUP's
  bool group_given = false;
  std::optional<int64_t> block_ms;  // how long to wait; 0: for ever
  Argv keys;
  Argv ids;
};

// "STREAMS key … id …" is the rest of the arguments.
void TakeStreams(ArgCursor& args, Reader kind, ReadArgs* read) {
  const Argv rest = args.Rest();
  if (rest.size() % 2 != 0) {
    const bool group = kind == Reader::kGroup;
    return args.Fail("ERR Unbalanced '" + std::string(group ? "xreadgroup" : "xread") +
                     "' list of streams: for each stream key an ID or '" + (group ? ">" : "$") +
                     "' must be specified.");
  }
  read->keys = rest.first(rest.size() / 2);
  read->ids = rest.last(rest.size() / 2);
}

void TakeGroup(ArgCursor& args, Reader kind, ReadArgs* read) {
  if (kind != Reader::kGroup) {
    return args.Fail(
        "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.");
  }
  read->group_given = true;
  read->reader.group = args.Next();
  read->reader.consumer = args.Next();
}

// A script's call must not even ask to wait; a transaction's is one that does not wait.
void TakeTimeout(const CommandContext& context, ArgCursor& args, ReadArgs* read) {
  if (context.session.script_caller != nullptr) {
    return args.Fail("ERR " + std::string(context.argv[0]) +
                     " command is not allowed with BLOCK option from scripts");
  }
  const int64_t timeout_ms = args.Integer(errors::kTimeoutNotInteger);
  if (timeout_ms < 0) args.Fail(errors::kNegativeTimeout);
  read->block_ms = timeout_ms;
}

ReadArgs ParseReadArgs(const CommandContext& context, ArgCursor& args, Reader kind) {
  ReadArgs read;
  while (!args.AtEnd() && args.ok() && read.keys.empty()) {
    if (args.TakeWith("BLOCK", 1)) {
      TakeTimeout(context, args, &read);
    } else if (args.TakeWith("COUNT", 1)) {
      read.reader.count_max = static_cast<uint64_t>(std::max<int64_t>(args.Integer(), 0));
    } else if (args.TakeWith("STREAMS", 1)) {
      TakeStreams(args, kind, &read);
    } else if (args.TakeWith("GROUP", 2)) {
      TakeGroup(args, kind, &read);
    } else if (args.Take("NOACK")) {
      if (kind != Reader::kGroup) {
        args.Fail(
            "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.");
      }
      read.reader.acknowledged = true;
    } else {
      args.FailSyntax();
    }
  }
  if (!args.ok()) return read;
  if (read.keys.empty()) {
    args.FailSyntax();
  } else if (kind == Reader::kGroup && !read.group_given) {
    args.Fail("ERR Missing GROUP option for XREADGROUP");
  }
  return read;
}

// Nothing was found: waits, or replies so. "$" means what it meant when the command came, however
// often it runs again.
void WaitOrReplyNothing(CommandContext& context, const ReadArgs& read,
                        const std::vector<StreamId>& starts) {
  if (!read.block_ms || !context.may_block()) return context.reply.NullArray();
  constexpr int64_t kNsPerMs = 1'000'000;
  const int64_t now_ns = context.services.clock->MonoNs();
  const bool ends = *read.block_ms != 0 && *read.block_ms < (INT64_MAX - now_ns) / kNsPerMs;
  using MissingKey = CommandContext::MissingKey;
  // A group lives with its stream.
  context.Block(read.keys, ValueType::kStream, ends ? now_ns + *read.block_ms * kNsPerMs : 0,
                read.group_given ? MissingKey::kEndsIt : MissingKey::kIsAwaited);
  std::vector<std::string>& words = context.session.blocked->args;
  const size_t ids_at = words.size() - read.ids.size();
  for (size_t i = 0; i < starts.size(); ++i) {
    if (words[ids_at + i] == "$") words[ids_at + i] = StreamIdText(starts[i]);
  }
}

// The reply: a map from keys to entries; nothing if it stayed empty.
class StreamsReply {
 public:
  explicit StreamsReply(ReplyWriter& reply) : reply_(reply) {}
  void Begin(std::string_view key) {
    if (count_++ == 0) mark_ = reply_.protocol() == 2 ? reply_.ArrayLater() : reply_.MapLater();
    if (reply_.protocol() == 2) reply_.Array(2);
    reply_.Bulk(key);
  }
  bool empty() const { return count_ == 0; }
  void Finish() {
    reply_.protocol() == 2 ? reply_.CloseArray(mark_, count_) : reply_.CloseMap(mark_, count_);
  }

 private:
  ReplyWriter& reply_;
  size_t mark_ = 0;
  size_t count_ = 0;
};

StreamValue* FindStream(CommandContext& context, const KeyRef& key) {
  const Entry* const entry = context.Find(key).entry;
  return entry == nullptr ? nullptr : static_cast<StreamValue*>(entry->value_box());
}

// Where reading one stream begins: behind this id. Nothing if an error was replied.
std::optional<StreamId> StartOf(CommandContext& context, const StreamValue* stream,
                                std::string_view id) {
  if (id == "$") return stream == nullptr ? StreamId{} : stream->last_id;
  const auto parsed = ParseStreamId(id, 0);
  if (!parsed) context.reply.Error(kInvalidStreamId);
  return parsed;
}

void Xread(CommandContext& context, ArgCursor args) {
  const ReadArgs read = ParseReadArgs(context, args, Reader::kAnybody);
  if (!args.Done(context.reply)) return;
  std::vector<StreamId> starts;
  for (size_t i = 0; i < read.keys.size(); ++i) {
    const StreamKey found = ReadStream(context, context.Key(read.keys[i]));
    if (found.wrong_type) return;
    if (read.ids[i] == ">") {
      return context.reply.Error(
          "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> "
          "<consumer> option.");
    }
    const auto start = StartOf(context, found.stream, read.ids[i]);
    if (!start) return;
    starts.push_back(*start);
  }
  StreamsReply reply(context.reply);
  for (size_t i = 0; i < read.keys.size(); ++i) {
    // Redis looks again, too: a key that is not there is missed twice.
    const StreamValue* const stream = ReadStream(context, context.Key(read.keys[i])).stream;
    const auto first = NextStreamId(starts[i]);
    if (stream == nullptr || !first || *first > stream->last_id) continue;
    StreamWalk walk(*stream, *first, kStreamIdMax);
    if (walk.AtEnd()) continue;
    reply.Begin(read.keys[i]);
    ReplyEntries(context.reply, walk, read.reader.count_max);
  }
  if (reply.empty()) return WaitOrReplyNothing(context, read, starts);
  reply.Finish();
}

constexpr CommandSpec kXread = {
    .name = "xread",
    .arity = AtLeast(4),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kBlocking | kReadonly | kMovableKeys,
    .acl = kAclStream,
    .keys = {KeysAfter("STREAMS", 1, -1, 1, 2, kKeyReadOnly | kKeyAccess)},
    .syntax = "[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]",
    .complexity = "O(log N + M) a stream, with M the entries answered",
    .summary = "Answers the entries behind given ids of several streams."};

struct GroupStart {
  bool history = false;  // what the consumer was given before, behind this id
  StreamId after;
};

// Whether the stream and its group are there and the id means something; replies why not.
std::optional<GroupStart> GroupStartOf(CommandContext& context, std::string_view key,
                                       std::string_view id, const GroupReader& reader) {
  const StreamKey found = ReadStreamForUpdate(context, context.Key(key));
  if (found.wrong_type) return std::nullopt;
  if (found.stream == nullptr || found.stream->FindGroup(reader.group) == nullptr) {
    context.reply.Error("NOGROUP No such key '" + std::string(errors::ShownText(key)) +
                        "' or consumer group '" + std::string(errors::ShownText(reader.group)) +
                        "' in XREADGROUP with GROUP option");
    return std::nullopt;
  }
  if (id == "$") {
    context.reply.Error(
        "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of "
        "this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID "
        "would just return an empty result set.");
    return std::nullopt;
  }
  if (id == ">") return GroupStart{};
  const auto after = ParseStreamId(id, 0);
  if (!after) {
    context.reply.Error(kInvalidStreamId);
    return std::nullopt;
  }
  // The greatest id of all means ">" to Redis, too.
  return GroupStart{.history = *after != kStreamIdMax, .after = *after};
}

void Xreadgroup(CommandContext& context, ArgCursor args) {
  const ReadArgs read = ParseReadArgs(context, args, Reader::kGroup);
  if (!args.Done(context.reply)) return;
  std::vector<GroupStart> starts;
  for (size_t i = 0; i < read.keys.size(); ++i) {
    const auto start = GroupStartOf(context, read.keys[i], read.ids[i], read.reader);
    if (!start) return;
    starts.push_back(*start);
  }
  StreamsReply reply(context.reply);
  for (size_t i = 0; i < read.keys.size(); ++i) {
    StreamValue* const stream = FindStream(context, context.Key(read.keys[i]));
    if (stream == nullptr) continue;
    Delivery delivery(context, read.keys[i], stream, read.reader);
    if (!starts[i].history && !delivery.HasNews()) continue;
    reply.Begin(read.keys[i]);
    starts[i].history ? delivery.History(starts[i].after) : delivery.News();
  }
  if (reply.empty()) return WaitOrReplyNothing(context, read, {});
  reply.Finish();
}

constexpr CommandSpec kXreadgroup = {
    .name = "xreadgroup",
    .arity = AtLeast(7),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kBlocking | kWrite | kMovableKeys,
    .acl = kAclStream,
    .keys = {KeysAfter("STREAMS", 4, -1, 1, 2, kKeyReadOnly | kKeyAccess)},
    .syntax =
        "GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key "
        "[key ...] id [id ...]",
    .complexity = "O(log N + M) a stream, with M the entries answered",
    .summary =
        "Gives a consumer of a group the next entries, or again those it has not "
        "acknowledged."};

}  // namespace

void RegisterStreamReadCommands(CommandRegistry& registry) {
  registry.Add(kXread, Xread);
  registry.Add(kXreadgroup, Xreadgroup);
}

}  // namespace torc
