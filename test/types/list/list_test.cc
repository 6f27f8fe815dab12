// Random edits of a list beside a std::deque, at block sizes small enough for every way of
// splitting and merging to happen.

#include "types/list/list.h"

#include <doctest/doctest.h>

#include <deque>
#include <string>

#include "base/rng.h"

namespace torc {
namespace {

using Model = std::deque<std::string>;

// An entry that holds a list, without any keyspace.
class Fixture {
 public:
  explicit Fixture(ListLimit limit) : limit_(limit) {
    entry_ = Entry::New("k", {.type = ValueType::kList, .boxed = true, .inline_bytes = 8});
    entry_->set_value_box(NewBlock(0));
  }
  Fixture(const Fixture& other) : model(other.model), limit_(other.limit_) {
    entry_ = Entry::New("k", {.type = ValueType::kList,
                              .encoding = other.entry_->encoding(),
                              .boxed = true,
                              .inline_bytes = 8});
    kListType.copy_value(*other.entry_, entry_);
  }
  Fixture& operator=(const Fixture&) = delete;
  ~Fixture() {
    kListType.free_value(entry_);
    Entry::Delete(entry_);
  }
  List list() { return {entry_, limit_}; }
  void Check() {
    list().CheckInvariants();
    REQUIRE(list().size() == model.size());
    size_t i = 0;
    for (ListWalk walk(list(), 0, ListWalk::Direction::kForward); !walk.AtEnd(); walk.Next()) {
      REQUIRE(PackedText(walk.element()).view() == model[i++]);
    }
    REQUIRE(i == model.size());
    for (ListWalk walk(list(), i - 1, ListWalk::Direction::kBackward); !walk.AtEnd(); walk.Next()) {
      REQUIRE(PackedText(walk.element()).view() == model[--i]);
    }
    REQUIRE(i == 0);
  }

  Model model;

 private:
  Entry* entry_ = nullptr;
  ListLimit limit_;
};

std::string RandomText(Rng& rng) {
  if (rng.Chance(0.4)) return std::to_string(rng.Between(-3, 5));
  if (rng.Chance(0.02)) return std::string(rng.Below(9000), 'L');
  return std::string(rng.Below(30), static_cast<char>('a' + rng.Below(3)));
}

uint64_t RemoveFromModel(Model& model, ListEnd from, uint64_t count, const std::string& text) {
  uint64_t removed = 0;
  for (size_t step = 0, i = from == ListEnd::kHead ? 0 : model.size(); step < 1;) {
    if (removed == count) break;
    if (from == ListEnd::kHead ? i == model.size() : i == 0) break;
    const size_t at = from == ListEnd::kHead ? i : i - 1;
    if (model[at] == text) {
      model.erase(model.begin() + static_cast<std::ptrdiff_t>(at));
      ++removed;
      if (from == ListEnd::kTail) i = at;
    } else {
      i = from == ListEnd::kHead ? i + 1 : at;
    }
  }
  return removed;
}

void RandomEdit(Fixture& fixture, Rng& rng) {
  List list = fixture.list();
  Model& model = fixture.model;
  const std::string text = RandomText(rng);
  const ListEnd end = rng.Chance(0.5) ? ListEnd::kHead : ListEnd::kTail;
  list.MakeRoomFor(text.size(), 1);
  if (model.empty() || rng.Chance(0.5)) {
    list.Push(end, text);
    if (end == ListEnd::kHead) {
      model.push_front(text);
    } else {
      model.push_back(text);
    }
    return;
  }
  const uint64_t index = rng.Below(model.size());
  const auto at = model.begin() + static_cast<std::ptrdiff_t>(index);
  switch (rng.Below(8)) {
    case 0:
    case 1:
      list.InsertBeside(index, List::Side::kBefore, text);
      model.insert(at, text);
      break;
    case 2:
    case 3:
      list.InsertBeside(index, List::Side::kAfter, text);
      model.insert(at + 1, text);
      break;
    case 4:
      list.Set(index, text);
      *at = text;
      list.ShrinkIfSmall();
      break;
    case 5: {
      const uint64_t count = rng.Below(4) + 1;
      if (model.size() < 2) break;
      const std::string other = model[rng.Below(model.size())];
      SteadyPace pace;
      REQUIRE(list.RemoveEqual(end, count, other, pace) ==
              RemoveFromModel(model, end, count, other));
      break;
    }
    default: {
      const uint64_t count = rng.Below(std::min<uint64_t>(model.size(), 12));
      list.Drop(end, count);
      for (uint64_t i = 0; i < count; ++i) {
        if (end == ListEnd::kHead) {
          model.pop_front();
        } else {
          model.pop_back();
        }
      }
      list.ShrinkIfSmall();
    }
  }
}

TEST_CASE("a list does what a deque does, in every encoding, and so do its copies") {
  const uint64_t seed = 20261121;
  CAPTURE(seed);
  Rng rng(seed);
  for (const int64_t fill : {1, 2, 3, 7, 100, -1, -2}) {
    CAPTURE(fill);
    Fixture fixture(ListLimit{fill});
    for (int i = 0; i < 2000; ++i) {
      RandomEdit(fixture, rng);
      if (i % 50 == 0) fixture.Check();
      if (i % 200 == 0) {
        Fixture copy(fixture);
        for (int j = 0; j < 20; ++j) {
          RandomEdit(copy, rng);
          RandomEdit(fixture, rng);
        }
        copy.Check();
        fixture.Check();
      }
    }
    fixture.Check();
  }
}

}  // namespace
}  // namespace torc
