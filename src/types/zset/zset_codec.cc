// Sorted sets on disk: a small one as RDB type 17, a listpack of members and scores in order; a
// large one as type 5, members with binary scores. Read: these; type 12, a ziplist; type 3, scores
// as text.

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "base/text.h"
#include "persist/rdb_format.h"
#include "persist/rdb_packed.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "resp/double_text.h"
#include "types/zset/zset.h"

namespace torc {
namespace {

class HeldZset final : public HeldValue {
 public:
  HeldZset(ScoreTree tree, TagTree index) : tree_(std::move(tree)), index_(std::move(index)) {}

  bool SaveSome(RdbWriter& writer, size_t bytes_max) override {
    constexpr size_t kStepElements = 64;
    constexpr size_t kElementBytes = 16;  // what one costs beside its text
    if (!begun_) writer.Length(tree_.weight());
    begun_ = true;
    // Nothing of the index is written: it goes at once while the set still has it, so that writers
    // need not copy it, and by slices if the set is gone.
    size_t done_bytes = 0;
    bool more = true;
    while (more && done_bytes < bytes_max) {
      index_.FreeSome(kStepElements);
      more = tree_.DrainSome(kStepElements, [&](const ScoreTreeTraits::Item& item) {
        done_bytes += kElementBytes + item.member->text().size();
        writer.String(item.member->text());
        writer.BinaryDouble(item.score);
      });
    }
    return more;
  }
  bool FreeSome(size_t items_max) override {
    return index_.FreeSome(items_max) || tree_.FreeSome(items_max);
  }

 private:
  ScoreTree tree_;
  TagTree index_;
  bool begun_ = false;
};

// Differs from process to process where addresses do, so that nobody can prepare members that
// collide.
uint64_t LoadSeed() {
  return reinterpret_cast<uintptr_t>(&kZsetType);
}

// A sorted set under construction.
class LoadingZset {
 public:
  LoadingZset(RdbReader* reader, const ValueLimits& limits)
      : reader_(reader),
        limits_(limits),
        entry_(Entry::New({}, {.type = ValueType::kSortedSet, .boxed = true, .inline_bytes = 8})) {
    entry_->set_value_box(nullptr);
  }
  ~LoadingZset() {
    if (!taken_) kZsetType.free_value(entry_);
    Entry::Delete(entry_);
  }
  LoadingZset(const LoadingZset&) = delete;
  LoadingZset& operator=(const LoadingZset&) = delete;

  void Add(std::string_view member, double score) {
    if (!reader_->ok()) return;
    if (std::isnan(score)) return reader_->Fail("a score is not a number");
    if (member.size() > kZsetMemberBytesMax) return reader_->Fail("a member is too large");
    Zset zset(entry_, limits_, LoadSeed());
    const Zset::Slot slot = zset.Find(member);
    if (slot.score) return reader_->Fail("a sorted set has a member twice");
    zset.Put(slot, member, score);
  }
  // Members and scores in turn.
  template <class Cursor>
  void AddPacked(Cursor&& cursor) {
    std::string member;
    bool at_score = false;
    const bool whole = AllTexts(cursor, [&](std::string_view text) {
      if (at_score) {
        const auto score = ParseDouble(text);
        Add(member, score.value_or(std::nan("")));
      } else {
        member = text;
      }
      at_score = !at_score;
    });
    if (!whole || at_score) reader_->Fail("a sorted set's listpack is damaged");
  }
  LoadedValue Take() {
    LoadedValue value{.type = ValueType::kSortedSet, .encoding = entry_->encoding()};
    value.empty = ZsetView(*entry_).size() == 0;
    if (value.empty || !reader_->ok()) return value;
    value.boxed = true;
    value.box = entry_->value_box();
    taken_ = true;
    return value;
  }

 private:
  RdbReader* reader_;
  const ValueLimits& limits_;
  Entry* entry_;
  bool taken_ = false;
};

}  // namespace

uint8_t ZsetRdbType(const Entry& entry) {
  return static_cast<uint8_t>(ZsetView(entry).small() ? RdbType::kSortedSetListpack
                                                      : RdbType::kSortedSet);
}

void SaveZset(const Entry& entry, RdbWriter& writer) {
  const ZsetView zset(entry);
  if (!zset.small()) {
    writer.Length(zset.size());
    zset.large().by_score.ForEach([&](const ScoreTreeTraits::Item& item) {
      writer.String(item.member->text());
      writer.BinaryDouble(item.score);
    });
    return;
  }
  ListpackBuilder listpack;
  for (ZsetWalk walk(zset, 0, ZsetWalk::Direction::kForward); !walk.AtEnd(); walk.Next()) {
    const ZsetElement element = walk.element();
    listpack.Add(CompactText(element.member).view());
    listpack.Add(DoubleText(element.score).view());
  }
  writer.RawString(listpack.Finish());
}

LoadedValue LoadZset(uint8_t rdb_type, RdbReader& reader, const ValueLimits& limits) {
  const auto type = static_cast<RdbType>(rdb_type);
  LoadingZset zset(&reader, limits);
  if (type == RdbType::kSortedSetListpack) {
    zset.AddPacked(ListpackCursor(reader.String()));
    return zset.Take();
  }
  if (type == RdbType::kSortedSetZiplist) {
    zset.AddPacked(ZiplistCursor(reader.String()));
    return zset.Take();
  }
  const uint64_t count = reader.Count(2);
  std::string member;
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    reader.StringInto(&member);
    const double score = type == RdbType::kSortedSet ? reader.BinaryDouble() : reader.TextDouble();
    zset.Add(member, score);
  }
  return zset.Take();
}

std::unique_ptr<HeldValue> HoldZset(const Entry& entry) {
  const ZsetView zset(entry);
  if (zset.small()) return nullptr;
  return std::make_unique<HeldZset>(zset.large().by_score.Clone(), zset.large().by_member.Clone());
}

void RebuildZset(const Entry& entry, const CommandSink& emit) {
  constexpr size_t kElementsMax = 64;
  std::vector<std::string> texts;
  const auto flush = [&] {
    std::vector<std::string_view> argv = {"ZADD", entry.key()};
    argv.insert(argv.end(), texts.begin(), texts.end());
    emit(argv);
    texts.clear();
  };
  for (ZsetWalk walk(ZsetView(entry), 0, ZsetWalk::Direction::kForward); !walk.AtEnd();
       walk.Next()) {
    const ZsetElement element = walk.element();
    texts.emplace_back(DoubleText(element.score).view());
    texts.emplace_back(CompactText(element.member).view());
    if (texts.size() == 2 * kElementsMax) flush();
  }
  if (!texts.empty()) flush();
}

}  // namespace torc
