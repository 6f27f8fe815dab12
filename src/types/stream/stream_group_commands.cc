// XGROUP: making, moving and removing consumer groups and their consumers.

#include <string>

#include "command/breather.h"
#include "command/working_copy.h"
#include "resp/errors.h"
#include "types/stream/stream_access.h"
#include "types/stream/stream_commands.h"
#include "types/stream/stream_delivery.h"

namespace torc {
namespace {

constexpr CommandSpec kXgroup = {
    .name = "xgroup",
    .arity = AtLeast(2),
    .group = Group::kStream,
    .since = "5.0.0",
    .complexity = "Depends on the subcommand",
    .summary = "A container for commands that manage consumer groups."};

struct GroupOptions {
  bool make_stream = false;
  int64_t entries_read = ConsumerGroup::kUnknownRead;
};

// "unknown subcommand or wrong number of arguments …", with the subcommand as it was sent.
std::string OptionError(const CommandContext& context) {
  return "ERR unknown subcommand or wrong number of arguments for '" +
         std::string(errors::ShownText(context.argv[1], 128)) + "'. Try XGROUP HELP.";
}

enum class MakeStream : uint8_t { kAllowed, kUnknown };

GroupOptions ParseGroupOptions(CommandContext& context, ArgCursor& args, MakeStream make_stream) {
  GroupOptions options;
  while (!args.AtEnd() && args.ok()) {
    if (make_stream == MakeStream::kAllowed && args.Take("MKSTREAM")) {
      options.make_stream = true;
    } else if (args.TakeWith("ENTRIESREAD", 1)) {
      options.entries_read = args.Integer();
      if (options.entries_read < 0 && options.entries_read != ConsumerGroup::kUnknownRead) {
        args.Fail("ERR value for ENTRIESREAD must be positive or -1");
      }
    } else {
      args.Fail(OptionError(context));
    }
  }
  return options;
}

// The stream, or null with the reason replied.
StreamValue* ExistingStream(CommandContext& context, const KeyRef& key) {
  const StreamKey found = WriteStream(context, key);
  if (found.stream == nullptr && !found.wrong_type) {
    context.reply.Error(
        "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to "
        "use the MKSTREAM option to create an empty stream automatically.");
  }
  return found.stream;
}

struct StreamGroup {
  StreamValue* stream = nullptr;
  const ConsumerGroup* group = nullptr;
};

// The stream and its group, or nulls with the reason replied.
StreamGroup ExistingGroup(CommandContext& context, const KeyRef& key, std::string_view group) {
  StreamGroup found{.stream = ExistingStream(context, key)};
  if (found.stream == nullptr) return found;
  found.group = found.stream->FindGroup(group);
  if (found.group == nullptr) {
    context.reply.Error("NOGROUP No such consumer group '" + std::string(errors::ShownText(group)) +
                        "' for key name '" + std::string(errors::ShownText(key.text)) + "'");
  }
  return found;
}

// "$" or an id, for SETID also "-" and "+"; nothing, with the error replied, if it is none of them.
enum class Ends : uint8_t { kRefused, kAllowed };
std::optional<StreamId> GroupStartId(CommandContext& context, const StreamValue* stream,
                                     std::string_view text, Ends ends) {
  if (text == "$") return stream == nullptr ? StreamId{} : stream->last_id;
  if (ends == Ends::kAllowed && text == "-") return kStreamIdMin;
  if (ends == Ends::kAllowed && text == "+") return kStreamIdMax;
  const auto id = ParseStreamId(text, 0);
  if (!id) context.reply.Error(kInvalidStreamId);
  return id;
}

void XgroupCreate(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view name = args.Next();
  const std::string_view start = args.Next();
  const GroupOptions options = ParseGroupOptions(context, args, MakeStream::kAllowed);
  if (!args.Done(context.reply)) return;
  StreamValue* stream = nullptr;
  if (options.make_stream) {
    const StreamKey found = WriteStream(context, key);
    if (found.wrong_type) return;
    stream = found.stream;
  } else if ((stream = ExistingStream(context, key)) == nullptr) {
    return;
  }
  constexpr size_t kWithAllOptions = 8;
  if (context.argv.size() > kWithAllOptions) return context.reply.Error(OptionError(context));
  const auto id = GroupStartId(context, stream, start, Ends::kRefused);
  if (!id) return;
  const bool made = stream == nullptr;
  if (made) stream = CreateStream(context, key);
  if (!stream->AddGroup(name, *id, options.entries_read)) {
    return context.reply.Error("BUSYGROUP Consumer Group name already exists");
  }
  context.Changed(EventClass::kStream, "xgroup-create", key.text);
  // Whether the stream was made is told from the form that is replayed (store/key_change.h).
  if (options.make_stream && !made && context.recording()) {
    context.Replay({"XGROUP", "CREATE", std::string(key.text), std::string(name), StreamIdText(*id),
                    "ENTRIESREAD", std::to_string(options.entries_read)});
  }
  context.reply.Ok();
}

constexpr CommandSpec kXgroupCreate = {
    .name = "create",
    .parent = "xgroup",
    .arity = AtLeast(5),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kWrite | kDenyOom,
    .acl = kAclStream,
    .keys = {OneKey(2, kKeyReadWrite | kKeyInsert)},
    .syntax = "key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]",
    .complexity = "O(1)",
    .summary = "Makes a consumer group that begins behind an id."};

void XgroupSetid(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view name = args.Next();
  const std::string_view start = args.Next();
  const GroupOptions options = ParseGroupOptions(context, args, MakeStream::kUnknown);
  if (!args.Done(context.reply)) return;
  const StreamGroup found = ExistingGroup(context, key, name);
  if (found.group == nullptr) return;
  constexpr size_t kPlain = 5;
  constexpr size_t kWithEntriesRead = 7;
  if (context.argv.size() != kPlain && context.argv.size() != kWithEntriesRead) {
    return context.reply.Error(OptionError(context));
  }
  const auto id = GroupStartId(context, found.stream, start, Ends::kAllowed);
  if (!id) return;
  ConsumerGroup* const group = found.stream->WriteGroup(name);
  group->last_id = *id;
  group->entries_read = options.entries_read;
  context.Changed(EventClass::kStream, "xgroup-setid", key.text);
  context.reply.Ok();
}

constexpr CommandSpec kXgroupSetid = {.name = "setid",
                                      .parent = "xgroup",
                                      .arity = AtLeast(5),
                                      .group = Group::kStream,
                                      .since = "5.0.0",
                                      .flags = kWrite,
                                      .acl = kAclStream,
                                      .keys = {OneKey(2, kKeyReadWrite | kKeyUpdate)},
                                      .syntax = "key group <id | $> [ENTRIESREAD entries-read]",
                                      .complexity = "O(1)",
                                      .summary = "Sets the id that a group has come to."};

void XgroupDestroy(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view name = args.Next();
  const StreamValue* const stream = ExistingStream(context, key);
  if (stream == nullptr) return;
  const ConsumerGroup* const group = stream->FindGroup(name);
  if (group == nullptr) return context.reply.Integer(0);
  // What was pending goes with the old value, by slices.
  Breather breather(context);
  WorkingCopy copy(context, breather, key, context.Find(key), group->pending_count());
  static_cast<StreamValue*>(copy.entry()->value_box())->RemoveGroup(name);
  copy.Commit();
  context.Changed(EventClass::kStream, "xgroup-destroy", key.text);
  context.reply.Integer(1);
}

constexpr CommandSpec kXgroupDestroy = {
    .name = "destroy",
    .parent = "xgroup",
    .arity = Exactly(4),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kWrite | kMayPause,
    .acl = kAclStream,
    .keys = {OneKey(2, kKeyReadWrite | kKeyDelete)},
    .syntax = "key group",
    .complexity = "O(N) with N the entries pending in the group",
    .summary = "Removes a consumer group with all that is pending in it."};

void XgroupCreateconsumer(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view name = args.Next();
  const std::string_view consumer = args.Next();
  const StreamGroup found = ExistingGroup(context, key, name);
  if (found.group == nullptr) return;
  if (found.group->FindConsumer(consumer)) return context.reply.Integer(0);
  FindOrAddConsumer(context, key.text, found.stream->WriteGroup(name), consumer);
  context.reply.Integer(1);
}

constexpr CommandSpec kXgroupCreateconsumer = {.name = "createconsumer",
                                               .parent = "xgroup",
                                               .arity = Exactly(5),
                                               .group = Group::kStream,
                                               .since = "6.2.0",
                                               .flags = kWrite | kDenyOom,
                                               .acl = kAclStream,
                                               .keys = {OneKey(2, kKeyReadWrite | kKeyInsert)},
                                               .syntax = "key group consumer",
                                               .complexity = "O(1)",
                                               .summary = "Makes a consumer in a group."};

void XgroupDelconsumer(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view name = args.Next();
  const std::string_view consumer = args.Next();
  const StreamGroup found = ExistingGroup(context, key, name);
  if (found.group == nullptr) return;
  const auto number = found.group->FindConsumer(consumer);
  if (!number) return context.reply.Integer(0);
  const uint64_t pending = found.group->consumer(*number).pending.weight();
  Breather breather(context);
  WorkingCopy copy(context, breather, key, context.Find(key), pending);
  auto* const stream = static_cast<StreamValue*>(copy.entry()->value_box());
  stream->WriteGroup(name)->RemoveConsumer(*number, copy.pace());
  copy.Commit();
  context.Changed(EventClass::kStream, "xgroup-delconsumer", key.text);
  context.reply.Integer(static_cast<int64_t>(pending));
}

constexpr CommandSpec kXgroupDelconsumer = {
    .name = "delconsumer",
    .parent = "xgroup",
    .arity = Exactly(5),
    .group = Group::kStream,
    .since = "5.0.0",
    .flags = kWrite | kMayPause,
    .acl = kAclStream,
    .keys = {OneKey(2, kKeyReadWrite | kKeyDelete)},
    .syntax = "key group consumer",
    .complexity = "O(N log M) with N the consumer's pending entries and M the group's",
    .summary = "Removes a consumer with all that is pending for it."};

}  // namespace

void RegisterStreamGroupCommands(CommandRegistry& registry) {
  registry.Add(kXgroup, nullptr);
  registry.Add(kXgroupCreate, XgroupCreate);
  registry.Add(kXgroupSetid, XgroupSetid);
  registry.Add(kXgroupDestroy, XgroupDestroy);
  registry.Add(kXgroupCreateconsumer, XgroupCreateconsumer);
  registry.Add(kXgroupDelconsumer, XgroupDelconsumer);
}

}  // namespace torc
