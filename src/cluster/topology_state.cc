#include "cluster/topology_state.h"

#include "base/bytes.h"

namespace torc {
namespace {

void WriteNode(const TopologyNode& node, ByteWriter* writer) {
  writer->U64(node.id.value());
  writer->U64(node.incarnation.value());
  writer->Blob(node.address);
  writer->Blob(node.zone);
  writer->Varint(node.weight);
  writer->U8(static_cast<uint8_t>(node.status));
}

TopologyNode ReadNode(ByteReader* reader) {
  TopologyNode node;
  node.id = NodeId(reader->U64());
  node.incarnation = Incarnation(reader->U64());
  node.address = reader->Blob(TopologyState::kNameBytesMax);
  node.zone = reader->Blob(TopologyState::kNameBytesMax);
  node.weight = static_cast<uint32_t>(reader->Varint());
  const uint8_t status = reader->U8();
  if (status > static_cast<uint8_t>(NodeStatus::kDead)) reader->Invalidate();
  node.status = static_cast<NodeStatus>(status);
  return node;
}

bool IsWithinLimits(const TopologyNode& node) {
  return node.address.size() <= TopologyState::kNameBytesMax &&
         node.zone.size() <= TopologyState::kNameBytesMax;
}

}  // namespace

const TopologyNode* TopologyState::Find(NodeId id) const {
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : &found->second;
}

TopologyResult TopologyState::Apply(const TopologyCommand& command) {
  using Kind = TopologyCommand::Kind;
  if (command.kind == Kind::kFound) return Found(command);
  if (!founded()) return TopologyResult::kNotFounded;
  TopologyResult result = TopologyResult::kInvalid;
  if (command.kind == Kind::kSetPlacement) {
    result = SetPlacement(command);
  } else if (command.kind == Kind::kSetPolicy) {
    result = SetPolicy(command);
  } else if (!command.nodes.empty()) {
    result = command.kind == Kind::kJoin ? Join(command.nodes[0]) : Edit(command);
    if (result == TopologyResult::kOk) nodes_epoch_ = epoch_ + 1;
  }
  if (result == TopologyResult::kOk) ++epoch_;
  return result;
}

TopologyResult TopologyState::Found(const TopologyCommand& command) {
  if (founded()) return TopologyResult::kAlreadyFounded;
  if (command.cluster_id == 0 || command.nodes.empty() || command.nodes.size() > kNodesMax) {
    return TopologyResult::kInvalid;
  }
  cluster_id_ = command.cluster_id;
  section_hash_ = command.section_hash;
  partition_count_ = command.partition_count;
  for (const TopologyNode& node : command.nodes) nodes_[node.id] = node;
  nodes_epoch_ = ++epoch_;
  return TopologyResult::kOk;
}

TopologyResult TopologyState::Join(const TopologyNode& node) {
  if (!IsWithinLimits(node)) return TopologyResult::kInvalid;
  const auto found = nodes_.find(node.id);
  if (found == nodes_.end()) {
    if (nodes_.size() >= kNodesMax) return TopologyResult::kInvalid;
    nodes_[node.id] = node;
    nodes_[node.id].status = NodeStatus::kJoining;
    return TopologyResult::kOk;
  }
  TopologyNode& present = found->second;
  if (node.incarnation < present.incarnation) return TopologyResult::kFormerLife;
  TopologyNode next = node;
  next.weight = present.weight;  // only kSetWeight changes an operator's choice
  next.status = present.status;
  // One that was given up and is back starts again from the beginning; so does one that lost its
  // disk.
  if (present.status == NodeStatus::kDead || node.incarnation > present.incarnation) {
    next.status = NodeStatus::kJoining;
  }
  if (next == present) return TopologyResult::kUnchanged;
  present = next;
  return TopologyResult::kOk;
}

TopologyResult TopologyState::Edit(const TopologyCommand& command) {
  using Kind = TopologyCommand::Kind;
  const auto found = nodes_.find(command.nodes[0].id);
  if (found == nodes_.end()) return TopologyResult::kNoSuchNode;
  TopologyNode& node = found->second;
  switch (command.kind) {
    case Kind::kSetStatus:
      if (command.nodes[0].incarnation < node.incarnation) return TopologyResult::kFormerLife;
      if (node.status == command.nodes[0].status) return TopologyResult::kUnchanged;
      node.status = command.nodes[0].status;
      return TopologyResult::kOk;
    case Kind::kSetWeight:
      if (node.weight == command.nodes[0].weight) return TopologyResult::kUnchanged;
      node.weight = command.nodes[0].weight;
      return TopologyResult::kOk;
    case Kind::kRemove:
      // Only who is on the way out can go: a removal decided before the node came back is void.
      if (node.status != NodeStatus::kDraining && node.status != NodeStatus::kDead) {
        return TopologyResult::kStale;
      }
      nodes_.erase(found);
      return TopologyResult::kOk;
    default:
      return TopologyResult::kInvalid;
  }
}

TopologyResult TopologyState::SetPlacement(const TopologyCommand& command) {
  if (command.bytes.size() > kPlacementBytesMax) return TopologyResult::kInvalid;
  if (command.based_on < nodes_epoch_) return TopologyResult::kStale;
  if (command.bytes == placement_) return TopologyResult::kUnchanged;
  placement_ = command.bytes;
  return TopologyResult::kOk;
}

TopologyResult TopologyState::SetPolicy(const TopologyCommand& command) {
  if (command.name.empty() || command.name.size() > kNameBytesMax ||
      command.bytes.size() > kPlacementBytesMax) {
    return TopologyResult::kInvalid;
  }
  const auto found = policies_.find(command.name);
  if (command.bytes.empty()) {
    if (found == policies_.end()) return TopologyResult::kUnchanged;
    policies_.erase(found);
    return TopologyResult::kOk;
  }
  if (found != policies_.end() && found->second == command.bytes) return TopologyResult::kUnchanged;
  policies_[command.name] = command.bytes;
  return TopologyResult::kOk;
}

std::string TopologyState::Encode() const {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U64(cluster_id_);
  writer.U64(section_hash_);
  writer.U32(partition_count_);
  writer.Varint(epoch_.value());
  writer.Varint(nodes_epoch_.value());
  writer.Varint(nodes_.size());
  for (const auto& [id, node] : nodes_) WriteNode(node, &writer);
  writer.Blob(placement_);
  writer.Varint(policies_.size());
  for (const auto& [name, value] : policies_) {
    writer.Blob(name);
    writer.Blob(value);
  }
  return bytes;
}

std::optional<TopologyState> TopologyState::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  TopologyState state;
  state.cluster_id_ = reader.U64();
  state.section_hash_ = reader.U64();
  state.partition_count_ = reader.U32();
  state.epoch_ = Epoch(reader.Varint());
  state.nodes_epoch_ = Epoch(reader.Varint());
  const uint64_t node_count = reader.Varint();
  if (node_count > kNodesMax) return std::nullopt;
  for (uint64_t i = 0; i < node_count && reader.ok(); ++i) {
    TopologyNode node = ReadNode(&reader);
    state.nodes_[node.id] = std::move(node);
  }
  state.placement_ = reader.Blob(kPlacementBytesMax);
  const uint64_t policy_count = reader.Varint();
  for (uint64_t i = 0; i < policy_count && reader.ok(); ++i) {
    std::string name(reader.Blob(kNameBytesMax));
    state.policies_[std::move(name)] = reader.Blob(kPlacementBytesMax);
  }
  if (!reader.done()) return std::nullopt;
  return state;
}

