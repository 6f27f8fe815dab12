// What the rest of the system knows of streams.

#include "types/stream/stream_type.h"
#include "base/hash.h"
#include "persist/rdb_format.h"
#include "store/entry.h"
#include "types/stream/stream.h"

namespace torc {
namespace {

StreamValue& StreamOf(const Entry& entry) {
  return *static_cast<StreamValue*>(entry.value_box());
}

std::string_view EncodingName(const Entry& /*entry*/) {
  return "stream";
}

void FreeValue(Entry* entry) {
  delete &StreamOf(*entry);
}

void CopyValue(const Entry& from, Entry* to) {
  to->set_value_box(StreamOf(from).Clone().release());
}

size_t OutsideBytes(const Entry& entry) {
  return StreamOf(entry).size_bytes();
}

size_t Length(const Entry& entry) {
  return StreamOf(entry).length();
}

int64_t ReferenceCount(const Entry& /*entry*/) {
  return 1;
}

template <class T>
uint64_t HashOf(const T& value, uint64_t seed) {
  return HashBytes({reinterpret_cast<const char*>(&value), sizeof(value)}, seed);
}

// When consumers were last heard of is no part of the content: it does not travel with effects.
uint64_t GroupDigest(const ConsumerGroup& group, uint64_t seed) {
  seed = HashBytes(group.name(), seed);
  seed = HashOf(group.entries_read, HashOf(group.last_id, seed));
  for (const uint32_t number : group.consumers_by_name()) {
    seed = HashBytes(group.consumer(number).name, seed);
  }
  group.pending().ForEach([&](const PendingEntry& entry) {
    seed = HashOf(entry.id, seed);
    seed = HashOf(entry.deliveries, HashOf(entry.delivered_ms, seed));
    seed = HashBytes(group.consumer(entry.consumer).name, seed);
  });
  return seed;
}

uint64_t Digest(const Entry& entry, uint64_t seed) {
  const StreamValue& stream = StreamOf(entry);
  for (StreamWalk walk(stream, kStreamIdMin, kStreamIdMax); !walk.AtEnd(); walk.Next()) {
    seed = HashOf(walk.entry().id(), seed);
    walk.entry().ForEachPair([&](const StreamElement& field, const StreamElement& value) {
      seed = HashBytes(StreamElementText(field).view(), seed);
      seed = HashBytes(StreamElementText(value).view(), seed);
    });
  }
  seed = HashOf(stream.last_id, HashOf(stream.max_deleted_id, seed));
  seed = HashOf(stream.entries_added, seed);
  for (size_t i = 0; i < stream.group_count(); ++i) {
    seed = GroupDigest((*stream.groups())[i], seed);
  }
  return seed;
}

}  // namespace

const TypeOps kStreamType = {
    .name = "stream",
    .encoding = EncodingName,
    .free_value = FreeValue,
    .copy_value = CopyValue,
    .outside_bytes = OutsideBytes,
    .length = Length,
    .reference_count = ReferenceCount,
    .digest = Digest,
    .rdb_types = RdbTypes(
        {RdbType::kStreamListpacks, RdbType::kStreamListpacks2, RdbType::kStreamListpacks3}),
    .rdb_type = StreamRdbType,
    .save = SaveStream,
    .load = LoadStream,
    .hold = HoldStream,
    .rebuild = RebuildStream};

}  // namespace torc
