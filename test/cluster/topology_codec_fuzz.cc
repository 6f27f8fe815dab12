// Arbitrary bytes as a topology command, a topology and a placement: refused, or the same after
// another trip; and no command can break a topology.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "cluster/placement_codec.h"
#include "cluster/topology_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace torc;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size_bytes);
  if (const auto command = DecodeTopologyCommand(bytes); command.has_value()) {
    const std::string again = EncodeTopologyCommand(*command);
    TORC_CHECK(DecodeTopologyCommand(again).has_value(), "what was encoded can be decoded");
    TopologyState state;
    TopologyCommand found;
    found.cluster_id = 1;
    found.nodes.push_back({NodeId(1), Incarnation(1), "a:1", "z", 1, NodeStatus::kActive});
    state.Apply(found);
    state.Apply(*command);
    TORC_CHECK(TopologyState::Decode(state.Encode()) == state, "a topology survives its bytes");
  }
  if (const auto state = TopologyState::Decode(bytes); state.has_value()) {
    TORC_CHECK(TopologyState::Decode(state->Encode()) == *state, "a topology survives its bytes");
  }
  if (const auto message = DecodeBootstrap(bytes); message.has_value()) {
    std::string again;
    EncodeBootstrap(*message, &again);
    TORC_CHECK(DecodeBootstrap(again).has_value(), "what was encoded can be decoded");
  }
  if (const auto state = DecodeBootstrapState(bytes); state.has_value()) {
    TORC_CHECK(DecodeBootstrapState(EncodeBootstrapState(*state)).has_value(), "as above");
  }
  if (const auto table = DecodePlacement(bytes); table.has_value()) {
    TORC_CHECK(DecodePlacement(EncodePlacement(*table)) == *table, "a placement survives");
  }
  (void)DecodeTopologyQuestion(bytes);
  (void)DecodeTopologyAnswer(bytes);
  return 0;
}
