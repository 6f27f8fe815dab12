// Gossip messages as bytes: round trips, limits, and the bytes that FORMAT.md shows.
#include "cluster/gossip_codec.h"

#include <doctest/doctest.h>

#include "base/rng.h"
#include "base/text.h"

namespace torc {
namespace {

std::string Encoded(const GossipMessage& message) {
  std::string bytes;
  EncodeGossip(message, &bytes);
  return bytes;
}

GossipUpdate RandomUpdate(Rng* rng) {
  switch (rng->Below(3)) {
    case 0: {
      MemberUpdate update;
      update.record.id = NodeId(rng->Next() | 1);
      update.record.incarnation = Incarnation(rng->Next());
      update.record.version = static_cast<uint32_t>(rng->Next() >> rng->Between(32, 63));
      update.record.state = static_cast<MemberState>(rng->Below(4));
      update.record.address.host.assign(rng->Below(kHostBytesMax + 1), 'h');
      update.record.address.bus_port = static_cast<uint16_t>(rng->Next());
      update.record.address.port = static_cast<uint16_t>(rng->Next());
      update.record.address.tls_port = static_cast<uint16_t>(rng->Next());
      const MemberState state = update.record.state;
      if (state == MemberState::kSuspect || state == MemberState::kDead) {
        update.accuser = NodeId(rng->Next() | 1);
      }
      return update;
    }
    case 1:
      return Announcement{PartitionId(static_cast<uint16_t>(rng->Below(kSlotCount))),
                          Term(rng->Next() >> rng->Below(64)),
                          ConfigVersion(rng->Next() >> rng->Below(64)), NodeId(rng->Next() | 1)};
    default:
      return EpochUpdate{Epoch(rng->Next() >> rng->Below(64)), NodeId(rng->Next() | 1)};
  }
}

GossipMessage RandomMessage(Rng* rng) {
  GossipMessage message;
  message.kind = static_cast<GossipKind>(rng->Between(1, 8));
  const GossipKind kind = message.kind;
  const bool probe = kind <= GossipKind::kNack;
  if (probe) message.seq = static_cast<uint32_t>(rng->Next());
  if (probe && kind != GossipKind::kPing) message.target = NodeId(rng->Next());
  if (kind == GossipKind::kPing || kind == GossipKind::kAck) {
    message.wall = UnixMs(static_cast<int64_t>(rng->Next()));
  }
  if (kind == GossipKind::kDigest) {
    for (uint64_t& digest : message.digests) digest = rng->Next();
  }
  if (kind == GossipKind::kSync) message.want_buckets = static_cast<uint32_t>(rng->Next());
  size_t bytes = EncodedHeadBytes(message);
  for (uint64_t i = rng->Below(20); i > 0; --i) {
    GossipUpdate update = RandomUpdate(rng);
    if (bytes + EncodedBytes(update) > kGossipBytesMax) break;
    bytes += EncodedBytes(update);
    message.updates.push_back(std::move(update));
  }
  return message;
}

TEST_CASE("every message comes back as it was, and its size is the one computed") {
  Rng rng(1);
  for (int i = 0; i < 5000; ++i) {
    const GossipMessage message = RandomMessage(&rng);
    const std::string bytes = Encoded(message);
    size_t size = EncodedHeadBytes(message);
    for (const GossipUpdate& update : message.updates) size += EncodedBytes(update);
    CHECK(bytes.size() <= size);
    CHECK(bytes.size() + 1 >= size);
    CHECK(DecodeGossip(bytes) == message);
  }
}

TEST_CASE("a message cut short or with bytes behind it is none") {
  Rng rng(2);
  for (int i = 0; i < 200; ++i) {
    const std::string bytes = Encoded(RandomMessage(&rng));
    for (size_t size = 0; size < bytes.size(); ++size) {
      CHECK_FALSE(DecodeGossip(std::string_view(bytes).substr(0, size)).has_value());
    }
    CHECK_FALSE(DecodeGossip(bytes + '\0').has_value());
  }
}

TEST_CASE("values outside their range make a message invalid") {
  const auto invalid = [](const char* hex) {
    std::string bytes;
    for (const char* p = hex; *p != '\0'; p += 2) {
      bytes += static_cast<char>(std::stoi(std::string(p, 2), nullptr, 16));
    }
    return !DecodeGossip(bytes).has_value();
  };
  CHECK(invalid(""));
  CHECK(invalid("00"));                              // no such kind
  CHECK(invalid("0900"));                            // no such kind
  CHECK_FALSE(invalid("0500"));                      // news without updates
  CHECK(invalid("050104"));                          // no such update
  CHECK(invalid("05c102"));                          // 321 updates
  CHECK_FALSE(invalid("050103050100000000000000"));  // epoch 5, held by node 1
  CHECK(invalid("050103050000000000000000"));        // held by nobody
  // Partition 16384 does not exist, 16383 does.
  CHECK(
      invalid("0501028080010101"
              "0100000000000000"));
  CHECK_FALSE(
      invalid("050102ff7f0101"
              "0100000000000000"));
  // A member in state 4.
  CHECK(
      invalid("0501010100000000000000"
              "0100000000000000"
              "0004"
              "00"
              "000000000000"));
  CHECK_FALSE(
      invalid("0501010100000000000000"
              "0100000000000000"
              "0003"
              "00"
              "000000000000"));
  // A version beyond 32 bits.
  CHECK(
      invalid("0501010100000000000000"
              "0100000000000000"
              "8080808010"
              "00"
              "00"
              "000000000000"));
}

TEST_CASE("a host name of 63 bytes is taken, one of 64 is not") {
  const std::string head = std::string("\x05\x01\x01", 3) + std::string("\1\0\0\0\0\0\0\0", 8) +
                           std::string(8, '\0') + std::string(2, '\0');
  const std::string ports(6, '\0');
  CHECK(DecodeGossip(head + '\x3f' + std::string(63, 'h') + ports).has_value());
  CHECK_FALSE(DecodeGossip(head + '\x40' + std::string(64, 'h') + ports).has_value());
}

TEST_CASE("more bytes than a message may have are refused before they are read") {
  GossipMessage message{.kind = GossipKind::kNews};
  while (Encoded(message).size() <= kGossipBytesMax) {
    message.updates.emplace_back(EpochUpdate{Epoch(1), NodeId(1)});
  }
  CHECK_FALSE(DecodeGossip(Encoded(message)).has_value());
  message.updates.pop_back();
  CHECK(DecodeGossip(Encoded(message)).has_value());
}

TEST_CASE("the bytes are those of the example in FORMAT.md") {
  GossipMessage ping{.kind = GossipKind::kPing, .seq = 7, .wall = UnixMs(1'700'000'000'000)};
  ping.updates.emplace_back(MemberUpdate{{.id = NodeId(0x1122),
                                          .incarnation = Incarnation(1),
                                          .version = 300,
                                          .state = MemberState::kSuspect,
                                          .address = {"10.0.0.1", 16379, 6379, 0}},
                                         NodeId(0x33)});
  ping.updates.emplace_back(Announcement{PartitionId(5), Term(2), ConfigVersion(9), NodeId(0x44)});
  const std::string bytes = Encoded(ping);
  std::string hex;
  for (const char c : bytes) hex += Format("%02x", static_cast<unsigned>(static_cast<uint8_t>(c)));
  CHECK(hex ==
        "01"
        "07000000"
        "0068e5cf8b010000"
        "02"
        "01"
        "2211000000000000"
        "0100000000000000"
        "ac02"
        "01"
        "08"
        "31302e302e302e31"
        "fb3f"
        "eb18"
        "0000"
        "3300000000000000"
        "02"
        "05"
        "02"
        "09"
        "4400000000000000");
}

}  // namespace
}  // namespace torc
