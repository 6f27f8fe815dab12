#pragma once

// Hash values: how fields are kept, and what can be done with them. No key look-up, no reply.
//
//   kListpack   a block of records (ds/record_block.h), in the order in which the fields came, up
//               to hash-max-listpack-entries with nothing longer than hash-max-listpack-value
//   kHashtable  a RecordTrie, in the order of the hashes of the fields
//
// A field's deadline is its record's rank. The entry of a hash that has, or had, a field with a
// deadline also holds the earliest one (Entry::parts_deadline_ms), by which the keyspace finds it
// when it is due.
//
// The names are Redis's, as are the moments of conversion: OBJECT ENCODING shows them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "ds/record_trie.h"
#include "store/entry.h"
#include "store/type_ops.h"
#include "store/value_limits.h"

namespace torc {

enum class HashEncoding : uint8_t { kListpack, kHashtable };

class HashValue;

// Reads a hash that something else owns; dies with the next write to it.
class HashView {
 public:
  // A field: its record in a block. False if there is none.
  using Field = RecordTrie::Record;
  using Place = RecordView::Place;

  HashView() = default;
  HashView(HashEncoding encoding, void* box) : encoding_(encoding), box_(box) {}
  explicit HashView(const Entry& entry)
      : HashView(static_cast<HashEncoding>(entry.encoding()), entry.value_box()) {}

  HashEncoding encoding() const { return encoding_; }
  uint64_t size() const { return is_trie() ? trie().size() : records().count(); }
  Field Find(const CompactNeedle& field) const {
    return is_trie() ? trie().Find(field) : Field{records(), FindInBlock(field)};
  }
  // The field at this position of a walk; position < size(). O(log n), of a small hash O(n).
  Field At(uint64_t position) const;
  // fn(RecordView, Place) -> bool for all fields; it ends the walk by returning false.
  template <class Fn>
  void ForEach(Fn&& fn) const;
  // As RecordTrie::Scan; a small hash is one step.
  template <class Fn>
  uint64_t Scan(uint64_t cursor, Fn&& fn) const {
    if (is_trie()) return trie().Scan(cursor, fn);
    ForEach(fn);
    return 0;
  }
  // The earliest deadline of a field, or something earlier; kNoLeastRank if there is none.
  int64_t least_deadline_ms() const {
    return is_trie() ? trie().least_rank() : records().LeastRank();
  }
  bool has_deadlines() const { return least_deadline_ms() != kNoLeastRank; }
  // O(1).
  HashValue Clone() const;
  size_t allocated_bytes() const;
  void CheckInvariants() const;

  bool is_trie() const { return encoding_ == HashEncoding::kHashtable; }
  RecordView records() const { return RecordView(CompactView(box_)); }
  const RecordTrie& trie() const { return *static_cast<const RecordTrie*>(box_); }

 private:
  Place FindInBlock(const CompactNeedle& field) const {
    return box_ == nullptr ? 0 : records().Find(field);
  }

  HashEncoding encoding_ = HashEncoding::kListpack;
  void* box_ = nullptr;
};

// Owns a hash.
class HashValue {
 public:
  HashValue() = default;  // an empty small one
  explicit HashValue(HashEncoding encoding, const ValueLimits& limits);
  HashValue(HashValue&& other) noexcept { *this = std::move(other); }
  HashValue& operator=(HashValue&& other) noexcept {
    std::swap(encoding_, other.encoding_);
    std::swap(box_, other.box_);
    return *this;
  }
  ~HashValue();
  // Takes the hash out of an entry, which must get it back before anything else looks at it.
  static HashValue TakeFrom(Entry* entry);
  void StoreIn(Entry* entry);

  HashView view() const { return {encoding_, box_}; }
  uint64_t size() const { return view().size(); }
  HashEncoding encoding() const { return encoding_; }
  void* Release() { return std::exchange(box_, nullptr); }

  enum class Deadline : uint8_t { kDrop, kKeep };
  // Sets a field, new or there already; returns whether it is new.
  bool Set(const CompactNeedle& field, const CompactNeedle& value, const ValueLimits& limits,
           Deadline deadline = Deadline::kDrop);
  bool Remove(const CompactNeedle& field);
  // Sets or (kUnranked) removes the deadline of a field that is there.
  void SetDeadline(const CompactNeedle& field, int64_t deadline_ms);
  // Removes fields whose deadline is before `now_ms`, about `fields_max` of them, giving each to
  // `taken` before; returns how many.
  size_t TakeDue(int64_t now_ms, size_t fields_max,
                 const std::function<void(std::string_view)>& taken);
  // Becomes large at once if so many fields to come would make it so.
  void PrepareFor(size_t fields, const ValueLimits& limits);

 private:
  friend class HashView;
  static HashValue Adopt(HashEncoding encoding, void* box);
  bool SetInBlock(const CompactNeedle& field, const CompactNeedle& value, const ValueLimits& limits,
                  Deadline deadline);
  void BecomeTrie(const ValueLimits& limits);
  RecordTrie& trie() { return *static_cast<RecordTrie*>(box_); }

  HashEncoding encoding_ = HashEncoding::kListpack;
  void* box_ = nullptr;
};

template <class Fn>
void HashView::ForEach(Fn&& fn) const {
  if (is_trie()) return trie().ForEach(fn);
  const RecordView all = records();
  for (Place at = all.Begin(); at < all.End(); at = all.Next(at)) {
    if (!fn(all, at)) return;
  }
}

extern const TypeOps kHashType;

// --- On disk (hash_codec.cc): what kHashType consists of.
inline constexpr uint32_t kHashRdbTypes = (1U << 4) | (1U << 9) | (1U << 13) | (1U << 16);
uint8_t HashRdbType(const Entry& entry);
void SaveHash(const Entry& entry, RdbWriter& writer);
LoadedValue LoadHash(uint8_t rdb_type, RdbReader& reader, const ValueLimits& limits);
std::unique_ptr<HeldValue> HoldHash(const Entry& entry);
void RebuildHash(const Entry& entry, const CommandSink& emit);

}  // namespace torc
