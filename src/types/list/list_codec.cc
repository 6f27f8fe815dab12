// Lists on disk: RDB type 18, listpacks one after the other, each a block. Read: that; type 14, the
// same of ziplists; type 10, one ziplist; type 1, the elements one by one.

#include <array>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "persist/rdb_format.h"
#include "persist/rdb_packed.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "types/list/list.h"

namespace torc {
namespace {

// How a node of type 18 is kept.
constexpr uint64_t kPlainNode = 1;   // one element, as it is
constexpr uint64_t kPackedNode = 2;  // a listpack

void SaveBlock(const ListBlock& block, std::string* bytes, RdbWriter& writer) {
  constexpr uint32_t kUnknownCount = 0xffff;
  bytes->clear();
  ByteWriter out(bytes);
  out.U32(static_cast<uint32_t>(block.listpack_bytes()));
  out.U16(static_cast<uint16_t>(std::min(block.count, kUnknownCount)));
  out.Bytes({block.first(), block.used_bytes()});
  out.U8(0xff);
  writer.Length(kPackedNode);
  writer.RawString(*bytes);
}

class HeldList final : public HeldValue {
 public:
  HeldList(ListTree tree, uint64_t block_count)
      : tree_(std::move(tree)), block_count_(block_count) {}

  bool SaveSome(RdbWriter& writer, size_t bytes_max) override {
    if (!begun_) writer.Length(block_count_);
    begun_ = true;
    size_t done_bytes = 0;
    bool more = true;
    while (more && done_bytes < bytes_max) {
      more = tree_.DrainSome(1, [&](const ListItem& item) {
        done_bytes += item.block->used_bytes();
        SaveBlock(*item.block, &bytes_, writer);
      });
    }
    return more;
  }
  bool FreeSome(size_t items_max) override { return tree_.FreeSome(items_max / 64 + 1); }

 private:
  ListTree tree_;
  uint64_t block_count_;
  bool begun_ = false;
  std::string bytes_;
};

// A list under construction.
class LoadingList {
 public:
  LoadingList(RdbReader* reader, const ValueLimits& limits)
      : reader_(reader),
        limit_{limits.list_listpack_size},
        entry_(Entry::New({}, {.type = ValueType::kList, .boxed = true, .inline_bytes = 8})) {
    entry_->set_value_box(NewBlock(0));
  }
  ~LoadingList() {
    if (entry_->value_box() != nullptr) kListType.free_value(entry_);
    Entry::Delete(entry_);
  }
  LoadingList(const LoadingList&) = delete;
  LoadingList& operator=(const LoadingList&) = delete;

  void Add(std::string_view text) {
    if (text.size() > kListElementBytesMax) return reader_->Fail("a list's element is too large");
    List list(entry_, limit_);
    list.MakeRoomFor(text.size(), 1);
    list.Push(ListEnd::kTail, text);
  }
  template <class Cursor>
  void AddPacked(Cursor&& cursor) {
    if (!AllTexts(cursor, [this](std::string_view text) { Add(text); })) {
      reader_->Fail("a list's node is damaged");
    }
  }
  LoadedValue Take() {
    LoadedValue value{.type = ValueType::kList, .encoding = entry_->encoding()};
    value.empty = ListView(*entry_).size() == 0;
    if (value.empty || !reader_->ok()) return value;
    value.boxed = true;
    value.box = entry_->value_box();
    entry_->set_value_box(nullptr);
    return value;
  }

 private:
  RdbReader* reader_;
  ListLimit limit_;
  Entry* entry_;
};

void LoadNode(RdbType type, RdbReader& reader, LoadingList& list) {
  if (type == RdbType::kListQuicklist) return list.AddPacked(ZiplistCursor(reader.String()));
  const uint64_t container = reader.Length();
  const std::string_view bytes = reader.String();
  if (!reader.ok()) return;
  if (container == kPlainNode) return list.Add(bytes);
  if (container != kPackedNode) return reader.Fail("a list's node is of no known kind");
  list.AddPacked(ListpackCursor(bytes));
}

}  // namespace

uint8_t ListRdbType(const Entry& /*entry*/) {
  return static_cast<uint8_t>(RdbType::kListQuicklist2);
}

void SaveList(const Entry& entry, RdbWriter& writer) {
  std::string bytes;
  if (ListView(entry).small()) {
    writer.Length(1);
    return SaveBlock(*static_cast<const ListBlock*>(entry.value_box()), &bytes, writer);
  }
  const auto* large = static_cast<const LargeList*>(entry.value_box());
  writer.Length(large->block_count);
  large->tree.ForEach([&](const ListItem& item) { SaveBlock(*item.block, &bytes, writer); });
}

LoadedValue LoadList(uint8_t rdb_type, RdbReader& reader, const ValueLimits& limits) {
  const auto type = static_cast<RdbType>(rdb_type);
  LoadingList list(&reader, limits);
  if (type == RdbType::kListZiplist) {
    list.AddPacked(ZiplistCursor(reader.String()));
    return list.Take();
  }
  const uint64_t count = reader.Count();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    if (type != RdbType::kList) {
      LoadNode(type, reader, list);
      continue;
    }
    const std::string_view text = reader.String();
    if (reader.ok()) list.Add(text);
  }
  return list.Take();
}

std::unique_ptr<HeldValue> HoldList(const Entry& entry) {
  if (ListView(entry).small()) return nullptr;
  const auto* large = static_cast<const LargeList*>(entry.value_box());
  return std::make_unique<HeldList>(large->tree.Clone(), large->block_count);
}

void RebuildList(const Entry& entry, const CommandSink& emit) {
  constexpr size_t kElementsMax = 64;
  std::vector<std::string> texts;
  const auto flush = [&] {
    std::vector<std::string_view> argv = {"RPUSH", entry.key()};
    argv.insert(argv.end(), texts.begin(), texts.end());
    emit(argv);
    texts.clear();
  };
  for (ListWalk walk(ListView(entry), 0, ListWalk::Direction::kForward); !walk.AtEnd();
       walk.Next()) {
    texts.emplace_back(PackedText(walk.element()).view());
    if (texts.size() == kElementsMax) flush();
  }
  if (!texts.empty()) flush();
}

}  // namespace torc
