#include "types/stream/stream_access.h"

#include <string>

#include "base/check.h"
#include "command/value_type.h"
#include "resp/errors.h"

namespace torc {
namespace {

StreamKey StreamOf(CommandContext& context, const Entry* entry) {
  if (RefuseOtherType(context, entry, ValueType::kStream)) return {.wrong_type = true};
  if (entry == nullptr) return {};
  return {.stream = static_cast<StreamValue*>(entry->value_box())};
}

}  // namespace

int64_t StreamNowMs(const CommandContext& context) {
  return context.session.internal ? context.services.clock->WallMs() : context.now.value();
}

StreamKey ReadStream(CommandContext& context, const KeyRef& key) {
  return StreamOf(context, context.Read(key));
}

StreamKey WriteStream(CommandContext& context, const KeyRef& key) {
  return StreamOf(context, context.Write(key).entry);
}

StreamKey ReadStreamForUpdate(CommandContext& context, const KeyRef& key) {
  return StreamForUpdate(context, key, context.Read(key));
}

StreamKey StreamForUpdate(CommandContext& context, const KeyRef& key, Entry* entry) {
  const StreamKey found = StreamOf(context, entry);
  if (found.stream != nullptr) context.Owner(key).BeforeWrite(context.session.db, entry);
  return found;
}

StreamValue* WriteHeldStream(CommandContext& context, const KeyRef& key) {
  Entry* const entry = context.Find(key).entry;
  TORC_CHECK(entry != nullptr, "a held key stays");
  context.Owner(key).BeforeWrite(context.session.db, entry);
  return static_cast<StreamValue*>(entry->value_box());
}

StreamValue* CreateStream(CommandContext& context, const KeyRef& key) {
  Keyspace& keyspace = context.Owner(key);
  Entry* const entry = keyspace.Put(context.session.db, key, {},
                                    {.type = ValueType::kStream,
                                     .boxed = true,
                                     .inline_bytes = sizeof(void*),
                                     .clock = keyspace.access_clock().Fresh()});
  auto* const stream = new StreamValue;
  entry->set_value_box(stream);
  return stream;
}

StreamId TakeStreamId(ArgCursor& args) {
  const auto id = ParseStreamId(args.Next(), 0);
  if (!id) args.Fail(kInvalidStreamId);
  return id.value_or(StreamId{});
}

StreamId RangeStart(ArgCursor& args, std::string_view text) {
  const auto bound = ParseStreamBound(text, 0);
  if (!bound) {
    args.Fail(kInvalidStreamId);
    return {};
  }
  if (!bound->excluded) return bound->id;
  const auto next = NextStreamId(bound->id);
  if (!next) args.Fail("ERR invalid start ID for the interval");
  return next.value_or(StreamId{});
}

StreamId RangeEnd(ArgCursor& args, std::string_view text) {
  const auto bound = ParseStreamBound(text, UINT64_MAX);
  if (!bound) {
    args.Fail(kInvalidStreamId);
    return {};
  }
  if (!bound->excluded) return bound->id;
  const auto previous = PreviousStreamId(bound->id);
  if (!previous) args.Fail("ERR invalid end ID for the interval");
  return previous.value_or(StreamId{});
}

void ReplyStreamId(ReplyWriter& reply, StreamId id) {
  reply.Bulk(StreamIdText(id).view());
}

void ReplyStreamEntry(ReplyWriter& reply, const StreamEntry& entry) {
  reply.Array(2);
  ReplyStreamId(reply, entry.id());
  reply.Array(size_t{2} * entry.field_count());
  const auto write = [&](const StreamElement& element) {
    element.is_integer ? reply.BulkInteger(element.integer) : reply.Bulk(element.text);
  };
  entry.ForEachPair([&](const StreamElement& field, const StreamElement& value) {
    write(field);
    write(value);
  });
}

bool ReplyStreamEntry(ReplyWriter& reply, const StreamValue& stream, StreamId id) {
  const StreamWalk walk(stream, id, id);
  if (walk.AtEnd()) return false;
  ReplyStreamEntry(reply, walk.entry());
  return true;
}

void ReplyNoGroup(ReplyWriter& reply, std::string_view key, std::string_view group) {
  reply.Error("NOGROUP No such key '" + std::string(errors::ShownText(key)) +
              "' or consumer group '" + std::string(errors::ShownText(group)) + "'");
}

}  // namespace torc
