#pragma once

// Sorted sets: how an entry holds one, and all that is done to one. No key look-up, no reply.
//
//   kListpack  the entry's box is a compact block: member, score, member, score, … in order
//   kSkiplist  the box is a LargeZset: a B+-tree in order of (score, member), which knows ranks,
//   and
//              an index from the member to its element
//
// The names and the sizes at which the first becomes the second (zset-max-listpack-entries, -value)
// are Redis's: OBJECT ENCODING shows them. A large set never becomes small again.
//
// Copies share everything until one is written; copying is O(1). Adding, removing, a rank, a score
// and the n-th member are O(log n).

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/pace.h"
#include "ds/compact_block.h"
#include "store/entry.h"
#include "store/keyspace.h"
#include "store/private_value.h"
#include "types/zset/zset_large.h"

namespace torc {

enum class ZsetEncoding : uint8_t { kListpack, kSkiplist };

// Members beyond this size are refused by the commands.
inline constexpr size_t kZsetMemberBytesMax = size_t{1} << 29;

// An element as it is read; dies with the next write.
struct ZsetElement {
  CompactElement member;
  double score = 0;
};

// A sorted set to read. Valid while its entry is neither moved nor written.
class ZsetView {
 public:
  explicit ZsetView(const Entry& entry) : entry_(&entry) {}

  uint64_t size() const { return small() ? block().count() / 2 : large().by_score.weight(); }
  bool small() const { return entry_->encoding() == static_cast<uint8_t>(ZsetEncoding::kListpack); }
  std::optional<double> Score(std::string_view member) const;
  struct Ranked {
    uint64_t rank;
    double score;
  };
  std::optional<Ranked> Rank(std::string_view member) const;
  // How many elements come before the first one above the bound; those equal to it included or not.
  enum class Equal : uint8_t { kNotCounted, kCounted };
  uint64_t CountBelow(double score, Equal equal) const;
  // The same by member; of use where all scores are equal.
  uint64_t CountBelow(std::string_view member, Equal equal) const;
  size_t outside_bytes() const;

  CompactView block() const { return CompactView(entry_->value_box()); }
  LargeZset& large() const { return *static_cast<LargeZset*>(entry_->value_box()); }

 private:
  const Entry* entry_;
};

// The score that stands in a block at `at`, and as it is written there.
double ScoreInBlock(CompactView block, CompactView::Place at);
class ScoreNeedle {
 public:
  explicit ScoreNeedle(double score);
  ScoreNeedle(const ScoreNeedle&) = delete;
  ScoreNeedle& operator=(const ScoreNeedle&) = delete;
  const CompactNeedle& needle() const { return *needle_; }

 private:
  std::array<char, 9> bytes_;
  std::optional<CompactNeedle> needle_;
};

// Walks over a sorted set by rank. O(1) a step; a small set takes a scan to begin with.
class ZsetWalk {
 public:
  enum class Direction : uint8_t { kForward, kBackward };
  // At the element with this rank, counted from the lowest; at the end if there is none.
  ZsetWalk(const ZsetView& zset, uint64_t rank, Direction direction);

  bool AtEnd() const { return left_ == 0; }
  ZsetElement element() const;
  void Next();

 private:
  Direction direction_;
  uint64_t left_ = 0;  // elements from here on, in the walk's direction
  CompactView block_;
  CompactView::Place at_ = 0;
  std::vector<CompactView::Place> places_;  // of all elements of the block, to walk backwards
  const LargeZset* large_ = nullptr;        // null: a small set
  ScoreTree::Cursor cursor_;
};

// A sorted set to write.
class Zset : public ZsetView {
 public:
  // limits must outlive it. The seed is for a set that grows large.
  Zset(Entry* entry, const ValueLimits& limits, uint64_t hash_seed)
      : ZsetView(*entry), entry_(entry), limits_(&limits), hash_seed_(hash_seed) {}

  // Where a member is, or is not. Dies with the next write.
  class Slot {
   public:
    // Nothing: the member is not there.
    std::optional<double> score;

   private:
    friend class Zset;
    CompactView::Place at = 0;  // of the member, in a small set
    LargeZset::Place place;     // in a large one
  };
  Slot Find(std::string_view member) const;
  // Gives the member this score, new or not. `score` is not NaN.
  void Put(const Slot& slot, std::string_view member, double score);
  void Erase(const Slot& slot);
  // Removes the elements with these ranks.
  void EraseRanks(uint64_t first, uint64_t count, Pace& pace);
  // Makes a small set large.
  void Enlarge();

 private:
  void InsertSmall(std::string_view member, double score);
  CompactBlock TakeBlock() { return CompactBlock::Adopt(entry_->value_box()); }
  void PutBlock(CompactBlock block) { entry_->set_value_box(block.Release()); }

  Entry* entry_;
  const ValueLimits* limits_;
  uint64_t hash_seed_;
};

// Whether a set of so many members, the longest of this size, begins small.
bool BeginsSmall(const ValueLimits& limits, uint64_t member_count, size_t member_bytes_max);
// Gives the key an empty set in place of whatever it holds; a member must follow before the command
// ends.
enum class ZsetSize : uint8_t { kSmall, kLarge };
Entry* NewZset(Keyspace& keyspace, DbIndex db, const KeyRef& key, Keyspace::Found found,
               ZsetSize size);

// Members with scores that belong to no key yet, in order, each member once.
struct ScoredText {
  std::string member;
  double score;
};
// Gives the key a set of these, at least one, in place of whatever it holds.
Entry* StoreZset(Keyspace& keyspace, DbIndex db, const KeyRef& key, Keyspace::Found found,
                 std::span<const ScoredText> elements);
// A large set that is put together beside the data set; and a key that gets it, with at least one
// member, in place of whatever it holds.
PrivateValue NewLargeZsetValue(Keyspace* owner);
Entry* StoreLargeZset(Keyspace& keyspace, DbIndex db, const KeyRef& key, Keyspace::Found found,
                      PrivateValue& value);
// What it takes to put a member into a large set, or to take it out, as Pace counts.
inline constexpr uint64_t kZsetChangeUnits = 48;
// Puts them in order.
void SortScored(std::vector<ScoredText>* elements);

// --- On disk (zset_codec.cc)
uint8_t ZsetRdbType(const Entry& entry);
void SaveZset(const Entry& entry, RdbWriter& writer);
LoadedValue LoadZset(uint8_t rdb_type, RdbReader& reader, const ValueLimits& limits);
std::unique_ptr<HeldValue> HoldZset(const Entry& entry);
void RebuildZset(const Entry& entry, const CommandSink& emit);

extern const TypeOps kZsetType;

}  // namespace torc
