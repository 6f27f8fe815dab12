#include "types/zset/zset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "base/bytes.h"

namespace torc {
namespace {

using Place = CompactView::Place;

// Whole numbers of up to 62 bits stand in blocks as integers, as they do in Redis's; -0 thus loses
// its sign. Others stand as nine bytes: a letter, so that they never look like an integer, and the
// double.
constexpr char kDoubleMark = 'd';
constexpr double kWholeMax = 4611686018427387904;  // 2^62

// -1, 0, 1: how a member compares with a text.
int Compare(const CompactElement& member, std::string_view text) {
  return CompactText(member).view().compare(text);
}

bool Before(const ZsetElement& element, double score, std::string_view member) {
  return element.score < score || (element.score == score && Compare(element.member, member) < 0);
}

ZsetElement ElementAt(CompactView block, Place at) {
  return {block.Get(at), ScoreInBlock(block, block.Next(at))};
}

// The number of elements of a block before the first one for which `before` is false.
template <class BeforeFn>
uint64_t CountInBlock(CompactView block, BeforeFn&& before) {
  uint64_t count = 0;
  for (Place at = block.Begin(); at != block.End(); at = block.Skip(at, 2), ++count) {
    if (!before(ElementAt(block, at))) break;
  }
  return count;
}

}  // namespace

double ScoreInBlock(CompactView block, Place at) {
  const CompactElement score = block.Get(at);
  return score.is_integer ? static_cast<double>(score.integer)
                          : LoadLe<double>(score.text.data() + 1);
}

ScoreNeedle::ScoreNeedle(double score) {
  if (std::fabs(score) <= kWholeMax && score == std::floor(score)) {
    needle_.emplace(static_cast<int64_t>(score));
    return;
  }
  bytes_[0] = kDoubleMark;
  StoreLe(bytes_.data() + 1, score);
  needle_.emplace(std::string_view(bytes_.data(), bytes_.size()));
}

std::optional<double> ZsetView::Score(std::string_view member) const {
  if (!small()) {
    const ZsetMember* const found = large().FindMember(member);
    return found == nullptr ? std::nullopt : std::optional(found->score);
  }
  const CompactView view = block();
  const Place at = view.Find(CompactNeedle(member), 0, 2);
  if (at == view.End()) return std::nullopt;
  return ScoreInBlock(view, view.Next(at));
}

std::optional<ZsetView::Ranked> ZsetView::Rank(std::string_view member) const {
  if (!small()) {
    const ZsetMember* const found = large().FindMember(member);
    if (found == nullptr) return std::nullopt;
    const ScoreTree& tree = large().by_score;
    return Ranked{tree.PositionOf(large().PlaceOf(found->score, member)), found->score};
  }
  const CompactNeedle needle(member);
  const CompactView view = block();
  uint64_t rank = 0;
  for (Place at = view.Begin(); at != view.End(); at = view.Skip(at, 2), ++rank) {
    if (view.Is(at, needle)) return Ranked{rank, ScoreInBlock(view, view.Next(at))};
  }
  return std::nullopt;
}

uint64_t ZsetView::CountBelow(double score, Equal equal) const {
  const auto below = [&](double other) {
    return other < score || (equal == Equal::kCounted && other == score);
  };
  if (small()) {
    return CountInBlock(block(), [&](const ZsetElement& e) { return below(e.score); });
  }
  const ScoreTree& tree = large().by_score;
  return tree.PositionOf(
      tree.LowerBound([&](const ScoreTreeTraits::Item& item) { return below(item.score); }));
}

uint64_t ZsetView::CountBelow(std::string_view member, Equal equal) const {
  const auto below = [&](int compared) {
    return compared < 0 || (equal == Equal::kCounted && compared == 0);
  };
  if (small()) {
    return CountInBlock(block(),
                        [&](const ZsetElement& e) { return below(Compare(e.member, member)); });
  }
  const ScoreTree& tree = large().by_score;
  return tree.PositionOf(tree.LowerBound([&](const ScoreTreeTraits::Item& item) {
    return below(item.member->text().compare(member));
  }));
}

size_t ZsetView::outside_bytes() const {
  return small() ? block().allocated_bytes() : large().outside_bytes();
}

ZsetWalk::ZsetWalk(const ZsetView& zset, uint64_t rank, Direction direction)
    : direction_(direction) {
  const uint64_t size = zset.size();
  if (rank >= size) return;
  left_ = direction == Direction::kForward ? size - rank : rank + 1;
  if (!zset.small()) {
    large_ = &zset.large();
    cursor_ = large_->by_score.At(rank);
    return;
  }
  block_ = zset.block();
  if (direction == Direction::kForward) {
    at_ = block_.At(static_cast<uint32_t>(rank * 2));
    return;
  }
  places_.resize(block_.count());
  block_.Places(places_.data());
  at_ = places_[rank * 2];
}

ZsetElement ZsetWalk::element() const {
  if (large_ == nullptr) return ElementAt(block_, at_);
  const ScoreTreeTraits::Item& item = cursor_.item();
  return {{.text = item.member->text()}, item.score};
}

void ZsetWalk::Next() {
  --left_;
  if (large_ != nullptr) {
    if (direction_ == Direction::kForward) {
      large_->by_score.Next(cursor_);
    } else {
      large_->by_score.Prev(cursor_);
    }
  } else if (direction_ == Direction::kForward) {
    at_ = block_.Skip(at_, 2);
  } else if (left_ > 0) {
    at_ = places_[(left_ - 1) * 2];
  }
}

Zset::Slot Zset::Find(std::string_view member) const {
  Slot slot;
  if (!small()) {
    slot.place = large().Find(member);
    if (slot.place.member != nullptr) slot.score = slot.place.member->score;
    return slot;
  }
  const CompactView view = block();
  slot.at = view.Find(CompactNeedle(member), 0, 2);
  if (slot.at != view.End()) slot.score = ScoreInBlock(view, view.Next(slot.at));
  return slot;
}

void Zset::Put(const Slot& slot, std::string_view member, double score) {
  if (small() && !slot.score) {
    const uint64_t count = size() + 1;
    const bool fits = BeginsSmall(*limits_, count, member.size()) &&
                      block().size_bytes() + member.size() < CompactBlock::kBytesMax / 2;
    if (fits) return InsertSmall(member, score);
    Enlarge();
    return Put(Find(member), member, score);
  }
  if (!small()) {
    LargeZset::Place place = slot.place;
    if (slot.score) return large().SetScore(place, score);
    return large().Insert(place, member, score);
  }
  CompactBlock own = TakeBlock();
  own.Erase(slot.at, own.view().Skip(slot.at, 2), 2);
  PutBlock(std::move(own));
  InsertSmall(member, score);
}

void Zset::InsertSmall(std::string_view member, double score) {
  CompactBlock own = TakeBlock();
  Place at = 0;
  const CompactView view = own.view();
  while (at != view.End() && Before(ElementAt(view, at), score, member)) at = view.Skip(at, 2);
  own.Insert(at, CompactNeedle(member));
  own.Insert(own.view().Next(at), ScoreNeedle(score).needle());
  PutBlock(std::move(own));
}

void Zset::Erase(const Slot& slot) {
  if (!small()) {
    LargeZset::Place place = slot.place;
    return large().Erase(place);
  }
  CompactBlock own = TakeBlock();
  own.Erase(slot.at, own.view().Skip(slot.at, 2), 2);
  PutBlock(std::move(own));
}

void Zset::EraseRanks(uint64_t first, uint64_t count, Pace& pace) {
  if (!small()) {
    ScoreTree::Cursor at = large().by_score.At(first);
    for (; count > 0; --count) {
      large().EraseAt(at);
      pace.Step(kZsetChangeUnits);
    }
    return;
  }
  CompactBlock own = TakeBlock();
  const auto elements = static_cast<uint32_t>(count * 2);
  const Place from = own.view().At(static_cast<uint32_t>(first * 2));
  own.Erase(from, own.view().Skip(from, elements), elements);
  PutBlock(std::move(own));
}

void Zset::Enlarge() {
  if (!small()) return;
  LargeZset* const grown = NewLargeZset(hash_seed_);
  for (ZsetWalk walk(*this, 0, ZsetWalk::Direction::kForward); !walk.AtEnd(); walk.Next()) {
    const ZsetElement element = walk.element();
    grown->Append(CompactText(element.member).view(), element.score);
  }
  CompactBlock::ReleaseBlock(entry_->value_box());
  entry_->set_encoding(static_cast<uint8_t>(ZsetEncoding::kSkiplist));
  entry_->set_value_box(grown);
}

bool BeginsSmall(const ValueLimits& limits, uint64_t member_count, size_t member_bytes_max) {
  return member_count <= static_cast<uint64_t>(limits.zset_listpack_entries) &&
         member_bytes_max <= static_cast<uint64_t>(limits.zset_listpack_value_bytes);
}

Entry* NewZset(Keyspace& keyspace, DbIndex db, const KeyRef& key, Keyspace::Found found,
               ZsetSize size) {
  const ZsetEncoding encoding =
      size == ZsetSize::kSmall ? ZsetEncoding::kListpack : ZsetEncoding::kSkiplist;
  Entry* entry = keyspace.Put(db, key, found,
                              {.type = ValueType::kSortedSet,
                               .encoding = static_cast<uint8_t>(encoding),
                               .boxed = true,
                               .inline_bytes = sizeof(void*),
                               .clock = keyspace.access_clock().Fresh()});
  entry->set_value_box(size == ZsetSize::kSmall ? nullptr
                                                : NewLargeZset(keyspace.options().hash_seed));
  return entry;
}

Entry* StoreZset(Keyspace& keyspace, DbIndex db, const KeyRef& key, Keyspace::Found found,
                 std::span<const ScoredText> elements) {
  size_t member_bytes_max = 0;
  for (const ScoredText& element : elements) {
    member_bytes_max = std::max(member_bytes_max, element.member.size());
  }
  const bool small = BeginsSmall(keyspace.options().limits, elements.size(), member_bytes_max);
  Entry* entry = NewZset(keyspace, db, key, found, small ? ZsetSize::kSmall : ZsetSize::kLarge);
  CompactBlock block;
  for (const ScoredText& element : elements) {
    if (small) {
      block.Append(CompactNeedle(element.member));
      block.Append(ScoreNeedle(element.score).needle());
    } else {
      ZsetView(*entry).large().Append(element.member, element.score);
    }
  }
  if (small) entry->set_value_box(block.Release());
  return entry;
}

PrivateValue NewLargeZsetValue(Keyspace* owner) {
  return {owner, ValueType::kSortedSet, static_cast<uint8_t>(ZsetEncoding::kSkiplist),
          NewLargeZset(owner->options().hash_seed)};
}

Entry* StoreLargeZset(Keyspace& keyspace, DbIndex db, const KeyRef& key, Keyspace::Found found,
                      PrivateValue& value) {
  const ZsetView zset(*value.entry());
  if (!BeginsSmall(keyspace.options().limits, zset.size(), 0)) return value.PutAt(db, key, found);
  // Few were left: whether it is small depends on their sizes.
  std::vector<ScoredText> elements;
  for (ZsetWalk walk(zset, 0, ZsetWalk::Direction::kForward); !walk.AtEnd(); walk.Next()) {
    const ZsetElement element = walk.element();
    elements.push_back({std::string(CompactText(element.member).view()), element.score});
  }
  return StoreZset(keyspace, db, key, found, elements);
}

void SortScored(std::vector<ScoredText>* elements) {
  std::sort(elements->begin(), elements->end(), [](const ScoredText& a, const ScoredText& b) {
    return a.score < b.score || (a.score == b.score && a.member < b.member);
  });
}

}  // namespace torc
