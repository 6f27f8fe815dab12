#include "ds/record_trie.h"

#include <algorithm>
#include <new>
#include <span>

#include "base/check.h"
#include "base/memory.h"
#include "base/share_count.h"

namespace torc {

RecordTrie& RecordTrie::operator=(RecordTrie&& other) noexcept {
  if (this == &other) return *this;
  Unref(root_);
  root_ = std::exchange(other.root_, 0);
  size_ = std::exchange(other.size_, 0);
  node_bytes_ = std::exchange(other.node_bytes_, 0);
  least_rank_ = std::exchange(other.least_rank_, kNoLeastRank);
  seed_ = other.seed_;
  return *this;
}

RecordTrie RecordTrie::Clone() const {
  RecordTrie clone(seed_);
  Ref(root_);
  clone.root_ = root_;
  clone.size_ = size_;
  clone.node_bytes_ = node_bytes_;
  clone.least_rank_ = least_rank_;
  return clone;
}

void RecordTrie::Ref(Link link) {
  if (IsBranch(link)) {
    ShareCount::Add(AsBranch(link)->refs);
  } else {
    CompactBlock::RetainBlock(BlockOf(link));
  }
}

void RecordTrie::Unref(Link link) {
  if (!IsBranch(link)) return CompactBlock::ReleaseBlock(BlockOf(link));
  Branch* const branch = AsBranch(link);
  if (!ShareCount::Drop(branch->refs)) return;
  for (const Link child : branch->links) Unref(child);
  Free(branch);
}

RecordTrie::Path RecordTrie::PathTo(uint64_t hash) {
  Path path;
  path.link = &root_;
  while (IsBranch(*path.link)) {
    Branch* const branch = AsBranch(*path.link);
    const uint32_t index = IndexAt(hash, path.depth);
    path.branches[static_cast<size_t>(path.depth)] = branch;
    path.indexes[static_cast<size_t>(path.depth)] = static_cast<uint8_t>(index);
    ++path.depth;
    path.link = &branch->links[index];
  }
  return path;
}

// `position` becomes that within the leaf.
RecordTrie::Path RecordTrie::PathToPosition(uint64_t* position) {
  Path path;
  path.link = &root_;
  while (IsBranch(*path.link)) {
    Branch* const branch = AsBranch(*path.link);
    uint32_t index = 0;
    for (; *position >= branch->counts[index]; ++index) *position -= branch->counts[index];
    path.branches[static_cast<size_t>(path.depth)] = branch;
    path.indexes[static_cast<size_t>(path.depth)] = static_cast<uint8_t>(index);
    ++path.depth;
    path.link = &branch->links[index];
  }
  return path;
}

// The branch behind a link, copied if it is shared.
RecordTrie::Branch* RecordTrie::OwnBranch(Link* link) {
  Branch* const branch = AsBranch(*link);
  if (ShareCount::IsOne(branch->refs)) return branch;
  Branch* const copy = new (Allocate(sizeof(Branch))) Branch{.refs = 1,
                                                             .count = branch->count,
                                                             .least_rank = branch->least_rank,
                                                             .links = branch->links,
                                                             .counts = branch->counts};
  for (const Link child : copy->links) Ref(child);
  Unref(*link);
  *link = LinkTo(copy);
  return copy;
}

// The link to the first leaf, of branches that are ours alone; those that lead to none are freed.
// A link to nothing if nothing is left.
RecordTrie::Link* RecordTrie::OwnFirstLeaf() {
  Link* link = &root_;
  while (IsBranch(*link)) {
    Branch* const branch = OwnBranch(link);
    Link* const first = std::find_if(branch->links.begin(), branch->links.end(),
                                     [](Link child) { return child != 0; });
    if (first != branch->links.end()) {
      link = first;
      continue;
    }
    Free(branch);
    *link = 0;
    link = &root_;
  }
  return link;
}

// Copies the shared branches of a path. The leaf itself is copied by its block, if need be.
void RecordTrie::Own(Path& path) {
  Link* link = &root_;
  for (size_t i = 0; i < static_cast<size_t>(path.depth); ++i) {
    Branch* const branch = OwnBranch(link);
    path.branches[i] = branch;
    link = &branch->links[path.indexes[i]];
  }
  path.link = link;
}

// Every write to a leaf: edit(CompactBlock&). A leaf without records is gone afterwards.
template <class Edit>
void RecordTrie::EditLeaf(Path& path, Edit&& edit) {
  Own(path);
  CompactBlock block = CompactBlock::Adopt(BlockOf(*path.link));
  node_bytes_ -= block.view().allocated_bytes();
  edit(block);
  if (block.view().count() == 0) block = CompactBlock();
  node_bytes_ += block.view().allocated_bytes();
  *path.link = LinkTo(std::move(block));
}

void RecordTrie::AddCount(Path& path, int32_t change) {
  for (size_t i = 0; i < static_cast<size_t>(path.depth); ++i) {
    path.branches[i]->count += static_cast<uint32_t>(change);
    path.branches[i]->counts[path.indexes[i]] += static_cast<uint32_t>(change);
  }
  size_ += static_cast<uint64_t>(int64_t{change});
}

RecordTrie::Record RecordTrie::Find(const CompactNeedle& key) const {
  Link link = root_;
  if (IsBranch(link)) {
    const uint64_t hash = key.Hash(seed_);
    for (int depth = 0; IsBranch(link); ++depth) {
      link = AsBranch(link)->links[IndexAt(hash, depth)];
    }
  }
  const RecordView leaf = Leaf(link);
  return {leaf, link == 0 ? 0 : leaf.Find(key)};
}

void RecordTrie::Prefetch(const CompactNeedle& key) const {
  Link link = root_;
  if (IsBranch(link)) {
    const uint64_t hash = key.Hash(seed_);
    for (int depth = 0; IsBranch(link); ++depth) {
      link = AsBranch(link)->links[IndexAt(hash, depth)];
    }
  }
  if (link != 0) CompactBlock::PrefetchBlock(BlockOf(link));
}

RecordTrie::Record RecordTrie::At(uint64_t position) const {
  // The path is only read.
  const Path path = const_cast<RecordTrie*>(this)->PathToPosition(&position);
  const RecordView leaf = Leaf(*path.link);
  return {leaf, leaf.At(static_cast<uint32_t>(position))};
}

// Makes the path longer until its leaf, if any, can take so much more: for elements so large that a
// few of them do not fit into one block.
void RecordTrie::MakeRoom(Path& path, uint64_t hash, size_t added_bytes) {
  while (*path.link != 0 && path.depth < kDepthMax &&
         Leaf(*path.link).block().size_bytes() + added_bytes > CompactBlock::kBytesMax) {
    Own(path);
    *path.link = Split(CompactBlock::Adopt(BlockOf(*path.link)), path.depth);
    path = PathTo(hash);
  }
}

void RecordTrie::AddNew(Path& path, const CompactNeedle& key, const CompactNeedle* value) {
  constexpr size_t kLarge = 1U << 20;
  const size_t added_bytes = key.size_bytes() + (value == nullptr ? 0 : value->size_bytes());
  if (added_bytes > kLarge) MakeRoom(path, key.Hash(seed_), added_bytes);
  EditLeaf(path, [&](CompactBlock& block) {
    if (block.view().count() == 0) {
      block = NewRecordBlock(key, value);
    } else {
      AppendRecord(&block, key, value);
    }
  });
  AddCount(path, 1);
  SplitIfOverfull(path);
}

bool RecordTrie::Add(const CompactNeedle& key, const CompactNeedle* value) {
  Path path = PathTo(key.Hash(seed_));
  const RecordView leaf = Leaf(*path.link);
  if (*path.link != 0 && leaf.Find(key) != leaf.End()) return false;
  AddNew(path, key, value);
  return true;
}

bool RecordTrie::Put(const CompactNeedle& key, const CompactNeedle& value, KeepRank keep_rank) {
  Path path = PathTo(key.Hash(seed_));
  const RecordView leaf = Leaf(*path.link);
  const Place at = *path.link == 0 ? 0 : leaf.Find(key);
  if (*path.link == 0 || at == leaf.End()) {
    AddNew(path, key, &value);
    return true;
  }
  EditLeaf(path, [&](CompactBlock& block) {
    if (keep_rank == KeepRank::kNo) torc::SetRank(&block, at, kUnranked);
    ReplaceValue(&block, at, value);
  });
  SplitIfOverfull(path);
  return false;
}

void RecordTrie::EraseAt(Path& path, Place at) {
  EditLeaf(path, [&](CompactBlock& block) { EraseRecord(&block, at); });
  AddCount(path, -1);
  MergeUp(path);
}

bool RecordTrie::Erase(const CompactNeedle& key) {
  Path path = PathTo(key.Hash(seed_));
  if (*path.link == 0) return false;
  const RecordView leaf = Leaf(*path.link);
  const Place at = leaf.Find(key);
  if (at == leaf.End()) return false;
  EraseAt(path, at);
  return true;
}

void RecordTrie::EraseAt(uint64_t position) {
  Path path = PathToPosition(&position);
  EraseAt(path, Leaf(*path.link).At(static_cast<uint32_t>(position)));
}

void RecordTrie::SetRankAt(Path& path, Place at, int64_t rank) {
  EditLeaf(path, [&](CompactBlock& block) { torc::SetRank(&block, at, rank); });
  if (rank != kUnranked) {
    least_rank_ = std::min(least_rank_, rank);
    for (size_t i = 0; i < static_cast<size_t>(path.depth); ++i) {
      Branch& branch = *path.branches[i];
      branch.least_rank = std::min(branch.least_rank, rank);
    }
  }
  SplitIfOverfull(path);
}

bool RecordTrie::SetRank(const CompactNeedle& key, int64_t rank) {
  Path path = PathTo(key.Hash(seed_));
  if (*path.link == 0) return false;
  const RecordView leaf = Leaf(*path.link);
  const Place at = leaf.Find(key);
  if (at == leaf.End()) return false;
  SetRankAt(path, at, rank);
  return true;
}

bool RecordTrie::IsOverfull(RecordView leaf, int depth) {
  const uint32_t count = leaf.count();
  return count > 1 && depth < kDepthMax &&
         (count > kLeafRecordsMax || leaf.block().size_bytes() > kLeafBytesMax);
}

void RecordTrie::SplitIfOverfull(Path& path) {
  if (!IsOverfull(Leaf(*path.link), path.depth)) return;
  *path.link = Split(CompactBlock::Adopt(BlockOf(*path.link)), path.depth);
}

// A branch at `depth` with the records of a leaf.
RecordTrie::Link RecordTrie::Split(CompactBlock block, int depth) {
  constexpr uint32_t kRecordsMax = kLeafRecordsMax + 1;
  const RecordView leaf(block.view());
  TORC_CHECK(leaf.count() <= kRecordsMax, "a leaf is split as soon as it is overfull");
  std::array<CompactBlock::Range, kRecordsMax> ranges;
  std::array<uint8_t, kRecordsMax> indexes;
  uint32_t count = 0;
  for (Place at = leaf.Begin(); at < leaf.End(); ++count) {
    const Place next = leaf.Next(at);
    ranges[count] = {at, next};
    indexes[count] = static_cast<uint8_t>(IndexAt(leaf.block().Hash(at, seed_), depth));
    at = next;
  }
  auto* const branch = new (Allocate(sizeof(Branch)))
      Branch{.refs = 1, .count = count, .least_rank = leaf.LeastRank(), .links = {}, .counts = {}};
  node_bytes_ += AllocationSize(sizeof(Branch));
  node_bytes_ -= leaf.block().allocated_bytes();
  for (size_t index = 0; index < branch->links.size(); ++index) {
    std::array<CompactBlock::Range, kRecordsMax> chosen;
    uint32_t chosen_count = 0;
    for (uint32_t i = 0; i < count; ++i) {
      if (indexes[i] == index) chosen[chosen_count++] = ranges[i];
    }
    if (chosen_count == 0) continue;
    branch->counts[index] = chosen_count;
    CompactBlock child;
    child.AppendRanges(leaf.block(), std::span(chosen).first(chosen_count),
                       chosen_count * leaf.parts());
    child.set_tag(leaf.block().tag());
    node_bytes_ += child.view().allocated_bytes();
    const bool overfull = IsOverfull(RecordView(child.view()), depth + 1);
    branch->links[index] = overfull ? Split(std::move(child), depth + 1) : LinkTo(std::move(child));
  }
  return LinkTo(branch);
}

bool RecordTrie::Mergeable(const Branch& branch) {
  if (branch.count > kMergeRecordsMax) return false;
  uint32_t size_bytes = 0;
  for (const Link link : branch.links) {
    if (IsBranch(link)) return false;
    size_bytes += Leaf(link).block().size_bytes();
  }
  return size_bytes <= kMergeBytesMax;
}

CompactBlock RecordTrie::Merge(const Branch& branch) {
  CompactBlock merged;
  for (const Link link : branch.links) {
    if (link == 0) continue;
    const RecordView leaf = Leaf(link);
    if (merged.view().count() == 0) {
      Ref(link);
      merged = CompactBlock::Adopt(BlockOf(link));
      continue;
    }
    const RecordView so_far(merged.view());
    if (so_far.parts() == leaf.parts()) {
      merged.AppendRange(leaf.block(), leaf.Begin(), leaf.End(), leaf.block().count());
      continue;
    }
    for (Place at = leaf.Begin(); at < leaf.End(); at = leaf.Next(at)) {
      const CompactText key(leaf.Key(at));
      const CompactText value(leaf.Value(at));
      const CompactNeedle value_needle(value.view());
      const Place appended = merged.view().End();
      AppendRecord(&merged, CompactNeedle(key.view()), &value_needle);
      torc::SetRank(&merged, appended, leaf.Rank(at));
    }
  }
  return merged;
}

// Branches on the path, which is owned, become leaves or nothing where little is left.
void RecordTrie::MergeUp(Path& path) {
  while (path.depth > 0) {
    const auto level = static_cast<size_t>(--path.depth);
    Branch* const branch = path.branches[level];
    path.link = level == 0 ? &root_ : &path.branches[level - 1]->links[path.indexes[level - 1]];
    if (!Mergeable(*branch)) return;
    CompactBlock merged = Merge(*branch);
    for (const Link link : branch->links) node_bytes_ -= Leaf(link).block().allocated_bytes();
    node_bytes_ -= AllocationSize(sizeof(Branch));
    node_bytes_ += merged.view().allocated_bytes();
    Unref(LinkTo(branch));
    *path.link = LinkTo(std::move(merged));
  }
}

struct RecordTrie::Sweep {
  int64_t limit;
  size_t budget;
  const std::function<void(const CompactElement&)>* taken;
};

size_t RecordTrie::TakeDue(int64_t limit, size_t budget,
                           const std::function<void(const CompactElement&)>& taken) {
  Sweep sweep{limit, budget, &taken};
  if (least_rank_ < limit) least_rank_ = SweepLink(&root_, &sweep).least_rank;
  return budget - sweep.budget;
}

// Returns what is below the link then; node_bytes of the totals is not used.
RecordTrie::Totals RecordTrie::SweepLink(Link* link, Sweep* sweep) {
  if (!IsBranch(*link)) return SweepLeaf(link, sweep);
  const Branch& before = *AsBranch(*link);
  if (before.least_rank >= sweep->limit || sweep->budget == 0) {
    return {.count = before.count, .least_rank = before.least_rank};
  }
  Branch* const branch = OwnBranch(link);
  branch->count = 0;
  branch->least_rank = kNoLeastRank;
  for (size_t i = 0; i < branch->links.size(); ++i) {
    const Totals below = SweepLink(&branch->links[i], sweep);
    branch->counts[i] = below.count;
    branch->count += below.count;
    branch->least_rank = std::min(branch->least_rank, below.least_rank);
  }
  if (branch->count > 0) return {.count = branch->count, .least_rank = branch->least_rank};
  Free(branch);
  node_bytes_ -= AllocationSize(sizeof(Branch));
  *link = 0;
  return {};
}

RecordTrie::Totals RecordTrie::SweepLeaf(Link* link, Sweep* sweep) {
  if (*link == 0) return {};
  const int64_t least_rank = Leaf(*link).LeastRank();
  if (least_rank >= sweep->limit || sweep->budget == 0) {
    return {.count = Leaf(*link).count(), .least_rank = least_rank};
  }
  CompactBlock block = CompactBlock::Adopt(BlockOf(*link));
  node_bytes_ -= block.view().allocated_bytes();
  for (Place at = 0; at < block.view().End() && sweep->budget > 0;) {
    const RecordView leaf(block.view());
    const int64_t rank = leaf.Rank(at);
    if (rank == kUnranked || rank >= sweep->limit) {
      at = leaf.Next(at);
      continue;
    }
    (*sweep->taken)(leaf.Key(at));
    EraseRecord(&block, at);
    --sweep->budget;
    --size_;
  }
  const RecordView left(block.view());
  const Totals totals{.count = left.count(), .least_rank = left.LeastRank()};
  if (totals.count == 0) block = CompactBlock();
  node_bytes_ += block.view().allocated_bytes();
  *link = LinkTo(std::move(block));
  return totals;
}

bool RecordTrie::FreeSome(size_t budget) {
  while (root_ != 0 && budget > 0) {
    // The way along the last children, as far as it is ours alone.
    Link* link = &root_;
    while (IsBranch(*link) && ShareCount::IsOne(AsBranch(*link)->refs)) {
      auto& links = AsBranch(*link)->links;
      const auto last = std::find_if(links.rbegin(), links.rend(), [](Link l) { return l != 0; });
      if (last == links.rend()) break;
      link = &*last;
    }
    const size_t count = IsBranch(*link) ? 1 : Leaf(*link).count();
    Unref(std::exchange(*link, 0));
    budget -= std::min(budget, count);
  }
  if (root_ != 0) return true;
  size_ = 0;
  node_bytes_ = 0;
  least_rank_ = kNoLeastRank;
  return false;
}

uint64_t RecordTrie::Relocate(uint64_t cursor, BlockMover& mover) {
  cursor &= kCursorMask;
  Link* link = &root_;
  int depth = 0;
  for (; IsBranch(*link) && ShareCount::IsOne(AsBranch(*link)->refs) && depth < kCursorBits / 4;
       ++depth) {
    *link = LinkTo(static_cast<Branch*>(mover.Move(AsBranch(*link))));
    link = &AsBranch(*link)->links[IndexAt(cursor << (64 - kCursorBits), depth)];
  }
  if (!IsBranch(*link)) *link = reinterpret_cast<Link>(mover.MoveUnshared(BlockOf(*link)));
  return CursorBehind(cursor, depth);
}

RecordTrie::Totals RecordTrie::CheckLink(Link link, uint64_t prefix, int depth) const {
  if (link == 0) return {};
  if (!IsBranch(link)) {
    const RecordView leaf = Leaf(link);
    leaf.block().CheckInvariants();
    TORC_CHECK(leaf.count() > 0, "no leaf is empty");
    TORC_CHECK(leaf.count() * leaf.parts() == leaf.block().count(), "records are whole");
    TORC_CHECK(!IsOverfull(leaf, depth), "no leaf is overfull");
    for (Place at = leaf.Begin(); at < leaf.End(); at = leaf.Next(at)) {
      const uint64_t hash = leaf.block().Hash(at, seed_);
      TORC_CHECK(depth == 0 || hash >> (64 - 4 * depth) == prefix, "a record is in its place");
      const CompactText key(leaf.Key(at));
      TORC_CHECK(leaf.Find(CompactNeedle(key.view())) == at, "a key is there once");
    }
    return {leaf.count(), leaf.LeastRank(), leaf.block().allocated_bytes()};
  }
  const Branch& branch = *AsBranch(link);
  TORC_CHECK(branch.refs > 0, "a branch in use is referred to");
  TORC_CHECK(branch.count > 0, "no branch is empty");
  Totals totals{.node_bytes = AllocationSize(sizeof(Branch))};
  for (size_t i = 0; i < branch.links.size(); ++i) {
    const Totals below = CheckLink(branch.links[i], prefix << 4 | i, depth + 1);
    TORC_CHECK(below.count == branch.counts[i], "a branch counts what is below each link");
    totals.count += below.count;
    totals.least_rank = std::min(totals.least_rank, below.least_rank);
    totals.node_bytes += below.node_bytes;
  }
  TORC_CHECK(totals.count == branch.count, "a branch counts what is below it");
  TORC_CHECK(branch.least_rank <= totals.least_rank, "a branch knows what is due below it");
  return totals;
}

void RecordTrie::CheckInvariants() const {
  const Totals totals = CheckLink(root_, 0, 0);
  TORC_CHECK(totals.count == size_, "the trie knows its size");
  TORC_CHECK(totals.node_bytes == node_bytes_, "the trie knows its memory");
  TORC_CHECK(least_rank_ <= totals.least_rank, "the trie knows what is due");
}

}  // namespace torc
