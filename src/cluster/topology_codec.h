#pragma once

// The bytes of what nodes say to one another about the topology (FORMAT.md, section 4): founding a
// cluster, and asking for a newer topology. Bounded like everything that comes from outside.

#include <optional>
#include <string>
#include <string_view>

#include "cluster/topology_bootstrap.h"

namespace torc {

inline constexpr size_t kSectionDirectivesMax = 256;
inline constexpr size_t kDirectiveBytesMax = 4096;

void EncodeBootstrap(const BootstrapMessage& message, std::string* out);
std::optional<BootstrapMessage> DecodeBootstrap(std::string_view bytes);

// What a founder keeps on disk.
std::string EncodeBootstrapState(const BootstrapState& state);
std::optional<BootstrapState> DecodeBootstrapState(std::string_view bytes);

// A follower's question carries the epoch it has; the answer is a whole topology.
void EncodeTopologyQuestion(Epoch have, std::string* out);
std::optional<Epoch> DecodeTopologyQuestion(std::string_view bytes);
void EncodeTopologyAnswer(const TopologyState& topology, std::string* out);
std::optional<TopologyState> DecodeTopologyAnswer(std::string_view bytes);

}  // namespace torc
