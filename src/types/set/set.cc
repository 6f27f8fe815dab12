#include "types/set/set.h"

#include <algorithm>
#include <new>

#include "base/check.h"
#include "base/memory.h"

namespace torc {
namespace {

RecordTrie* NewTrie(RecordTrie trie) {
  return new (Allocate(sizeof(RecordTrie))) RecordTrie(std::move(trie));
}

void DeleteTrie(RecordTrie* trie) {
  if (trie == nullptr) return;
  trie->~RecordTrie();
  Free(trie);
}

bool Within(uint64_t count, int64_t limit) {
  return count <= static_cast<uint64_t>(limit);
}

}  // namespace

uint64_t SetView::size() const {
  if (encoding_ == SetEncoding::kHashtable) return trie().size();
  if (encoding_ == SetEncoding::kListpack) return block().count();
  IntSet integers = numbers();
  const uint64_t count = integers.count();
  integers.Release();
  return count;
}

bool SetView::Contains(const CompactNeedle& member) const {
  if (encoding_ == SetEncoding::kHashtable) return static_cast<bool>(trie().Find(member));
  if (encoding_ == SetEncoding::kListpack) return block().Find(member) != block().End();
  if (!member.is_integer()) return false;
  IntSet integers = numbers();
  const bool found = integers.Contains(member.integer());
  integers.Release();
  return found;
}

CompactElement SetView::At(uint64_t position) const {
  if (encoding_ == SetEncoding::kHashtable) return trie().At(position).key();
  if (encoding_ == SetEncoding::kListpack) {
    return block().Get(block().At(static_cast<uint32_t>(position)));
  }
  IntSet integers = numbers();
  const int64_t number = integers.At(static_cast<uint32_t>(position));
  integers.Release();
  return {.is_integer = true, .integer = number, .text = {}};
}

size_t SetView::allocated_bytes() const {
  static const size_t kBoxBytes = AllocationSize(sizeof(RecordTrie));
  if (encoding_ == SetEncoding::kHashtable) return kBoxBytes + trie().size_bytes();
  if (encoding_ == SetEncoding::kListpack) return block().allocated_bytes();
  IntSet integers = numbers();
  const size_t bytes = integers.allocated_bytes();
  integers.Release();
  return bytes;
}

void SetView::CheckInvariants() const {
  if (encoding_ == SetEncoding::kHashtable) return trie().CheckInvariants();
  if (encoding_ == SetEncoding::kListpack) return block().CheckInvariants();
  IntSet integers = numbers();
  integers.CheckInvariants();
  integers.Release();
}

SetValue SetValue::Adopt(SetEncoding encoding, void* box) {
  SetValue value;
  value.encoding_ = encoding;
  value.box_ = box;
  return value;
}

SetValue::SetValue(SetEncoding encoding, const ValueLimits& limits) : encoding_(encoding) {
  if (encoding == SetEncoding::kHashtable) box_ = NewTrie(RecordTrie(limits.hash_seed));
}

SetValue::SetValue(const CompactNeedle& first, size_t size_hint, const ValueLimits& limits) {
  if (first.is_integer() && Within(size_hint, limits.set_intset_entries)) return;
  const bool small = Within(size_hint, limits.set_listpack_entries);
  *this = SetValue(small ? SetEncoding::kListpack : SetEncoding::kHashtable, limits);
}

SetValue::~SetValue() {
  switch (encoding_) {
    case SetEncoding::kIntset:
      IntSet::Adopt(box_);
      break;
    case SetEncoding::kListpack:
      CompactBlock::ReleaseBlock(box_);
      break;
    case SetEncoding::kHashtable:
      DeleteTrie(static_cast<RecordTrie*>(box_));
      break;
  }
}

SetValue SetValue::TakeFrom(Entry* entry) {
  return Adopt(static_cast<SetEncoding>(entry->encoding()), entry->value_box());
}

void SetValue::StoreIn(Entry* entry) {
  entry->set_encoding(static_cast<uint8_t>(encoding_));
  entry->set_value_box(Release());
}

SetValue SetView::Clone() const {
  switch (encoding_) {
    case SetEncoding::kIntset: {
      IntSet integers = numbers();
      IntSet clone = integers.Clone();
      integers.Release();
      return SetValue::Adopt(encoding_, clone.Release());
    }
    case SetEncoding::kListpack:
      CompactBlock::RetainBlock(box_);
      return SetValue::Adopt(encoding_, box_);
    case SetEncoding::kHashtable:
      break;
  }
  return SetValue::Adopt(encoding_, NewTrie(trie().Clone()));
}

bool SetValue::Add(const CompactNeedle& member, const ValueLimits& limits) {
  if (encoding_ == SetEncoding::kHashtable) return trie().Add(member, nullptr);
  return encoding_ == SetEncoding::kListpack ? AddToBlock(member, limits)
                                             : AddToNumbers(member, limits);
}

bool SetValue::AddToNumbers(const CompactNeedle& member, const ValueLimits& limits) {
  if (member.is_integer()) {
    IntSet integers = IntSet::Adopt(box_);
    const bool added = integers.Add(member.integer());
    const uint32_t count = integers.count();
    box_ = integers.Release();
    const bool full = count == IntSet::kCountMax || !Within(count, limits.set_intset_entries);
    if (added && full) BecomeTrie(limits);
    return added;
  }
  // The first text makes it a block if that can take it and all integers, else a trie.
  const uint64_t count = size();
  size_t bytes_max = member.text_bytes();
  if (count > 0) {
    const CompactNeedle least(view().At(0));
    const CompactNeedle greatest(view().At(count - 1));
    bytes_max = std::max({bytes_max, least.text_bytes(), greatest.text_bytes()});
  }
  if (Within(count + 1, limits.set_listpack_entries) &&
      Within(bytes_max, limits.set_listpack_value_bytes)) {
    BecomeBlock();
    return AddToBlock(member, limits);
  }
  BecomeTrie(limits);
  return trie().Add(member, nullptr);
}

bool SetValue::AddToBlock(const CompactNeedle& member, const ValueLimits& limits) {
  if (view().Contains(member)) return false;
  CompactBlock block = CompactBlock::Adopt(box_);
  if (Within(uint64_t{block.view().count()} + 1, limits.set_listpack_entries) &&
      Within(member.text_bytes(), limits.set_listpack_value_bytes) &&
      block.HasRoom(member.size_bytes())) {
    if (block.view().count() == 0) {
      block = NewRecordBlock(member, nullptr);
    } else {
      block.Append(member);
    }
    box_ = block.Release();
    return true;
  }
  box_ = block.Release();
  BecomeTrie(limits);
  return trie().Add(member, nullptr);
}

bool SetValue::Remove(const CompactNeedle& member) {
  if (encoding_ == SetEncoding::kHashtable) return trie().Erase(member);
  if (encoding_ == SetEncoding::kListpack) {
    const CompactView members(box_);
    const CompactView::Place at = members.Find(member);
    if (at == members.End()) return false;
    CompactBlock block = CompactBlock::Adopt(box_);
    block.Erase(at);
    box_ = block.Release();
    return true;
  }
  if (!member.is_integer()) return false;
  IntSet integers = IntSet::Adopt(box_);
  const bool removed = integers.Remove(member.integer());
  box_ = integers.Release();
  return removed;
}

void SetValue::RemoveAt(uint64_t position) {
  if (encoding_ == SetEncoding::kHashtable) return trie().EraseAt(position);
  if (encoding_ == SetEncoding::kListpack) {
    CompactBlock block = CompactBlock::Adopt(box_);
    block.Erase(block.view().At(static_cast<uint32_t>(position)));
    box_ = block.Release();
    return;
  }
  IntSet integers = IntSet::Adopt(box_);
  integers.RemoveAt(static_cast<uint32_t>(position));
  box_ = integers.Release();
}

void SetValue::PrepareFor(size_t size_hint, const ValueLimits& limits) {
  const bool fits =
      encoding_ == SetEncoding::kHashtable ||
      Within(size_hint, encoding_ == SetEncoding::kListpack ? limits.set_listpack_entries
                                                            : limits.set_intset_entries);
  if (!fits) BecomeTrie(limits);
}

void SetValue::BecomeBlock() {
  CompactBlock block;
  view().ForEach([&](const CompactElement& member) {
    if (block.view().count() == 0) {
      block = NewRecordBlock(CompactNeedle(member), nullptr);
    } else {
      block.Append(CompactNeedle(member));
    }
    return true;
  });
  *this = Adopt(SetEncoding::kListpack, block.Release());
}

void SetValue::BecomeTrie(const ValueLimits& limits) {
  SetValue large(SetEncoding::kHashtable, limits);
  view().ForEach([&](const CompactElement& member) {
    large.trie().Add(CompactNeedle(member), nullptr);
    return true;
  });
  *this = std::move(large);
}

void SetValue::BecomeIntsetIfPossible(const ValueLimits& limits) {
  if (encoding_ == SetEncoding::kIntset || !Within(size(), limits.set_intset_entries)) return;
  IntSet integers;
  bool only_integers = true;
  view().ForEach([&](const CompactElement& member) {
    only_integers = member.is_integer;
    if (only_integers) integers.Add(member.integer);
    return only_integers;
  });
  if (only_integers) *this = Adopt(SetEncoding::kIntset, integers.Release());
}

}  // namespace torc