std::string EncodeTopologyCommand(const TopologyCommand& command) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U8(static_cast<uint8_t>(command.kind));
  writer.U64(command.cluster_id);
  writer.U64(command.section_hash);
  writer.U32(command.partition_count);
  writer.Varint(command.nodes.size());
  for (const TopologyNode& node : command.nodes) WriteNode(node, &writer);
  writer.Varint(command.based_on.value());
  writer.Blob(command.name);
  writer.Blob(command.bytes);
  return bytes;
}

std::optional<TopologyCommand> DecodeTopologyCommand(std::string_view bytes) {
  ByteReader reader(bytes);
  TopologyCommand command;
  const uint8_t kind = reader.U8();
  if (kind > static_cast<uint8_t>(TopologyCommand::Kind::kSetPolicy)) return std::nullopt;
  command.kind = static_cast<TopologyCommand::Kind>(kind);
  command.cluster_id = reader.U64();
  command.section_hash = reader.U64();
  command.partition_count = reader.U32();
  const uint64_t node_count = reader.Varint();
  if (node_count > TopologyState::kNodesMax) return std::nullopt;
  for (uint64_t i = 0; i < node_count && reader.ok(); ++i) {
    command.nodes.push_back(ReadNode(&reader));
  }
  command.based_on = Epoch(reader.Varint());
  command.name = reader.Blob(TopologyState::kNameBytesMax);
  command.bytes = reader.Blob(TopologyState::kPlacementBytesMax);
  if (!reader.done()) return std::nullopt;
  return command;
}

}  // namespace torc
