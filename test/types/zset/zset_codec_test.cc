#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "persist/rdb_format.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "types/zset/zset.h"

namespace torc {
namespace {

using Pairs = std::vector<std::pair<std::string, double>>;

class Loaded {
 public:
  explicit Loaded(const LoadedValue& value)
      : entry_(Entry::New("k", {.type = ValueType::kSortedSet,
                                .encoding = value.encoding,
                                .boxed = true,
                                .inline_bytes = 8})) {
    REQUIRE(value.boxed);
    entry_->set_value_box(value.box);
  }
  ~Loaded() {
    kZsetType.free_value(entry_);
    Entry::Delete(entry_);
  }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
  Entry& entry() { return *entry_; }
  Pairs pairs() const {
    Pairs out;
    ZsetWalk walk(ZsetView(*entry_), 0, ZsetWalk::Direction::kForward);
    for (; !walk.AtEnd(); walk.Next()) {
      out.emplace_back(CompactText(walk.element().member).view(), walk.element().score);
    }
    return out;
  }

 private:
  Entry* entry_;
};

Pairs SomePairs(int count) {
  Pairs pairs;
  for (int i = 0; i < count; ++i) {
    pairs.emplace_back("m" + std::to_string(i), i % 3 == 0 ? i : i + 0.1);
  }
  pairs.emplace_back("top", std::numeric_limits<double>::infinity());
  return pairs;
}

std::string AsBinary(const Pairs& pairs) {
  Buffer out;
  RdbWriter writer(&out);
  writer.Length(pairs.size());
  for (const auto& [member, score] : pairs) {
    writer.String(member);
    writer.BinaryDouble(score);
  }
  return std::string(out.view());
}

LoadedValue Load(RdbType type, const std::string& bytes, bool* ok) {
  RdbReader reader(bytes);
  const LoadedValue value = LoadZset(static_cast<uint8_t>(type), reader, {});
  *ok = reader.ok();
  return value;
}

TEST_CASE("a sorted set that was saved loads again, in one go or held") {
  for (const int count : {1, 100, 2000}) {
    CAPTURE(count);
    const Pairs pairs = SomePairs(count);
    bool ok = false;
    Loaded first(Load(RdbType::kSortedSet, AsBinary(pairs), &ok));
    CHECK(ok);
    CHECK(first.pairs() == pairs);
    CHECK(ZsetView(first.entry()).small() == (count < 128));
    Buffer out;
    RdbWriter writer(&out);
    SaveZset(first.entry(), writer);
    const std::string saved(out.view());
    Loaded second(Load(static_cast<RdbType>(ZsetRdbType(first.entry())), saved, &ok));
    CHECK(ok);
    CHECK(second.pairs() == pairs);
    const auto held = HoldZset(first.entry());
    CHECK((held == nullptr) == ZsetView(first.entry()).small());
    if (held == nullptr) continue;
    const ValueLimits limits;
    Zset written(&first.entry(), limits, 1);
    written.Put(written.Find("m7"), "m7", -1);
    written.Erase(written.Find("m9"));
    Buffer held_out;
    RdbWriter held_writer(&held_out);
    while (held->SaveSome(held_writer, 1000)) {
    }
    CHECK(std::string(held_out.view()) == saved);
    ZsetView(first.entry()).large().CheckInvariants();
  }
}

TEST_CASE("what cannot be a sorted set is refused") {
  bool ok = true;
  Load(RdbType::kSortedSet, AsBinary({{"a", 1}, {"a", 2}}), &ok);
  CHECK_FALSE(ok);
  Load(RdbType::kSortedSet, AsBinary({{"a", std::nan("")}}), &ok);
  CHECK_FALSE(ok);
  CHECK(Load(RdbType::kSortedSet, AsBinary({}), &ok).empty);
  // Scores as text: a length byte and digits, or one of the three words.
  Loaded old(Load(RdbType::kSortedSetText,
                  std::string("\x02\x01"
                              "a\x03"
                              "1.5\x01"
                              "b\xff",
                              10),
                  &ok));
  CHECK(old.pairs() == Pairs{{"b", -std::numeric_limits<double>::infinity()}, {"a", 1.5}});
}

TEST_CASE("damaged sorted sets are errors, whatever byte is changed or missing") {
  Rng rng(11);
  for (const int count : {30, 300}) {
    bool ok = false;
    Loaded first(Load(RdbType::kSortedSet, AsBinary(SomePairs(count)), &ok));
    Buffer out;
    RdbWriter writer(&out, {.compress = false});
    SaveZset(first.entry(), writer);
    const std::string saved(out.view());
    const auto type = static_cast<RdbType>(ZsetRdbType(first.entry()));
    const auto load = [&](const std::string& bytes) {
      const LoadedValue value = Load(type, bytes, &ok);
      if (value.boxed) Loaded holder(value);
      return ok;
    };
    CHECK(load(saved));
    for (size_t size = 0; size < saved.size(); ++size) CHECK_FALSE(load(saved.substr(0, size)));
    for (int i = 0; i < 3000; ++i) {
      std::string bytes = saved;
      bytes[rng.Below(bytes.size())] = static_cast<char>(rng.Below(256));
      load(bytes);  // an error or another set, but no crash
    }
  }
}

TEST_CASE("a sorted set is rebuilt by ZADD of at most 64 members") {
  bool ok = false;
  Loaded zset(Load(RdbType::kSortedSet, AsBinary(SomePairs(150)), &ok));
  size_t words = 0;
  RebuildZset(zset.entry(), [&](std::span<const std::string_view> argv) {
    CHECK(argv.size() <= 2 + 128);
    CHECK(argv[0] == "ZADD");
    words += argv.size() - 2;
  });
  CHECK(words == 2 * 151);
}

}  // namespace
}  // namespace torc
