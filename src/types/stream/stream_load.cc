// Reading streams from RDB types 15, 19 and 21 (persist/RDB_FORMAT.md). What cannot be is refused:
// ids that do not grow, counts that are wrong, pending entries of no consumer or of two.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "persist/rdb_format.h"
#include "persist/rdb_packed.h"
#include "persist/rdb_reader.h"
#include "types/stream/stream.h"
#include "types/stream/stream_listpack.h"
#include "types/stream/stream_type.h"

namespace torc {
namespace {

StreamId UnpackId(std::string_view bytes) {
  return {__builtin_bswap64(LoadLe<uint64_t>(bytes.data())),
          __builtin_bswap64(LoadLe<uint64_t>(bytes.data() + 8))};
}

StreamId ReadId(RdbReader& reader) {
  const uint64_t ms = reader.Length();
  return {ms, reader.Length()};
}

StreamId ReadPackedId(RdbReader& reader) {
  const std::string_view bytes = reader.Bytes(kRdbStreamIdBytes);
  return reader.ok() ? UnpackId(bytes) : StreamId{};
}

// A block from its listpack.
class BlockReader {
 public:
  BlockReader(StreamId base, std::string_view listpack)
      : base_(base), listpack_bytes_(listpack.size()), cursor_(listpack) {}
  ~BlockReader() {
    if (block_ != nullptr) ReleaseStreamBlock(block_);
  }
  BlockReader(const BlockReader&) = delete;
  BlockReader& operator=(const BlockReader&) = delete;

  // Null if the listpack is damaged. Ids must be greater than `after`.
  StreamBlock* Read(StreamId after) {
    last_ = after;
    if (base_ <= after || !ReadHead()) return nullptr;
    for (int64_t i = 0; i < live_ + removed_; ++i) {
      if (!ReadEntry()) return nullptr;
    }
    PackedItem more;
    if (cursor_.Next(&more) || !cursor_.ok() || block_->live != live_) return nullptr;
    block_->removed = static_cast<uint32_t>(removed_);
    block_->last = std::max(block_->last, last_);
    const uint32_t counts = ListpackBytesOf(live_) + ListpackBytesOf(removed_);
    block_->listpack_bytes = static_cast<uint32_t>(listpack_bytes_) - counts;
    return std::exchange(block_, nullptr);
  }

 private:
  bool Number(int64_t* number) {
    PackedItem item;
    if (!cursor_.Next(&item) || !item.is_number()) return false;
    *number = item.number();
    return true;
  }
  // A number of things that take at least a byte each.
  bool Count(int64_t* count) {
    return Number(count) && *count >= 0 && static_cast<uint64_t>(*count) <= listpack_bytes_;
  }
  bool Items(int64_t count, std::vector<PackedItem>* items) {
    items->clear();
    for (int64_t i = 0; i < count; ++i) {
      PackedItem item;
      if (!cursor_.Next(&item)) return false;
      items->push_back(item);
    }
    return true;
  }
  bool ReadHead() {
    int64_t fields = 0;
    int64_t end = 0;
    if (!Count(&live_) || !Count(&removed_) || !Count(&fields) || fields == 0) return false;
    if (!Items(fields, &fields_) || !Number(&end) || end != 0) return false;
    pairs_.clear();
    for (const PackedItem& field : fields_) pairs_.insert(pairs_.end(), {field.text(), {}});
    block_ = NewStreamBlock(base_, pairs_);
    return true;
  }
  bool ReadEntry() {
    int64_t flags = 0;
    int64_t ms = 0;
    int64_t seq = 0;
    if (!Number(&flags) || !Number(&ms) || !Number(&seq)) return false;
    if (flags < 0 || flags > (kListpackRemoved | kListpackSameFields)) return false;
    const StreamId id{base_.ms + static_cast<uint64_t>(ms), base_.seq + static_cast<uint64_t>(seq)};
    if (id < base_ || id <= last_) return false;
    last_ = id;
    if (!ReadPairs((flags & kListpackSameFields) != 0)) return false;
    if ((flags & kListpackRemoved) != 0) return true;
    block_ = AppendToStreamBlock(block_, id, pairs_);
    return true;
  }
  bool ReadPairs(bool same_fields) {
    auto fields = static_cast<int64_t>(fields_.size());
    if (!same_fields && (!Count(&fields) || fields == 0)) return false;
    if (!Items(same_fields ? fields : 2 * fields, &items_)) return false;
    int64_t elements = 0;
    if (!Number(&elements) || elements != ListpackEntryElements(fields, same_fields)) return false;
    pairs_.clear();
    for (size_t i = 0; i < items_.size(); ++i) {
      if (same_fields) pairs_.push_back(fields_[i].text());
      pairs_.push_back(items_[i].text());
    }
    return true;
  }

  StreamId base_;
  size_t listpack_bytes_;
  ListpackCursor cursor_;
  StreamBlock* block_ = nullptr;
  int64_t live_ = 0;
  int64_t removed_ = 0;
  StreamId last_;
  std::vector<PackedItem> fields_;
  std::vector<PackedItem> items_;
  std::vector<std::string_view> pairs_;
};

class StreamLoader {
 public:
  StreamLoader(RdbType type, RdbReader* reader)
      : type_(type), reader_(*reader), stream_(std::make_unique<StreamValue>()) {}

