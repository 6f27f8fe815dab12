// A node among three that is fed whatever decodes: it must stay consistent and answer within its
// limits. The input is a row of (sender byte, length byte, message).
#include <string>

#include "base/check.h"
#include "cluster/gossip.h"
#include "cluster/gossip_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace torc;
  GossipConfig config;
  config.members_max = 8;
  config.partition_count = 16;
  Gossip gossip(config, {.id = NodeId(1), .incarnation = Incarnation(1)}, 1);
  GossipNow now{MonoUs(1'000'000), UnixMs(1'000)};
  gossip.Step(GossipStart{.seeds = {{.host = "s", .bus_port = 1}},
                          .known = {{.id = NodeId(2)}, {.id = NodeId(3)}}},
              now);
  std::string_view rest(reinterpret_cast<const char*>(data), size_bytes);
  while (rest.size() >= 2) {
    const NodeId from(static_cast<uint8_t>(rest[0]) % 16);
    const size_t length = static_cast<uint8_t>(rest[1]);
    rest.remove_prefix(2);
    const auto message = DecodeGossip(rest.substr(0, length));
    rest.remove_prefix(std::min(length, rest.size()));
    now.mono += 20'000;
    GossipOutput out;
    if (message) {
      out = gossip.Step(GossipReceive{from, {.host = "x", .bus_port = 2}, *message}, now);
    } else {
      now.mono += static_cast<int64_t>(length) * 1000;
      out = gossip.Step(GossipTick{}, now);
    }
    for (const GossipSend& send : out.sends) {
      std::string bytes;
      EncodeGossip(send.message, &bytes);
      TORC_CHECK(DecodeGossip(bytes).has_value(), "what is sent can be read");
    }
    TORC_CHECK(gossip.self().id == NodeId(1), "a node stays itself");
    TORC_CHECK(gossip.self().state == MemberState::kAlive, "nobody else ends our life");
    TORC_CHECK(gossip.members().size() <= config.members_max, "the table keeps its limit");
  }
  return 0;
}
