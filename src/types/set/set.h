#pragma once

// Set values: how members are kept, and what can be done with them. No key look-up, no reply.
//
//   kIntset     an IntSet: only integers, up to set-max-intset-entries
//   kListpack   a compact block of members, in the order in which they came, up to
//               set-max-listpack-entries of up to set-max-listpack-value bytes
//   kHashtable  a RecordTrie without values, in the order of hashes
//
// The names are Redis's, as are the moments of conversion: OBJECT ENCODING shows them. A set grows
// from one into the next and never goes back, but for what a command builds anew.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "ds/record_trie.h"
#include "store/entry.h"
#include "store/type_ops.h"
#include "store/value_limits.h"
#include "types/set/int_set.h"

namespace torc {

enum class SetEncoding : uint8_t { kIntset, kListpack, kHashtable };

class SetValue;

// Reads a set that something else owns; dies with the next write to it.
class SetView {
 public:
  SetView() = default;
  SetView(SetEncoding encoding, void* box) : encoding_(encoding), box_(box) {}
  explicit SetView(const Entry& entry)
      : SetView(static_cast<SetEncoding>(entry.encoding()), entry.value_box()) {}

  SetEncoding encoding() const { return encoding_; }
  uint64_t size() const;
  bool Contains(const CompactNeedle& member) const;
  // The member at this position of a walk; position < size(). O(log n), of a small set O(n).
  CompactElement At(uint64_t position) const;
  // fn(const CompactElement&) -> bool for all members; it ends the walk by returning false.
  template <class Fn>
  void ForEach(Fn&& fn) const {
    if (encoding_ == SetEncoding::kHashtable) {
      trie().ForEach([&](RecordView leaf, RecordView::Place at) { return fn(leaf.Key(at)); });
    } else {
      ForEachSmall(fn);
    }
  }
  // As RecordTrie::Scan; a small set is one step.
  template <class Fn>
  uint64_t Scan(uint64_t cursor, Fn&& fn) const {
    if (encoding_ == SetEncoding::kHashtable) {
      return trie().Scan(cursor,
                         [&](RecordView leaf, RecordView::Place at) { return fn(leaf.Key(at)); });
    }
    ForEachSmall(fn);
    return 0;
  }
  // O(1).
  SetValue Clone() const;
  size_t allocated_bytes() const;
  void CheckInvariants() const;

  CompactView block() const { return CompactView(box_); }
  const RecordTrie& trie() const { return *static_cast<const RecordTrie*>(box_); }
  // A borrowed one: to be released, not destroyed.
  IntSet numbers() const { return IntSet::Adopt(box_); }

 private:
  template <class Fn>
  void ForEachSmall(Fn& fn) const;

  SetEncoding encoding_ = SetEncoding::kIntset;
  void* box_ = nullptr;
};

// Owns a set.
class SetValue {
 public:
  SetValue() = default;  // an empty set of integers
  SetValue(SetEncoding encoding, const ValueLimits& limits);
  // An empty set in the encoding that suits a first member, with `size_hint` to come.
  SetValue(const CompactNeedle& first, size_t size_hint, const ValueLimits& limits);
  SetValue(SetValue&& other) noexcept { *this = std::move(other); }
  SetValue& operator=(SetValue&& other) noexcept {
    std::swap(encoding_, other.encoding_);
    std::swap(box_, other.box_);
    return *this;
  }
  ~SetValue();
  // Takes the set out of an entry, which must get it back before anything else looks at it.
  static SetValue TakeFrom(Entry* entry);
  void StoreIn(Entry* entry);

  SetView view() const { return {encoding_, box_}; }
  uint64_t size() const { return view().size(); }
  // What StoreIn would store.
  SetEncoding encoding() const { return encoding_; }
  void* Release() { return std::exchange(box_, nullptr); }

  // False if it is there already.
  bool Add(const CompactNeedle& member, const ValueLimits& limits);
  bool Remove(const CompactNeedle& member);
  void RemoveAt(uint64_t position);
  // Becomes large at once if `size_hint` members to come would make it so.
  void PrepareFor(size_t size_hint, const ValueLimits& limits);
  // Becomes a set of integers if that is all it holds, and few enough.
  void BecomeIntsetIfPossible(const ValueLimits& limits);

 private:
  friend class SetView;
  static SetValue Adopt(SetEncoding encoding, void* box);
  bool AddToNumbers(const CompactNeedle& member, const ValueLimits& limits);
  bool AddToBlock(const CompactNeedle& member, const ValueLimits& limits);
  void BecomeBlock();
  void BecomeTrie(const ValueLimits& limits);
  RecordTrie& trie() { return *static_cast<RecordTrie*>(box_); }

  SetEncoding encoding_ = SetEncoding::kIntset;
  void* box_ = nullptr;
};

template <class Fn>
void SetView::ForEachSmall(Fn& fn) const {
  if (encoding_ == SetEncoding::kListpack) {
    const CompactView members = block();
    for (auto at = members.Begin(); at < members.End(); at = members.Next(at)) {
      if (!fn(members.Get(at))) return;
    }
    return;
  }
  IntSet integers = numbers();
  for (uint32_t i = 0; i < integers.count(); ++i) {
    if (!fn(CompactElement{.is_integer = true, .integer = integers.At(i), .text = {}})) break;
  }
  integers.Release();
}

extern const TypeOps kSetType;

// --- On disk (set_codec.cc): what kSetType consists of.
inline constexpr uint32_t kSetRdbTypes = (1U << 2) | (1U << 11) | (1U << 20);
uint8_t SetRdbType(const Entry& entry);
void SaveSet(const Entry& entry, RdbWriter& writer);
LoadedValue LoadSet(uint8_t rdb_type, RdbReader& reader, const ValueLimits& limits);
std::unique_ptr<HeldValue> HoldSet(const Entry& entry);
void RebuildSet(const Entry& entry, const CommandSink& emit);

}  // namespace torc
