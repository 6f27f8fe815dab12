// Streams on disk: RDB type 19 (persist/RDB_FORMAT.md). Each block is written as one of Redis's
// listpacks:
//
//   entries, removed, field count, field …, 0             of the block's first entry
//   flags, ms and seq less the block's, [field count, field,] value …, number of elements before
//
// Entries that were removed left nothing behind, so there are none to be written.

#include <algorithm>
#include <array>
#include <utility>

#include "persist/rdb_format.h"
#include "persist/rdb_packed.h"
#include "persist/rdb_writer.h"
#include "store/entry.h"
#include "types/stream/stream.h"
#include "types/stream/stream_listpack.h"
#include "types/stream/stream_type.h"

namespace torc {
namespace {

std::array<char, kRdbStreamIdBytes> PackedId(StreamId id) {
  std::array<char, kRdbStreamIdBytes> bytes;
  StoreLe(bytes.data(), __builtin_bswap64(id.ms));
  StoreLe(bytes.data() + 8, __builtin_bswap64(id.seq));
  return bytes;
}

std::string_view View(const std::array<char, kRdbStreamIdBytes>& bytes) {
  return {bytes.data(), bytes.size()};
}

void WriteId(RdbWriter& writer, StreamId id) {
  writer.Length(id.ms);
  writer.Length(id.seq);
}

void AddElement(ListpackBuilder& listpack, const StreamElement& element) {
  element.is_integer ? listpack.AddNumber(element.integer) : listpack.Add(element.text);
}

void AddEntry(ListpackBuilder& listpack, const StreamBlock& block, const StreamEntry& entry) {
  const bool shared = entry.shares_fields();
  const auto fields = static_cast<int64_t>(entry.field_count());
  listpack.AddNumber(shared ? kListpackSameFields : 0);
  listpack.AddNumber(static_cast<int64_t>(entry.id().ms - block.base.ms));
  listpack.AddNumber(static_cast<int64_t>(entry.id().seq - block.base.seq));
  if (!shared) listpack.AddNumber(fields);
  entry.ForEachPair([&](const StreamElement& field, const StreamElement& value) {
    if (!shared) AddElement(listpack, field);
    AddElement(listpack, value);
  });
  listpack.AddNumber(ListpackEntryElements(fields, shared));
}

void SaveBlock(const StreamBlock& block, ListpackBuilder& listpack, RdbWriter& writer) {
  listpack.Clear();
  listpack.AddNumber(block.live);
  listpack.AddNumber(0);
  listpack.AddNumber(block.field_count);
  const char* at = block.bytes();
  for (uint32_t i = 0; i < block.field_count; ++i) AddElement(listpack, ReadStreamElement(at));
  listpack.AddNumber(0);
  for (at = block.begin(); at != block.end();) {
    const StreamEntry entry(block, at);
    AddEntry(listpack, block, entry);
    at = entry.end();
  }
  writer.RawString(View(PackedId(block.base)));
  writer.RawString(listpack.Finish());
}

// What stands behind the blocks.
struct Figures {
  explicit Figures(const StreamValue& stream)
      : length(stream.length()),
        entries_added(stream.entries_added),
        last_id(stream.last_id),
        first_id(stream.first_id()),
        max_deleted_id(stream.max_deleted_id) {}
  uint64_t length;
  uint64_t entries_added;
  StreamId last_id;
  StreamId first_id;
  StreamId max_deleted_id;
};

void SaveFigures(const Figures& figures, RdbWriter& writer) {
  writer.Length(figures.length);
  WriteId(writer, figures.last_id);
  WriteId(writer, figures.first_id);
  WriteId(writer, figures.max_deleted_id);
  writer.Length(figures.entries_added);
}

// Writes all groups, about so many bytes at a time.
class GroupsSaver {
 public:
  explicit GroupsSaver(const StreamValue* stream) : stream_(stream) {}

  // Whether there is more.
  bool SaveSome(RdbWriter& writer, size_t bytes_max) {
    const size_t from = writer.out().size();
    while (part_ != Part::kDone) {
      if (writer.out().size() - from >= bytes_max) return true;
      Step(writer);
    }
    return false;
  }

 private:
  enum class Part : uint8_t { kCount, kHead, kPending, kConsumer, kConsumerIds, kDone };
  static constexpr size_t kIdsAStep = 128;

