#include "types/hash/hash.h"

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

HashView::Field HashView::At(uint64_t position) const {
  if (is_trie()) return trie().At(position);
  return {records(), records().At(static_cast<uint32_t>(position))};
}

HashValue HashView::Clone() const {
  if (is_trie()) return HashValue::Adopt(encoding_, NewTrie(trie().Clone()));
  CompactBlock::RetainBlock(box_);
  return HashValue::Adopt(encoding_, box_);
}

size_t HashView::allocated_bytes() const {
  static const size_t kBoxBytes = AllocationSize(sizeof(RecordTrie));
  if (is_trie()) return kBoxBytes + trie().size_bytes();
  return records().block().allocated_bytes();
}

void HashView::CheckInvariants() const {
  if (is_trie()) return trie().CheckInvariants();
  records().block().CheckInvariants();
}

HashValue HashValue::Adopt(HashEncoding encoding, void* box) {
  HashValue value;
  value.encoding_ = encoding;
  value.box_ = box;
  return value;
}

HashValue::HashValue(HashEncoding encoding, const ValueLimits& limits) : encoding_(encoding) {
  if (encoding == HashEncoding::kHashtable) box_ = NewTrie(RecordTrie(limits.hash_seed));
}

HashValue::~HashValue() {
  if (encoding_ == HashEncoding::kHashtable) {
    DeleteTrie(static_cast<RecordTrie*>(box_));
  } else {
    CompactBlock::ReleaseBlock(box_);
  }
}

HashValue HashValue::TakeFrom(Entry* entry) {
  return Adopt(static_cast<HashEncoding>(entry->encoding()), entry->value_box());
}

void HashValue::StoreIn(Entry* entry) {
  entry->set_encoding(static_cast<uint8_t>(encoding_));
  entry->set_value_box(Release());
}

bool HashValue::Set(const CompactNeedle& field, const CompactNeedle& value,
                    const ValueLimits& limits, Deadline deadline) {
  if (encoding_ == HashEncoding::kListpack) {
    if (Within(field.text_bytes(), limits.hash_listpack_value_bytes) &&
        Within(value.text_bytes(), limits.hash_listpack_value_bytes)) {
      return SetInBlock(field, value, limits, deadline);
    }
    BecomeTrie(limits);
  }
  return trie().Put(
      field, value,
      deadline == Deadline::kKeep ? RecordTrie::KeepRank::kYes : RecordTrie::KeepRank::kNo);
}

bool HashValue::SetInBlock(const CompactNeedle& field, const CompactNeedle& value,
                           const ValueLimits& limits, Deadline deadline) {
  CompactBlock block = CompactBlock::Adopt(box_);
  if (block.view().count() == 0) {
    block = NewRecordBlock(field, &value);
    box_ = block.Release();
    if (!Within(1, limits.hash_listpack_entries)) BecomeTrie(limits);
    return true;
  }
  const RecordView records(block.view());
  const RecordView::Place at = records.Find(field);
  const bool is_new = at == records.End();
  if (is_new) {
    AppendRecord(&block, field, &value);
  } else {
    if (deadline == Deadline::kDrop) torc::SetRank(&block, at, kUnranked);
    ReplaceValue(&block, at, value);
  }
  const bool full = !Within(RecordView(block.view()).count(), limits.hash_listpack_entries) ||
                    !block.HasRoom(CompactBlock::kElementBytesMax);
  box_ = block.Release();
  if (full) BecomeTrie(limits);
  return is_new;
}

bool HashValue::Remove(const CompactNeedle& field) {
  if (encoding_ == HashEncoding::kHashtable) return trie().Erase(field);
  const RecordView records = view().records();
  if (records.count() == 0) return false;
  const RecordView::Place at = records.Find(field);
  if (at == records.End()) return false;
  CompactBlock block = CompactBlock::Adopt(box_);
  EraseRecord(&block, at);
  box_ = block.Release();
  return true;
}

void HashValue::SetDeadline(const CompactNeedle& field, int64_t deadline_ms) {
  if (encoding_ == HashEncoding::kHashtable) {
    trie().SetRank(field, deadline_ms);
    return;
  }
  const RecordView::Place at = view().records().Find(field);
  CompactBlock block = CompactBlock::Adopt(box_);
  torc::SetRank(&block, at, deadline_ms);
  box_ = block.Release();
}

size_t HashValue::TakeDue(int64_t now_ms, size_t fields_max,
                          const std::function<void(std::string_view)>& taken) {
  if (encoding_ == HashEncoding::kHashtable) {
    return trie().TakeDue(now_ms, fields_max,
                          [&](const CompactElement& field) { taken(CompactText(field).view()); });
  }
  size_t count = 0;
  CompactBlock block = CompactBlock::Adopt(box_);
  for (RecordView::Place at = 0; at < block.view().End() && count < fields_max;) {
    const RecordView records(block.view());
    const int64_t deadline_ms = records.Rank(at);
    if (deadline_ms == kUnranked || deadline_ms >= now_ms) {
      at = records.Next(at);
      continue;
    }
    taken(CompactText(records.Key(at)).view());
    EraseRecord(&block, at);
    ++count;
  }
  box_ = block.Release();
  return count;
}

void HashValue::PrepareFor(size_t fields, const ValueLimits& limits) {
  if (encoding_ == HashEncoding::kListpack && !Within(fields, limits.hash_listpack_entries)) {
    BecomeTrie(limits);
  }
}

void HashValue::BecomeTrie(const ValueLimits& limits) {
  HashValue large(HashEncoding::kHashtable, limits);
  view().ForEach([&](const RecordView& records, RecordView::Place at) {
    const CompactNeedle field(records.Key(at));
    const CompactNeedle value(records.Value(at));
    large.trie().Add(field, &value);
    if (records.Rank(at) != kUnranked) large.trie().SetRank(field, records.Rank(at));
    return true;
  });
  *this = std::move(large);
}

}  // namespace torc
