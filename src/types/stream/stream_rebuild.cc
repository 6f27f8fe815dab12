// A stream as the commands that make it again.

#include <array>
#include <string>
#include <vector>

#include "store/entry.h"
#include "types/stream/stream.h"
#include "types/stream/stream_type.h"

namespace torc {
namespace {

using Words = std::vector<std::string>;

void EmitWords(const CommandSink& emit, const Words& words) {
  emit(std::vector<std::string_view>(words.begin(), words.end()));
}

void RebuildEntries(const StreamValue& stream, const std::string& key, const CommandSink& emit) {
  for (StreamWalk walk(stream, kStreamIdMin, kStreamIdMax); !walk.AtEnd(); walk.Next()) {
    Words words = {"XADD", key, StreamIdText(walk.entry().id())};
    walk.entry().ForEachPair([&](const StreamElement& field, const StreamElement& value) {
      words.emplace_back(StreamElementText(field).view());
      words.emplace_back(StreamElementText(value).view());
    });
    EmitWords(emit, words);
  }
  // An empty one is made by adding what does not stay.
  if (stream.length() == 0) {
    EmitWords(emit, {"XADD", key, "MAXLEN", "0", "0-1", "x", "y"});
  }
}

void RebuildGroup(const ConsumerGroup& group, const std::string& key, const CommandSink& emit) {
  EmitWords(emit, {"XGROUP", "CREATE", key, group.name(), StreamIdText(group.last_id),
                   "ENTRIESREAD", std::to_string(group.entries_read)});
  for (const uint32_t number : group.consumers_by_name()) {
    EmitWords(emit, {"XGROUP", "CREATECONSUMER", key, group.name(), group.consumer(number).name});
  }
  group.pending().ForEach([&](const PendingEntry& entry) {
    EmitWords(emit, {"XCLAIM", key, group.name(), group.consumer(entry.consumer).name, "0",
                     StreamIdText(entry.id), "TIME", std::to_string(entry.delivered_ms),
                     "RETRYCOUNT", std::to_string(entry.deliveries), "JUSTID", "FORCE"});
  });
}

}  // namespace

void RebuildStream(const Entry& entry, const CommandSink& emit) {
  const StreamValue& stream = *static_cast<const StreamValue*>(entry.value_box());
  const std::string key(entry.key());
  RebuildEntries(stream, key, emit);
  EmitWords(emit, {"XSETID", key, StreamIdText(stream.last_id), "ENTRIESADDED",
                   std::to_string(stream.entries_added), "MAXDELETEDID",
                   StreamIdText(stream.max_deleted_id)});
  for (size_t i = 0; i < stream.group_count(); ++i) {
    RebuildGroup((*stream.groups())[i], key, emit);
  }
}

}  // namespace torc
