#pragma once

// What the whole cluster agrees on: its nodes with zones and weights, where partitions should be,
// and policies. The state of the topology group's log: every node applies the same commands in the
// same order and arrives at the same epoch. A command that changes nothing, or comes too late, says
// so and leaves the epoch alone.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/ids.h"

namespace torc {

enum class NodeStatus : uint8_t {
  kJoining,  // known, not yet given partitions
  kActive,
  kDraining,  // keeps what it has until it is elsewhere
  kDead,      // declared so; its copies are made anew elsewhere
};

struct TopologyNode {
  NodeId id;
  Incarnation incarnation;
  std::string address;
  std::string zone;
  uint32_t weight = 1;
  NodeStatus status = NodeStatus::kJoining;
  bool operator==(const TopologyNode&) const = default;
};

struct TopologyCommand {
  enum class Kind : uint8_t {
    kFound,         // cluster_id, section_hash, partition_count, nodes: the first command, once
    kJoin,          // nodes[0]: a new node, or a known one with a new incarnation, address or zone
    kSetStatus,     // nodes[0].id and .status
    kSetWeight,     // nodes[0].id and .weight
    kRemove,        // nodes[0].id: a drained or dead node that owns nothing any more
    kSetPlacement,  // bytes: the table; based_on: the epoch it was computed from
    kSetPolicy,     // name, bytes; empty bytes remove it
  };
  Kind kind{};
  uint64_t cluster_id = 0;
  uint64_t section_hash = 0;
  uint32_t partition_count = 0;
  std::vector<TopologyNode> nodes;
  Epoch based_on;
  std::string name;
  std::string bytes;
};

enum class TopologyResult : uint8_t {
  kOk,
  kUnchanged,       // it was so already
  kAlreadyFounded,  // there is a cluster here; it is not founded over
  kNotFounded,
  kNoSuchNode,
  kFormerLife,  // the node is known with a later incarnation
  kStale,       // the nodes changed since the epoch this was computed from
  kInvalid,     // outside the limits
};

class TopologyState {
 public:
  static constexpr size_t kNodesMax = 4096;
  static constexpr size_t kNameBytesMax = 512;
  static constexpr size_t kPlacementBytesMax = 16 * 1024 * 1024;

  TopologyResult Apply(const TopologyCommand& command);

  bool founded() const { return cluster_id_ != 0; }
  uint64_t cluster_id() const { return cluster_id_; }
  uint64_t section_hash() const { return section_hash_; }
  uint32_t partition_count() const { return partition_count_; }
  // Grows by one with each change of anything here.
  Epoch epoch() const { return epoch_; }
  // The epoch of the last change of nodes: a placement computed before it is stale.
  Epoch nodes_epoch() const { return nodes_epoch_; }
  const std::map<NodeId, TopologyNode>& nodes() const { return nodes_; }
  const TopologyNode* Find(NodeId id) const;
  const std::string& placement() const { return placement_; }
  const std::map<std::string, std::string>& policies() const { return policies_; }

  std::string Encode() const;
  static std::optional<TopologyState> Decode(std::string_view bytes);
  bool operator==(const TopologyState&) const = default;

 private:
  TopologyResult Found(const TopologyCommand& command);
  TopologyResult Join(const TopologyNode& node);
  TopologyResult Edit(const TopologyCommand& command);
  TopologyResult SetPlacement(const TopologyCommand& command);
  TopologyResult SetPolicy(const TopologyCommand& command);

  uint64_t cluster_id_ = 0;
  uint64_t section_hash_ = 0;
  uint32_t partition_count_ = 0;
  Epoch epoch_;
  Epoch nodes_epoch_;
  std::map<NodeId, TopologyNode> nodes_;
  std::string placement_;
  std::map<std::string, std::string> policies_;
};

// The payload of a topology log entry, and back; nothing if the bytes are not exactly one command.
std::string EncodeTopologyCommand(const TopologyCommand& command);
std::optional<TopologyCommand> DecodeTopologyCommand(std::string_view bytes);

}  // namespace torc
