#include "cluster/placement_codec.h"

#include <algorithm>
#include <unordered_map>

#include "base/bytes.h"

namespace torc {
namespace {

using Numbers = std::unordered_map<NodeId, uint64_t>;

// Every node named in the table, ascending.
std::vector<NodeId> NamedNodes(const PlacementTable& table) {
  std::vector<NodeId> nodes;
  for (int p = 0; p < table.partition_count(); ++p) {
    for (const NodeId owner : table.owners(PartitionId(static_cast<uint16_t>(p)))) {
      nodes.push_back(owner);
    }
  }
  for (const auto& cell : table.cells()) nodes.insert(nodes.end(), cell.begin(), cell.end());
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

void WriteRuns(const PlacementTable& table, const Numbers& numbers, ByteWriter* writer) {
  const auto owners = [&](int partition) {
    return table.owners(PartitionId(static_cast<uint16_t>(partition)));
  };
  for (int first = 0; first < table.partition_count();) {
    int end = first + 1;
    while (end < table.partition_count() && std::ranges::equal(owners(first), owners(end))) ++end;
    writer->Varint(static_cast<uint64_t>(end - first));
    for (const NodeId owner : owners(first)) writer->Varint(numbers.at(owner));
    first = end;
  }
}

std::vector<NodeId> ReadNodes(ByteReader* reader) {
  const uint64_t count = reader->Varint();
  std::vector<NodeId> nodes;
  if (count > kPlacementNodesMax) reader->Invalidate();
  for (uint64_t i = 0; i < count && reader->ok(); ++i) {
    const NodeId node(reader->U64());
    if (node == NodeId() || (!nodes.empty() && node <= nodes.back())) reader->Invalidate();
    nodes.push_back(node);
  }
  return nodes;
}

// One node named by its number.
NodeId ReadOwner(const std::vector<NodeId>& nodes, ByteReader* reader) {
  const uint64_t number = reader->Varint();
  if (number < nodes.size()) return nodes[number];
  reader->Invalidate();
  return {};
}

// The owners of all partitions, one after another.
std::vector<NodeId> ReadRuns(uint64_t partitions, uint64_t copies, const std::vector<NodeId>& nodes,
                             ByteReader* reader) {
  std::vector<NodeId> owners;
  for (uint64_t read = 0; read < partitions && reader->ok();) {
    const uint64_t run = reader->Varint();
    std::vector<NodeId> group;
    for (uint64_t i = 0; i < copies && reader->ok(); ++i) {
      const NodeId owner = ReadOwner(nodes, reader);
      if (std::find(group.begin(), group.end(), owner) != group.end()) reader->Invalidate();
      group.push_back(owner);
    }
    if (run == 0 || run > partitions - read || !reader->ok()) {
      reader->Invalidate();
      break;
    }
    for (uint64_t i = 0; i < run; ++i) owners.insert(owners.end(), group.begin(), group.end());
    read += run;
  }
  return owners;
}

std::vector<std::vector<NodeId>> ReadCells(const std::vector<NodeId>& nodes, ByteReader* reader) {
  const uint64_t count = reader->Varint();
  std::vector<std::vector<NodeId>> cells;
  if (count > nodes.size()) reader->Invalidate();
  for (uint64_t i = 0; i < count && reader->ok(); ++i) {
    const uint64_t size = reader->Varint();
    if (size > nodes.size()) reader->Invalidate();
    std::vector<NodeId>& cell = cells.emplace_back();
    for (uint64_t k = 0; k < size && reader->ok(); ++k) cell.push_back(ReadOwner(nodes, reader));
  }
  return cells;
}

}  // namespace

std::string EncodePlacement(const PlacementTable& table) {
  std::string bytes;
  ByteWriter writer(&bytes);
  const std::vector<NodeId> nodes = NamedNodes(table);
  Numbers numbers;
  writer.Varint(static_cast<uint64_t>(table.partition_count()));
  writer.Varint(static_cast<uint64_t>(table.copies()));
  writer.Varint(nodes.size());
  for (const NodeId node : nodes) {
    numbers.emplace(node, numbers.size());
    writer.U64(node.value());
  }
  WriteRuns(table, numbers, &writer);
  writer.Varint(table.cells().size());
  for (const auto& cell : table.cells()) {
    writer.Varint(cell.size());
    for (const NodeId node : cell) writer.Varint(numbers.at(node));
  }
  return bytes;
}

std::optional<PlacementTable> DecodePlacement(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint64_t partitions = reader.Varint();
  const uint64_t copies = reader.Varint();
  if (partitions > kSlotCount || copies > kCopiesMax || (copies == 0) != (partitions == 0)) {
    return std::nullopt;
  }
  const std::vector<NodeId> nodes = ReadNodes(&reader);
  std::vector<NodeId> owners = ReadRuns(partitions, copies, nodes, &reader);
  std::vector<std::vector<NodeId>> cells = ReadCells(nodes, &reader);
  if (!reader.done()) return std::nullopt;
  PlacementTable table(static_cast<int>(partitions), static_cast<int>(copies), std::move(owners));
  table.set_cells(std::move(cells));
  return table;
}

}  // namespace torc
