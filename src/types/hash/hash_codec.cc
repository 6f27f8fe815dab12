// Hashes on disk: RDB type 4 (fields and values as strings), 16 (a listpack), and, read only, 9 and
// 13 (a zipmap, a ziplist: older versions). None of them can say a field's deadline: whoever writes
// a log in command form gets it from Rebuild.

#include <array>
#include <string>
#include <vector>

#include "persist/held_trie.h"
#include "persist/rdb_format.h"
#include "persist/rdb_packed.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "types/hash/hash.h"

namespace torc {
namespace {

static_assert(kHashRdbTypes == RdbTypes({RdbType::kHash, RdbType::kHashZipmap,
                                         RdbType::kHashZiplist, RdbType::kHashListpack}));

// A field from outside; false if it cannot be.
bool AddLoaded(std::string_view field, std::string_view value, HashValue* hash, RdbReader& reader,
               const ValueLimits& limits) {
  if (std::max(field.size(), value.size()) > CompactBlock::kElementBytesMax) {
    reader.Fail("a hash's field or value is too long");
    return false;
  }
  if (hash->Set(CompactNeedle(field), CompactNeedle(value), limits)) return true;
  reader.Fail("a hash has a field twice");
  return false;
}

HashValue LoadStrings(RdbReader& reader, const ValueLimits& limits) {
  HashValue hash;
  std::string field;
  const uint64_t count = reader.Count(2);
  hash.PrepareFor(count, limits);
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    reader.StringInto(&field);
    const std::string_view value = reader.String();
    if (!reader.ok() || !AddLoaded(field, value, &hash, reader, limits)) break;
  }
  return hash;
}

template <class Cursor>
HashValue LoadPacked(Cursor cursor, RdbReader& reader, const ValueLimits& limits) {
  HashValue hash;
  std::string field;
  PackedItem item;
  bool at_value = false;
  while (cursor.Next(&item)) {
    if (!at_value) {
      field = item.text();
    } else if (!AddLoaded(field, item.text(), &hash, reader, limits)) {
      return hash;
    }
    at_value = !at_value;
  }
  if (!cursor.ok() || at_value) reader.Fail("a hash's packed fields are damaged");
  return hash;
}

}  // namespace

uint8_t HashRdbType(const Entry& entry) {
  return static_cast<uint8_t>(HashView(entry).is_trie() ? RdbType::kHash : RdbType::kHashListpack);
}

void SaveHash(const Entry& entry, RdbWriter& writer) {
  const HashView hash(entry);
  if (hash.is_trie()) {
    writer.Length(hash.size());
    hash.ForEach([&](const RecordView& records, RecordView::Place at) {
      WriteElement(records.Key(at), writer);
      WriteElement(records.Value(at), writer);
      return true;
    });
    return;
  }
  ListpackBuilder builder;
  const auto add = [&](const CompactElement& element) {
    element.is_integer ? builder.AddNumber(element.integer) : builder.Add(element.text);
  };
  hash.ForEach([&](const RecordView& records, RecordView::Place at) {
    add(records.Key(at));
    add(records.Value(at));
    return true;
  });
  writer.RawString(builder.Finish());
}

LoadedValue LoadHash(uint8_t rdb_type, RdbReader& reader, const ValueLimits& limits) {
  HashValue hash;
  switch (static_cast<RdbType>(rdb_type)) {
    case RdbType::kHash:
      hash = LoadStrings(reader, limits);
      break;
    case RdbType::kHashZipmap:
      hash = LoadPacked(ZipmapCursor(reader.String()), reader, limits);
      break;
    case RdbType::kHashZiplist:
      hash = LoadPacked(ZiplistCursor(reader.String()), reader, limits);
      break;
    default:
      hash = LoadPacked(ListpackCursor(reader.String()), reader, limits);
      break;
  }
  LoadedValue value{.type = ValueType::kHash, .empty = hash.size() == 0};
  if (!reader.ok() || value.empty) return value;
  value.encoding = static_cast<uint8_t>(hash.encoding());
  value.boxed = true;
  value.box = hash.Release();
  return value;
}

std::unique_ptr<HeldValue> HoldHash(const Entry& entry) {
  constexpr size_t kLargeBytes = 64 << 10;
  const HashView hash(entry);
  if (!hash.is_trie() || hash.allocated_bytes() < kLargeBytes) return nullptr;
  return HoldTrie(hash.trie(), TrieRecords::kKeysAndValues);
}

void RebuildHash(const Entry& entry, const CommandSink& emit) {
  constexpr size_t kFieldsMax = 64;
  std::vector<std::string> words;
  const auto flush = [&] {
    std::vector<std::string_view> argv = {"HSET", entry.key()};
    argv.insert(argv.end(), words.begin(), words.end());
    emit(argv);
    words.clear();
  };
  HashView(entry).ForEach([&](const RecordView& records, RecordView::Place at) {
    words.emplace_back(CompactText(records.Key(at)).view());
    words.emplace_back(CompactText(records.Value(at)).view());
    if (words.size() == kFieldsMax * 2) flush();
    return true;
  });
  if (!words.empty()) flush();
  HashView(entry).ForEach([&](const RecordView& records, RecordView::Place at) {
    if (records.Rank(at) == kUnranked) return true;
    const CompactText field(records.Key(at));
    const DecimalText deadline_ms(records.Rank(at));
    emit(std::array<std::string_view, 6>{"HPEXPIREAT", entry.key(), deadline_ms.view(), "FIELDS",
                                         "1", field.view()});
    return true;
  });
}

}  // namespace torc
