#include "ds/table_directory.h"

#include <algorithm>
#include <new>

#include "base/memory.h"

namespace torc {
namespace {

size_t WordsBytes(int depth) {
  return sizeof(DirectoryWord) << depth;
}

// Where the word of `hash` stands in an array indexed by `depth` bits.
size_t IndexOf(uint64_t hash, int depth) {
  return (hash >> 1) >> (63 - depth);
}

// Copies an array into one of another depth: each word twice, four times… or each second word, each
// fourth…
size_t CopyWords(const DirectoryWord* from, int from_depth, DirectoryWord* to, int to_depth) {
  const size_t count = size_t{1} << to_depth;
  for (size_t i = 0; i < count; ++i) {
    to[i] =
        from[to_depth >= from_depth ? i >> (to_depth - from_depth) : i << (from_depth - to_depth)];
  }
  return count;
}

}  // namespace

TableDirectory::TableDirectory() : alone_(DirectoryWord::Segment(TableSegment::Empty())) {}

TableDirectory::TableDirectory(TableDirectory&& other) noexcept : TableDirectory() {
  *this = std::move(other);
}

TableDirectory& TableDirectory::operator=(TableDirectory&& other) noexcept {
  if (this == &other) return *this;
  Abandon();
  root_depth_ = other.root_depth_;
  alone_ = other.alone_;
  root_ = other.root_ == &other.alone_ ? &alone_ : other.root_;
  other.root_depth_ = 0;
  other.root_ = &other.alone_;
  other.alone_ = DirectoryWord::Segment(TableSegment::Empty());
  return *this;
}

TableDirectory::~TableDirectory() {
  Abandon();
}

void TableDirectory::Abandon() {
  if (root_ == &alone_) return;
  if (root_depth_ == kRootDepthMax) {
    for (size_t i = 0; i < size_t{1} << kRootDepthMax; ++i) {
      if (root_[i].is_branch()) Free(root_[i].branch());
    }
  }
  DeleteRoot(root_);
  root_ = &alone_;
}

DirectoryWord* TableDirectory::NewRoot(int depth) {
  void* block = Allocate(sizeof(RootHeader) + WordsBytes(depth));
  auto* at = new (block) RootHeader();
  return reinterpret_cast<DirectoryWord*>(at + 1);
}

void TableDirectory::DeleteRoot(DirectoryWord* root) {
  Free(reinterpret_cast<RootHeader*>(root) - 1);
}

TableDirectory::RootHeader& TableDirectory::header() const {
  return *(reinterpret_cast<RootHeader*>(root_) - 1);
}

size_t TableDirectory::ResizeRoot(int depth) {
  DirectoryWord* const old = root_;
  if (depth == 0) {
    alone_ = old[0];
    DeleteRoot(old);
    root_ = &alone_;
    root_depth_ = 0;
    return 1;
  }
  DirectoryWord* const words = NewRoot(depth);
  const size_t written = CopyWords(old, root_depth_, words, depth);
  root_ = words;
  if (old == &alone_) {
    header().segments_at_depth[0] = 1;
  } else {
    header() = *(reinterpret_cast<RootHeader*>(old) - 1);
    DeleteRoot(old);
  }
  root_depth_ = static_cast<uint8_t>(depth);
  return written;
}

size_t TableDirectory::ResizeBranch(DirectoryWord* at, int depth) {
  const bool was_branch = at->is_branch();
  const DirectoryWord* const old = was_branch ? at->branch() : at;
  const int old_depth = was_branch ? at->depth() : 0;
  DirectoryWord* words = nullptr;
  DirectoryWord single = old[0];
  if (depth > 0) {
    words = static_cast<DirectoryWord*>(Allocate(WordsBytes(depth)));
    CopyWords(old, old_depth, words, depth);
    header().branch_bytes += WordsBytes(depth);
  }
  if (was_branch) {
    Free(at->branch());
    header().branch_bytes -= WordsBytes(old_depth);
  }
  *at = depth > 0 ? DirectoryWord::Branch(words, depth) : single;
  return (size_t{1} << depth) + 1;
}

size_t TableDirectory::Deepen(uint64_t hash, int depth) {
  size_t written = 0;
  const int root_depth = std::min(depth, kRootDepthMax);
  if (root_depth > root_depth_) written += ResizeRoot(root_depth);
  if (depth <= kRootDepthMax) return written;
  DirectoryWord* const at = root_ + IndexOf(hash, root_depth_);
  const int branch_depth = at->is_branch() ? at->depth() : 0;
  if (depth - kRootDepthMax > branch_depth) written += ResizeBranch(at, depth - kRootDepthMax);
  return written;
}

size_t TableDirectory::SetAll(const TableSegment& segment, DirectoryWord word) {
  DirectoryWord* at = root_ + IndexOf(segment.prefix, root_depth_);
  int array_depth = root_depth_;
  int segment_depth = segment.depth;
  if (at->is_branch()) {
    array_depth = at->depth();
    segment_depth -= kRootDepthMax;
    at = at->branch() + ((segment.prefix << kRootDepthMax) >> (64 - array_depth));
  }
  const size_t count = size_t{1} << (array_depth - segment_depth);
  std::fill_n(at, count, word);
  return count;
}

size_t TableDirectory::Assign(const TableSegment& segment) {
  return SetAll(segment, DirectoryWord::Segment(&segment));
}

size_t TableDirectory::Drop(const TableSegment& segment) {
  return SetAll(segment, DirectoryWord::Segment(&segment).Dropped());
}

size_t TableDirectory::Trim(uint64_t hash) {
  size_t written = 0;
  if (root_ == &alone_) return 0;
  DirectoryWord* const at = root_ + IndexOf(hash, root_depth_);
  if (at->is_branch()) {
    const DirectoryWord* const words = at->branch();
    int needed = 0;
    for (size_t i = 0; i < size_t{1} << at->depth(); ++i) {
      needed = std::max(needed, words[i].depth() - kRootDepthMax);
    }
    if (needed < at->depth()) written += ResizeBranch(at, needed);
  }
  const int root_depth = std::min(deepest(), kRootDepthMax);
  if (root_depth < root_depth_) written += ResizeRoot(root_depth);
  return written;
}

void TableDirectory::CountSplit(int depth) {
  auto& at_depth = header().segments_at_depth;
  --at_depth[static_cast<size_t>(depth)];
  at_depth[static_cast<size_t>(depth) + 1] += 2;
}

void TableDirectory::CountMerge(int depth_of_both) {
  auto& at_depth = header().segments_at_depth;
  at_depth[static_cast<size_t>(depth_of_both)] -= 2;
  ++at_depth[static_cast<size_t>(depth_of_both) - 1];
}

uint32_t TableDirectory::segments_at(int depth) const {
  if (root_ == &alone_) return depth == 0 ? 1 : 0;
  return header().segments_at_depth[static_cast<size_t>(depth)];
}

int TableDirectory::deepest() const {
  int depth = root_ == &alone_ ? 0 : kTableDepthMax;
  while (depth > 0 && segments_at(depth) == 0) --depth;
  return depth;
}

size_t TableDirectory::size_bytes() const {
  if (root_ == &alone_) return 0;
  return sizeof(RootHeader) + WordsBytes(root_depth_) + header().branch_bytes;
}

}  // namespace torc
