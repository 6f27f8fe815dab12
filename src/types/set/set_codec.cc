// Sets on disk: RDB type 2 (members as strings), 11 (an intset), and, read only, 20 (a listpack:
// Redis 7.2).

#include <algorithm>
#include <string>
#include <vector>

#include "persist/held_trie.h"
#include "persist/rdb_format.h"
#include "persist/rdb_packed.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "types/set/set.h"

namespace torc {
namespace {

static_assert(kSetRdbTypes ==
              RdbTypes({RdbType::kSet, RdbType::kSetIntset, RdbType::kSetListpack}));

// A member from outside; false if it cannot be.
bool AddLoaded(std::string_view member, SetValue* set, RdbReader& reader,
               const ValueLimits& limits) {
  if (member.size() > CompactBlock::kElementBytesMax) {
    reader.Fail("a set's member is too long");
    return false;
  }
  if (set->Add(CompactNeedle(member), limits)) return true;
  reader.Fail("a set has a member twice");
  return false;
}

SetValue LoadStrings(RdbReader& reader, const ValueLimits& limits) {
  SetValue set;
  const uint64_t count = reader.Count();
  if (count >
      static_cast<uint64_t>(std::max(limits.set_intset_entries, limits.set_listpack_entries))) {
    set = SetValue(SetEncoding::kHashtable, limits);
  }
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const std::string_view member = reader.String();
    if (!reader.ok() || !AddLoaded(member, &set, reader, limits)) break;
  }
  return set;
}

template <class Cursor>
void LoadPacked(Cursor cursor, SetValue* set, RdbReader& reader, const ValueLimits& limits) {
  PackedItem item;
  while (cursor.Next(&item)) {
    if (!AddLoaded(item.text(), set, reader, limits)) return;
  }
  if (!cursor.ok()) reader.Fail("a set's packed members are damaged");
}

}  // namespace

uint8_t SetRdbType(const Entry& entry) {
  const bool numbers = SetView(entry).encoding() == SetEncoding::kIntset;
  return static_cast<uint8_t>(numbers ? RdbType::kSetIntset : RdbType::kSet);
}

void SaveSet(const Entry& entry, RdbWriter& writer) {
  const SetView set(entry);
  if (set.encoding() == SetEncoding::kIntset) {
    IntsetBuilder builder(IntsetNumberBytes(set.At(0).integer, set.At(set.size() - 1).integer));
    set.ForEach([&](const CompactElement& member) {
      builder.Add(member.integer);
      return true;
    });
    return writer.RawString(builder.Finish());
  }
  writer.Length(set.size());
  set.ForEach([&](const CompactElement& member) {
    WriteElement(member, writer);
    return true;
  });
}

LoadedValue LoadSet(uint8_t rdb_type, RdbReader& reader, const ValueLimits& limits) {
  SetValue set;
  switch (static_cast<RdbType>(rdb_type)) {
    case RdbType::kSet:
      set = LoadStrings(reader, limits);
      break;
    case RdbType::kSetIntset:
      LoadPacked(IntsetCursor(reader.String()), &set, reader, limits);
      break;
    default:
      set = SetValue(SetEncoding::kListpack, limits);
      LoadPacked(ListpackCursor(reader.String()), &set, reader, limits);
      break;
  }
  LoadedValue value{.type = ValueType::kSet, .empty = set.size() == 0};
  if (!reader.ok() || value.empty) return value;
  value.encoding = static_cast<uint8_t>(set.encoding());
  value.boxed = true;
  value.box = set.Release();
  return value;
}

std::unique_ptr<HeldValue> HoldSet(const Entry& entry) {
  constexpr size_t kLargeBytes = 64 << 10;
  const SetView set(entry);
  if (set.encoding() != SetEncoding::kHashtable || set.allocated_bytes() < kLargeBytes) {
    return nullptr;
  }
  return HoldTrie(set.trie(), TrieRecords::kKeys);
}

void RebuildSet(const Entry& entry, const CommandSink& emit) {
  constexpr size_t kMembersMax = 64;
  std::vector<std::string> members;
  const auto flush = [&] {
    std::vector<std::string_view> argv = {"SADD", entry.key()};
    argv.insert(argv.end(), members.begin(), members.end());
    emit(argv);
    members.clear();
  };
  SetView(entry).ForEach([&](const CompactElement& member) {
    members.emplace_back(CompactText(member).view());
    if (members.size() == kMembersMax) flush();
    return true;
  });
  if (!members.empty()) flush();
}

}  // namespace torc
