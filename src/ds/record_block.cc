#include "ds/record_block.h"

#include <algorithm>

namespace torc {
namespace {

using Place = RecordView::Place;

// Room for ranks: 0 behind every value. Returns where the record at `marked` is now.
Place AddRanks(CompactBlock* block, Place marked) {
  const CompactNeedle unranked(kUnranked);
  CompactBlock wide;
  const RecordView old(block->view());
  Place moved = 0;
  for (Place at = old.Begin(); at < old.End();) {
    if (at == marked) moved = wide.view().End();
    const Place next = old.Next(at);
    wide.AppendRange(old.block(), at, next, 2);
    wide.Append(unranked);
    at = next;
  }
  wide.set_tag(kKeyValueRank);
  *block = std::move(wide);
  return moved;
}

}  // namespace

int64_t RecordView::LeastRank() const {
  int64_t least = kNoLeastRank;
  if (parts() != kKeyValueRank) return least;
  for (Place at = Begin(); at < End(); at = Next(at)) {
    const int64_t rank = Rank(at);
    if (rank != kUnranked) least = std::min(least, rank);
  }
  return least;
}

CompactBlock NewRecordBlock(const CompactNeedle& key, const CompactNeedle* value) {
  if (value == nullptr) return CompactBlock::New(kKeyOnly, key);
  return CompactBlock::New(kKeyValue, key, *value);
}

void AppendRecord(CompactBlock* block, const CompactNeedle& key, const CompactNeedle* value) {
  const Place end = block->view().End();
  if (value == nullptr) return block->Insert(end, key);
  if (block->view().tag() == kKeyValue) return block->InsertAll(end, key, *value);
  block->InsertAll(end, key, *value, CompactNeedle(kUnranked));
}

void ReplaceValue(CompactBlock* block, Place at, const CompactNeedle& value) {
  block->Replace(block->view().Next(at), value);
}

void SetRank(CompactBlock* block, Place at, int64_t rank) {
  if (block->view().tag() != kKeyValueRank) {
    if (rank == kUnranked) return;
    at = AddRanks(block, at);
  }
  block->Replace(block->view().Skip(at, 2), CompactNeedle(rank));
}

void EraseRecord(CompactBlock* block, Place at) {
  const RecordView records(block->view());
  block->Erase(at, records.Next(at), records.parts());
}

}  // namespace torc