  const ConsumerGroup& group() const { return (*stream_->groups())[group_]; }
  const Consumer& consumer() const {
    return group().consumer(group().consumers_by_name()[consumer_]);
  }
  void Step(RdbWriter& writer) {
    switch (part_) {
      case Part::kCount:
        writer.Length(stream_->group_count());
        part_ = stream_->group_count() > 0 ? Part::kHead : Part::kDone;
        return;
      case Part::kHead:
        return SaveHead(writer);
      case Part::kPending:
        return SavePending(writer);
      case Part::kConsumer:
        return SaveConsumer(writer);
      case Part::kConsumerIds:
        return SaveConsumerIds(writer);
      case Part::kDone:
        return;
    }
  }
  void SaveHead(RdbWriter& writer) {
    writer.String(group().name());
    WriteId(writer, group().last_id);
    writer.Length(static_cast<uint64_t>(group().entries_read));
    writer.Length(group().pending_count());
    part_ = Part::kPending;
    position_ = 0;
  }
  void SavePending(RdbWriter& writer) {
    const PendingTree& pending = group().pending();
    auto at = pending.At(position_);
    for (size_t i = 0; i < kIdsAStep && !at.at_end(); ++i, ++position_, pending.Next(at)) {
      writer.Bytes(View(PackedId(at.item().id)));
      writer.MsTime(at.item().delivered_ms);
      writer.Length(at.item().deliveries);
    }
    if (!at.at_end()) return;
    writer.Length(group().consumers_by_name().size());
    consumer_ = 0;
    part_ = Part::kConsumer;
  }
  void SaveConsumer(RdbWriter& writer) {
    if (consumer_ == group().consumers_by_name().size()) {
      part_ = ++group_ < stream_->group_count() ? Part::kHead : Part::kDone;
      return;
    }
    writer.String(consumer().name);
    writer.MsTime(consumer().seen_ms);
    writer.Length(consumer().pending.weight());
    part_ = Part::kConsumerIds;
    position_ = 0;
  }
  void SaveConsumerIds(RdbWriter& writer) {
    const PendingIds& ids = consumer().pending;
    auto at = ids.At(position_);
    for (size_t i = 0; i < kIdsAStep && !at.at_end(); ++i, ++position_, ids.Next(at)) {
      writer.Bytes(View(PackedId(at.item())));
    }
    if (!at.at_end()) return;
    ++consumer_;
    part_ = Part::kConsumer;
  }

  const StreamValue* stream_;
  Part part_ = Part::kCount;
  size_t group_ = 0;
  size_t consumer_ = 0;
  uint64_t position_ = 0;
};

class HeldStream final : public HeldValue {
 public:
  explicit HeldStream(std::unique_ptr<StreamValue> stream)
      : stream_(std::move(stream)),
        figures_(*stream_),
        block_count_(stream_->block_count()),
        groups_(stream_.get()) {}

  bool SaveSome(RdbWriter& writer, size_t bytes_max) override {
    if (!begun_) writer.Length(block_count_);
    begun_ = true;
    if (!blocks_done_) {
      size_t done_bytes = 0;
      const auto save = [&](const StreamBlock& block) {
        done_bytes += block.size_bytes;
        SaveBlock(block, listpack_, writer);
      };
      while (stream_->DrainBlocks(1, save)) {
        if (done_bytes >= bytes_max) return true;
      }
      blocks_done_ = true;
      SaveFigures(figures_, writer);
      return true;
    }
    return groups_.SaveSome(writer, bytes_max);
  }
  bool FreeSome(size_t items_max) override { return stream_->FreeSome(items_max); }

 private:
  std::unique_ptr<StreamValue> stream_;
  Figures figures_;
  uint64_t block_count_;
  GroupsSaver groups_;
  ListpackBuilder listpack_;
  bool begun_ = false;
  bool blocks_done_ = false;
};

const StreamValue& StreamOf(const Entry& entry) {
  return *static_cast<const StreamValue*>(entry.value_box());
}

}  // namespace

uint8_t StreamRdbType(const Entry& /*entry*/) {
  return static_cast<uint8_t>(RdbType::kStreamListpacks2);
}

void SaveStream(const Entry& entry, RdbWriter& writer) {
  const StreamValue& stream = StreamOf(entry);
  ListpackBuilder listpack;
  writer.Length(stream.block_count());
  stream.ForEachBlock([&](const StreamBlock& block) { SaveBlock(block, listpack, writer); });
  SaveFigures(Figures(stream), writer);
  GroupsSaver(&stream).SaveSome(writer, SIZE_MAX);
}

std::unique_ptr<HeldValue> HoldStream(const Entry& entry) {
  constexpr uint64_t kBlocksMax = 16;
  constexpr uint64_t kPendingMax = 1000;
  const StreamValue& stream = StreamOf(entry);
  uint64_t pending = 0;
  for (size_t i = 0; i < stream.group_count(); ++i) {
    pending += (*stream.groups())[i].pending_count() + 1;
  }
  if (stream.block_count() <= kBlocksMax && pending <= kPendingMax) return nullptr;
  return std::make_unique<HeldStream>(stream.Clone());
}

}  // namespace torc