  std::unique_ptr<StreamValue> Load() {
    LoadBlocks();
    LoadFigures();
    const uint64_t groups = reader_.Count();
    for (uint64_t i = 0; i < groups && reader_.ok(); ++i) LoadGroup();
    return reader_.ok() ? std::move(stream_) : nullptr;
  }

 private:
  void LoadBlocks() {
    const uint64_t count = reader_.Count(kRdbStreamIdBytes);
    StreamId after;
    for (uint64_t i = 0; i < count && reader_.ok(); ++i) {
      const std::string_view key = reader_.String();
      if (key.size() != kRdbStreamIdBytes) return reader_.Fail("a stream's block has no id");
      const StreamId base = UnpackId(key);
      const std::string_view listpack = reader_.String();
      if (!reader_.ok()) return;
      StreamBlock* const block = BlockReader(base, listpack).Read(after);
      if (block == nullptr) return reader_.Fail("a stream's block is damaged");
      after = block->last;
      stream_->AdoptBlock(block);
    }
  }
  void LoadFigures() {
    const uint64_t length = reader_.Length();
    stream_->last_id = ReadId(reader_);
    stream_->entries_added = length;
    if (type_ != RdbType::kStreamListpacks) {
      ReadId(reader_);  // the first entry's, which is known
      stream_->max_deleted_id = ReadId(reader_);
      stream_->entries_added = reader_.Length();
    }
    if (length != stream_->length()) return reader_.Fail("a stream's length is wrong");
    if (stream_->top_id() > stream_->last_id) return reader_.Fail("a stream's last id is too low");
  }
  void LoadGroup() {
    std::string name;
    reader_.StringInto(&name);
    const StreamId last_id = ReadId(reader_);
    int64_t entries_read = ConsumerGroup::kUnknownRead;
    if (type_ != RdbType::kStreamListpacks) {
      entries_read = static_cast<int64_t>(reader_.Length());
    } else if (const auto read = stream_->CountUpTo(last_id)) {
      entries_read = static_cast<int64_t>(*read);
    }
    if (!reader_.ok()) return;
    if (entries_read < 0) entries_read = ConsumerGroup::kUnknownRead;
    if (!stream_->AddGroup(name, last_id, entries_read)) {
      return reader_.Fail("a consumer group is there twice");
    }
    LoadPending();
    LoadConsumers(stream_->WriteGroup(name));
  }
  // What is pending, whoever has it.
  void LoadPending() {
    constexpr size_t kPendingBytesMin = kRdbStreamIdBytes + 8 + 1;
    const uint64_t count = reader_.Count(kPendingBytesMin);
    pending_.clear();
    for (uint64_t i = 0; i < count && reader_.ok(); ++i) {
      PendingEntry entry{.id = ReadPackedId(reader_), .consumer = kNobody};
      entry.delivered_ms = reader_.MsTime();
      entry.deliveries = reader_.Length();
      if (i > 0 && entry.id <= pending_.back().id) {
        return reader_.Fail("a group's pending entries are out of order");
      }
      pending_.push_back(entry);
    }
  }
  void LoadConsumers(ConsumerGroup* group) {
    const uint64_t count = reader_.Count();
    for (uint64_t i = 0; i < count && reader_.ok(); ++i) {
      std::string name;
      reader_.StringInto(&name);
      const int64_t seen_ms = reader_.MsTime();
      const bool has_active = type_ == RdbType::kStreamListpacks3;
      const int64_t active_ms = has_active ? reader_.MsTime() : seen_ms;
      if (!reader_.ok()) return;
      if (group->FindConsumer(name)) return reader_.Fail("a consumer is there twice");
      const uint32_t number = group->AddConsumer(name, seen_ms);
      group->WriteConsumer(number).active_ms = active_ms;
      LoadConsumerIds(number);
    }
    for (const PendingEntry& entry : pending_) {
      if (!reader_.ok()) return;
      if (entry.consumer == kNobody) return reader_.Fail("a pending entry is no consumer's");
      group->SetPending(entry);
    }
  }
  void LoadConsumerIds(uint32_t number) {
    const uint64_t count = reader_.Count(kRdbStreamIdBytes);
    for (uint64_t i = 0; i < count && reader_.ok(); ++i) {
      const StreamId id = ReadPackedId(reader_);
      const auto found =
          std::partition_point(pending_.begin(), pending_.end(),
                               [id](const PendingEntry& entry) { return entry.id < id; });
      if (found == pending_.end() || found->id != id || found->consumer != kNobody) {
        return reader_.Fail("a consumer has what is not pending");
      }
      found->consumer = number;
    }
  }

  static constexpr uint32_t kNobody = UINT32_MAX;
  RdbType type_;
  RdbReader& reader_;
  std::unique_ptr<StreamValue> stream_;
  std::vector<PendingEntry> pending_;
};

}  // namespace

LoadedValue LoadStream(uint8_t rdb_type, RdbReader& reader, const ValueLimits& /*limits*/) {
  std::unique_ptr<StreamValue> stream =
      StreamLoader(static_cast<RdbType>(rdb_type), &reader).Load();
  LoadedValue value{.type = ValueType::kStream};
  if (stream == nullptr) return value;
  value.boxed = true;
  value.box = stream.release();
  return value;
}

}  // namespace torc
