#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/rng.h"
#include "persist/rdb_format.h"
#include "persist/rdb_packed.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "types/list/list.h"

namespace torc {
namespace {

constexpr auto kQuicklist2 = static_cast<uint8_t>(RdbType::kListQuicklist2);

// A loaded value in an entry.
class Loaded {
 public:
  explicit Loaded(const LoadedValue& value)
      : entry_(Entry::New("k", {.type = ValueType::kList,
                                .encoding = value.encoding,
                                .boxed = true,
                                .inline_bytes = 8})) {
    REQUIRE(value.boxed);
    entry_->set_value_box(value.box);
  }
  ~Loaded() {
    kListType.free_value(entry_);
    Entry::Delete(entry_);
  }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
  Entry& entry() { return *entry_; }
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (ListWalk walk(ListView(*entry_), 0, ListWalk::Direction::kForward); !walk.AtEnd();
         walk.Next()) {
      out.emplace_back(PackedText(walk.element()).view());
    }
    return out;
  }

 private:
  Entry* entry_;
};

std::vector<std::string> SomeTexts(size_t count) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < count; ++i) {
    texts.push_back(i % 3 == 0 ? std::to_string(i * i * i * 1000003) : std::string(i % 90, 'x'));
  }
  return texts;
}

std::string AsPlainList(const std::vector<std::string>& texts) {
  Buffer out;
  RdbWriter writer(&out);
  writer.Length(texts.size());
  for (const std::string& text : texts) writer.String(text);
  return std::string(out.view());
}

TEST_CASE("a list that was saved loads again, in one go or held, and copies nothing twice") {
  for (const size_t count : {1U, 20U, 3000U}) {
    CAPTURE(count);
    const std::vector<std::string> texts = SomeTexts(count);
    const std::string plain = AsPlainList(texts);
    RdbReader reader(plain);
    Loaded first(LoadList(static_cast<uint8_t>(RdbType::kList), reader, {}));
    CHECK(first.texts() == texts);
    CHECK(ListView(first.entry()).small() == (count < 100));
    Buffer out;
    RdbWriter writer(&out);
    SaveList(first.entry(), writer);
    const std::string saved(out.view());
    RdbReader again(saved);
    Loaded second(LoadList(kQuicklist2, again, {}));
    CHECK(again.remaining() == 0);
    CHECK(second.texts() == texts);
    const auto held = HoldList(first.entry());
    CHECK((held == nullptr) == ListView(first.entry()).small());
    if (held == nullptr) continue;
    List(&first.entry(), {}).Push(ListEnd::kHead, "written meanwhile");
    List(&first.entry(), {}).Set(1500, "and this");
    Buffer held_out;
    RdbWriter held_writer(&held_out);
    while (held->SaveSome(held_writer, 10'000)) {
    }
    CHECK(std::string(held_out.view()) == saved);
  }
}

TEST_CASE("lists of all older forms load") {
  ListpackBuilder pack;
  pack.Add("a");
  pack.Add("12345");
  Buffer out;
  RdbWriter writer(&out);
  writer.Length(2);
  writer.Length(1);
  writer.RawString("one large element");
  writer.Length(2);
  writer.RawString(pack.Finish());
  const std::string nodes(out.view());
  RdbReader reader(nodes);
  Loaded list(LoadList(kQuicklist2, reader, {}));
  CHECK(list.texts() == std::vector<std::string>{"one large element", "a", "12345"});
  // A ziplist: bytes, offset of the last, count; previous size, an element of two bytes; the end.
  const std::string ziplist("\x0f\0\0\0\x0a\0\0\0\x01\0\0\x02hi\xff", 15);
  Buffer old;
  RdbWriter old_writer(&old);
  old_writer.RawString(ziplist);
  const std::string one(old.view());
  RdbReader one_reader(one);
  Loaded from_ziplist(LoadList(static_cast<uint8_t>(RdbType::kListZiplist), one_reader, {}));
  CHECK(from_ziplist.texts() == std::vector<std::string>{"hi"});
  const std::string two = "\x02" + one + one;
  RdbReader two_reader(two);
  Loaded from_quicklist(LoadList(static_cast<uint8_t>(RdbType::kListQuicklist), two_reader, {}));
  CHECK(from_quicklist.texts() == std::vector<std::string>{"hi", "hi"});
}

TEST_CASE("damaged lists are errors, whatever byte is changed or missing") {
  const std::string plain = AsPlainList(SomeTexts(40));
  RdbReader reader(plain);
  Loaded list(LoadList(static_cast<uint8_t>(RdbType::kList), reader, {}));
  Buffer out;
  RdbWriter writer(&out, {.compress = false});
  SaveList(list.entry(), writer);
  const std::string saved(out.view());
  const auto load = [](const std::string& bytes) {
    RdbReader damaged(bytes);
    const LoadedValue value = LoadList(kQuicklist2, damaged, {});
    if (value.boxed) Loaded holder(value);
    return damaged.ok();
  };
  CHECK(load(saved));
  for (size_t size = 0; size < saved.size(); ++size) CHECK_FALSE(load(saved.substr(0, size)));
  Rng rng(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = saved;
    bytes[rng.Below(bytes.size())] = static_cast<char>(rng.Below(256));
    load(bytes);  // an error or another list, but no crash
  }
}

TEST_CASE("a list is rebuilt by RPUSH of at most 64 elements") {
  const std::vector<std::string> texts = SomeTexts(150);
  const std::string plain = AsPlainList(texts);
  RdbReader reader(plain);
  Loaded list(LoadList(static_cast<uint8_t>(RdbType::kList), reader, {}));
  std::vector<std::string> pushed;
  RebuildList(list.entry(), [&](std::span<const std::string_view> argv) {
    CHECK(argv.size() <= 66);
    CHECK(argv[0] == "RPUSH");
    CHECK(argv[1] == "k");
    pushed.insert(pushed.end(), argv.begin() + 2, argv.end());
  });
  CHECK(pushed == texts);
}

}  // namespace
}  // namespace torc
