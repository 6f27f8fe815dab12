#pragma once

// The directory of a table: which segment holds a hash.
//
// The first bits of the hash index an array of words, the *root*. A word names a segment, and with
// the pointer carries the segment's depth and bucket count, so that a search goes from the word to
// the bucket without reading the segment's header. A segment of depth d below the root's depth r
// stands in 2^(r-d) words.
//
//   bit 63      56 55            48 47                          1   0
//       |  depth   | bucket count   | address                    | b |
//
// The root doubles when a segment at its depth splits, up to 12 bits. Where more are needed a root
// word names a *branch* instead (b = 1; depth is its own): a small directory indexed by the next
// bits, which doubles by itself. So no step copies more than 4096 words, 32 KiB, whatever the
// number of entries: a table of 100 million has a root of 4096 words and branches of 64.
//
// A table with one segment has no root array: the root is then the directory's own member.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "ds/table_segment.h"

namespace torc {

class DirectoryWord {
 public:
  DirectoryWord() = default;
  static DirectoryWord Segment(const TableSegment* segment) {
    const uint64_t n =
        segment->bucket_count < kCountInHeader ? segment->bucket_count : kCountInHeader;
    return DirectoryWord(reinterpret_cast<uint64_t>(segment) | n << 48 |
                         uint64_t{segment->depth} << 56);
  }
  static DirectoryWord Branch(const DirectoryWord* words, int depth) {
    return DirectoryWord(reinterpret_cast<uint64_t>(words) | 1U |
                         static_cast<uint64_t>(depth) << 56);
  }
  // The same depth, but a segment that is no longer there.
  DirectoryWord Dropped() const {
    return DirectoryWord(reinterpret_cast<uint64_t>(TableSegment::Empty()) | uint64_t{1} << 48 |
                         bits_ >> 56 << 56);
  }

  bool is_branch() const { return (bits_ & 1U) != 0; }
  int depth() const { return static_cast<int>(bits_ >> 56); }
  TableSegment* segment() const { return std::bit_cast<TableSegment*>(bits_ & kAddressMask); }
  uint32_t bucket_count() const {
    const auto n = static_cast<uint32_t>(bits_ >> 48) & 0xffU;
    return n != kCountInHeader ? n : segment()->bucket_count;
  }
  DirectoryWord* branch() const {
    return std::bit_cast<DirectoryWord*>(bits_ & (kAddressMask - 1));
  }
  bool operator==(const DirectoryWord&) const = default;

 private:
  explicit DirectoryWord(uint64_t bits) : bits_(bits) {}
  static constexpr uint64_t kAddressMask = 0x0000'ffff'ffff'ffffULL;
  static constexpr uint64_t kCountInHeader = 255;
  uint64_t bits_ = 0;
};

// Owns its arrays and not the segments. All step functions return how many words they wrote.
class TableDirectory {
 public:
  static constexpr int kRootDepthMax = 12;
  static constexpr int kBranchDepthMax = kTableDepthMax - kRootDepthMax;

  TableDirectory();
  TableDirectory(TableDirectory&& other) noexcept;
  TableDirectory& operator=(TableDirectory&& other) noexcept;
  ~TableDirectory();

  // The word of the segment that a hash belongs to; never a branch. Asked three times for each key:
  // the call would cost as much as the search.
  [[gnu::always_inline]] DirectoryWord Find(uint64_t hash) const {
    const DirectoryWord word = root_[(hash >> 1) >> (63 - root_depth_)];
    if (!word.is_branch()) [[likely]]
      return word;
    return word.branch()[(hash << kRootDepthMax) >> (64 - word.depth())];
  }
  const DirectoryWord* RootWord(uint64_t hash) const {
    return root_ + ((hash >> 1) >> (63 - root_depth_));
  }

  // Makes segments of `depth` around `hash` have words of their own.
  size_t Deepen(uint64_t hash, int depth);
  // Sets all words of the segment.
  size_t Assign(const TableSegment& segment);
  // Marks all words of the segment as those of one that is gone.
  size_t Drop(const TableSegment& segment);
  // Halves what became too fine around `hash`.
  size_t Trim(uint64_t hash);
  // A segment of `depth` became two, or two became one.
  void CountSplit(int depth);
  void CountMerge(int depth_of_both);

  int root_depth() const { return root_depth_; }
  // The depth of the deepest segment.
  int deepest() const;
  uint32_t segments_at(int depth) const;
  // Memory of the arrays.
  size_t size_bytes() const;
  // Work of the operation under way: see Table::last_operation_work.
  uint32_t work = 0;

 private:
  // Lies before the root array.
  struct RootHeader {
    std::array<uint32_t, kTableDepthMax + 1> segments_at_depth{};
    uint64_t branch_bytes = 0;
  };
  static DirectoryWord* NewRoot(int depth);
  static void DeleteRoot(DirectoryWord* root);
  RootHeader& header() const;
  size_t SetAll(const TableSegment& segment, DirectoryWord word);
  size_t ResizeRoot(int depth);
  size_t ResizeBranch(DirectoryWord* at, int depth);
  void Abandon();

  uint8_t root_depth_ = 0;
  DirectoryWord alone_;
  DirectoryWord* root_ = &alone_;
};

}  // namespace torc
