// Streams on disk: what Redis 7.0 and 7.2 wrote is read, what is written is read again, and damaged
// bytes are refused.

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "persist/rdb_format.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "store/entry.h"
#include "types/stream/stream.h"
#include "types/stream/stream_type.h"

namespace torc {
namespace {

// A stream of five entries, two of them deleted, in two blocks; of its two groups the first has
// three entries pending for two consumers. As DUMP of redis-server 7.0.15 and 7.2.6 gave it, less
// the type in front and the version and checksum behind.
constexpr std::string_view kWrittenBy70 =
    "021000000000000000010000000000000001c34045404c174c0000001900020101010201846e616d65058361676504"
    "00200e000020010983616e6e042101050103200c07010183626f620422200e400c4003803206826379030601ff1000"
    "0000000000000500000000000000074042420000001200010101010201846e616d6505836167650400010201000100"
    "018364616e04f4cb04fb711f01000009050103010101dffa028365766504dffb020501ff0306010101060105020267"
    "31050781ffffffffffffffff030000000000000001000000000000000100806e877401000007000000000000000200"
    "0000000000000101806e8774010000080000000000000005000000000000000702806e877401000009020263316e07"
    "97fea10100000200000000000000010000000000000001000000000000000200000000000000010263326e0797fea1"
    "010000010000000000000005000000000000000702673202010300010469646c656e0797fea101000000";
constexpr std::string_view kWrittenBy72 =
    "021000000000000000010000000000000001c34045404c174c0000001900020101010201846e616d65058361676504"
    "00200e000020010983616e6e042101050103200c07010183626f620422200e400c4003803206826379030601ff1000"
    "0000000000000500000000000000074042420000001200010101010201846e616d6505836167650400010201000100"
    "018364616e04f4cb04fb711f01000009050103010101dffa028365766504dffb020501ff0306010101060105020267"
    "31050781ffffffffffffffff030000000000000001000000000000000100806e877401000007000000000000000200"
    "0000000000000101806e8774010000080000000000000005000000000000000702806e877401000009020263318007"
    "97fea1010000800797fea1010000020000000000000001000000000000000100000000000000020000000000000001"
    "026332800797fea1010000800797fea101000001000000000000000500000000000000070267320201030001046964"
    "6c65800797fea1010000ffffffffffffffff00";

std::string Unhex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// An entry that owns a stream.
class Holder {
 public:
  explicit Holder(StreamValue* stream)
      : entry_(Entry::New("key", {.type = ValueType::kStream, .boxed = true, .inline_bytes = 8})) {
    entry_->set_value_box(stream);
  }
  ~Holder() {
    kStreamType.free_value(entry_);
    Entry::Delete(entry_);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  const Entry& entry() const { return *entry_; }
  StreamValue& stream() const { return *static_cast<StreamValue*>(entry_->value_box()); }
  uint64_t digest() const { return kStreamType.digest(*entry_, 1); }
  std::string Saved() const {
    Buffer out;
    RdbWriter writer(&out);
    kStreamType.save(*entry_, writer);
    return std::string(out.view());
  }

 private:
  Entry* entry_;
};

// Null if it was refused.
std::unique_ptr<Holder> Load(RdbType type, std::string_view bytes) {
  RdbReader reader(bytes);
  const LoadedValue value = kStreamType.load(static_cast<uint8_t>(type), reader, ValueLimits{});
  auto holder =
      value.boxed ? std::make_unique<Holder>(static_cast<StreamValue*>(value.box)) : nullptr;
  if (!reader.ok()) return nullptr;
  REQUIRE(reader.remaining() == 0);
  return holder;
}

void CheckAsDumped(const StreamValue& stream) {
  stream.CheckInvariants();
  CHECK(stream.length() == 3);
  CHECK(stream.first_id() == StreamId{1, 1});
  CHECK(stream.top_id() == StreamId{5, 7});
  CHECK(stream.last_id == StreamId{6, 1});
  CHECK(stream.max_deleted_id == StreamId{6, 1});
  CHECK(stream.entries_added == 5);
  CHECK(stream.block_count() == 2);
  REQUIRE(stream.group_count() == 2);
  const ConsumerGroup& first = *stream.FindGroup("g1");
  CHECK(first.last_id == StreamId{5, 7});
  CHECK(first.pending_count() == 3);
  CHECK(first.FindPending({5, 7})->deliveries == 9);
  CHECK(first.FindPending({5, 7})->delivered_ms == 1'600'000'000'002);
  CHECK(first.consumer(first.FindPending({2, 1})->consumer).name == "c1");
  const ConsumerGroup& second = *stream.FindGroup("g2");
  CHECK(second.entries_read == 3);
  CHECK(second.FindConsumer("idle"));
}

TEST_CASE("streams that Redis wrote are read with their groups") {
  const auto old = Load(RdbType::kStreamListpacks2, Unhex(kWrittenBy70));
  REQUIRE(old != nullptr);
  CheckAsDumped(old->stream());
  const auto later = Load(RdbType::kStreamListpacks3, Unhex(kWrittenBy72));
  REQUIRE(later != nullptr);
  CheckAsDumped(later->stream());
  const ConsumerGroup& group = *later->stream().FindGroup("g2");
  CHECK(group.consumer(*group.FindConsumer("idle")).active_ms == Consumer::kNeverActive);
}

TEST_CASE("a stream that is written and read again is the same") {
  const auto original = Load(RdbType::kStreamListpacks2, Unhex(kWrittenBy70));
  REQUIRE(original != nullptr);
  const auto again = Load(RdbType::kStreamListpacks2, original->Saved());
  REQUIRE(again != nullptr);
  CHECK(again->digest() == original->digest());
}

std::unique_ptr<Holder> RandomStream(uint64_t seed) {
  Rng rng(seed);
  auto holder = std::make_unique<Holder>(new StreamValue);
  StreamValue& stream = holder->stream();
  ValueLimits limits;
  limits.stream_node_entries = 7;
  const uint64_t entries = rng.Below(400);
  for (uint64_t i = 0; i < entries; ++i) {
    const std::string value = rng.Chance(0.5) ? std::to_string(rng.Between(-9999, 9999))
                                              : std::string(rng.Below(90), 'v');
    const std::string field = rng.Chance(0.8) ? "field" : value;
    const std::vector<std::string_view> pairs = {field, value};
    stream.Append({stream.last_id.ms + rng.Below(2), stream.last_id.seq + 1 + rng.Below(9)}, pairs,
                  limits);
    if (rng.Chance(0.1)) stream.Remove({rng.Below(200), rng.Below(2000)});
  }
  for (const char* name : {"b", "a"}) {
    stream.AddGroup(name, stream.last_id, rng.Between(-1, 5));
    ConsumerGroup* const group = stream.WriteGroup(name);
    const uint32_t consumers[] = {group->AddConsumer("x", 1), group->AddConsumer("w", 2)};
    for (StreamWalk walk(stream, kStreamIdMin, kStreamIdMax); !walk.AtEnd(); walk.Next()) {
      if (rng.Chance(0.4)) continue;
      group->SetPending({.id = walk.entry().id(),
                         .delivered_ms = static_cast<int64_t>(rng.Below(99999)),
                         .deliveries = rng.Below(300),
                         .consumer = consumers[rng.Below(2)]});
    }
  }
  return holder;
}

TEST_CASE("any stream is the same after a journey, whole or in slices while it is written") {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const auto holder = RandomStream(seed);
    const std::string saved = holder->Saved();
    const uint64_t digest = holder->digest();
    const auto again = Load(RdbType::kStreamListpacks2, saved);
    REQUIRE(again != nullptr);
    again->stream().CheckInvariants();
    CHECK(again->digest() == digest);
    const auto held = kStreamType.hold(holder->entry());
    if (held == nullptr) continue;
    Buffer out;
    RdbWriter writer(&out);
    const std::vector<std::string_view> pairs = {"late", "1"};
    while (held->SaveSome(writer, 300)) {
      StreamValue& stream = holder->stream();
      stream.Append(*NextStreamId(stream.last_id), pairs, ValueLimits{});
      stream.Remove(stream.first_id());
      stream.WriteGroup("a")->RemovePending(stream.first_id());
    }
    CHECK(out.view() == saved);
  }
}

TEST_CASE("damaged streams are refused or are some stream, and never more than that") {
  const std::string whole = Unhex(kWrittenBy70);
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    CHECK(Load(RdbType::kStreamListpacks2, whole.substr(0, cut)) == nullptr);
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      RdbReader reader(changed);
      const LoadedValue value =
          kStreamType.load(static_cast<uint8_t>(RdbType::kStreamListpacks2), reader, {});
      if (!value.boxed) continue;
      const Holder holder(static_cast<StreamValue*>(value.box));
      holder.stream().CheckInvariants();
    }
  }
}

TEST_CASE("commands that rebuild a stream name its entries, figures and groups") {
  const auto holder = Load(RdbType::kStreamListpacks2, Unhex(kWrittenBy70));
  REQUIRE(holder != nullptr);
  std::vector<std::string> lines;
  kStreamType.rebuild(holder->entry(), [&](std::span<const std::string_view> argv) {
    std::string line;
    for (const std::string_view word : argv) line += (line.empty() ? "" : " ") + std::string(word);
    lines.push_back(line);
  });
  REQUIRE(lines.size() == 12);
  CHECK(lines[0] == "XADD key 1-1 name ann age 33");
  CHECK(lines[3] == "XSETID key 6-1 ENTRIESADDED 5 MAXDELETEDID 6-1");
  CHECK(lines[4] == "XGROUP CREATE key g1 5-7 ENTRIESREAD -1");
  CHECK(lines[5] == "XGROUP CREATECONSUMER key g1 c1");
  CHECK(lines[7] == "XCLAIM key g1 c1 0 1-1 TIME 1600000000000 RETRYCOUNT 7 JUSTID FORCE");
}

}  // namespace
}  // namespace torc
