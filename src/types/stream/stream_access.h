#pragma once

// Streams by key, and what their commands answer alike.

#include <optional>
#include <string_view>

#include "command/context.h"
#include "types/stream/stream.h"

namespace torc {

// A key looked up for a stream command. `stream` is null if the key is absent, or of another type,
// which then has been replied.
struct StreamKey {
  bool wrong_type = false;
  StreamValue* stream = nullptr;
};

StreamKey ReadStream(CommandContext& context, const KeyRef& key);
StreamKey WriteStream(CommandContext& context, const KeyRef& key);
// Looked up as for reading, to Redis's statistics, but its groups may then be written.
StreamKey ReadStreamForUpdate(CommandContext& context, const KeyRef& key);
// The same of what context.Read(key) found.
StreamKey StreamForUpdate(CommandContext& context, const KeyRef& key, Entry* entry);
// The stream of a key that was held while others ran, for writing.
StreamValue* WriteHeldStream(CommandContext& context, const KeyRef& key);
// Gives an absent key an empty stream.
StreamValue* CreateStream(CommandContext& context, const KeyRef& key);

// What consumers are seen at, and entries delivered. While a log is loaded context.now is long ago,
// so that nothing has expired; these are of the day all the same.
int64_t StreamNowMs(const CommandContext& context);

inline constexpr std::string_view kInvalidStreamId =
    "ERR Invalid stream ID specified as stream command argument";

// The next argument as an id, with the sequence number 0 if it has none; latches an error.
StreamId TakeStreamId(ArgCursor& args);
// The ends of a range; an excluded one is moved inwards, so that both belong to it. Latch an error.
StreamId RangeStart(ArgCursor& args, std::string_view text);
StreamId RangeEnd(ArgCursor& args, std::string_view text);

void ReplyStreamId(ReplyWriter& reply, StreamId id);
// Id, fields and values.
void ReplyStreamEntry(ReplyWriter& reply, const StreamEntry& entry);
// The entry with this id; replies nothing and answers false if it is not there.
bool ReplyStreamEntry(ReplyWriter& reply, const StreamValue& stream, StreamId id);

// "NOGROUP No such key …", as XACK's kin say it.
void ReplyNoGroup(ReplyWriter& reply, std::string_view key, std::string_view group);

}  // namespace torc
