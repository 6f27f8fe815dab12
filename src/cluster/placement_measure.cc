#include "cluster/placement_measure.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

#include "base/key_slot.h"
#include "base/text.h"
#include "cluster/placement_shares.h"

namespace torc {
namespace {

std::vector<PlacementNode> Weighted(std::span<const PlacementNode> nodes) {
  std::vector<PlacementNode> weighted(nodes.begin(), nodes.end());
  std::erase_if(weighted, [](const PlacementNode& node) { return node.weight == 0; });
  std::sort(weighted.begin(), weighted.end(),
            [](const PlacementNode& a, const PlacementNode& b) { return a.id < b.id; });
  return weighted;
}

std::vector<ShareNode> ShareNodes(const std::vector<PlacementNode>& nodes) {
  std::set<ZoneId> zones;
  for (const PlacementNode& node : nodes) zones.insert(node.zone);
  std::vector<ShareNode> out;
  for (const PlacementNode& node : nodes) {
    out.push_back(
        {node.weight, static_cast<int>(std::distance(zones.begin(), zones.find(node.zone)))});
  }
  return out;
}

std::vector<double> Shares(const PlacementPolicy& policy, const std::vector<PlacementNode>& nodes) {
  const int copies = std::min(policy.copies, static_cast<int>(nodes.size()));
  const std::vector<ShareNode> members = ShareNodes(nodes);
  return FairShares(members, copies, ZoneCopiesMax(members, copies), policy.partition_count);
}

bool Contains(std::span<const NodeId> owners, NodeId id) {
  return std::find(owners.begin(), owners.end(), id) != owners.end();
}

PartitionId Partition(int index) {
  return PartitionId(static_cast<uint16_t>(index));
}

// Bytes of "$<n>\r\n<n bytes>\r\n" and of "<type><number>\r\n".
int BulkBytes(int n) {
  return static_cast<int>(DecimalText(n).view().size()) + 5 + n;
}
int NumberBytes(int n) {
  return static_cast<int>(DecimalText(n).view().size()) + 3;
}

int NodeEntryBytes() {
  constexpr std::string_view kAddress = "10.128.12.34";
  constexpr int kPort = 6379;
  constexpr int kIdDigits = 40;
  // Four elements: address, port, id and an empty array of further names.
  return NumberBytes(4) + BulkBytes(kAddress.size()) + NumberBytes(kPort) + BulkBytes(kIdDigits) +
         NumberBytes(0);
}

bool SameNodesListed(std::span<const NodeId> a, std::span<const NodeId> b, SlotsReplicas replicas) {
  if (a[0] != b[0]) return false;
  if (replicas == SlotsReplicas::kOmit) return true;
  return std::all_of(a.begin(), a.end(), [&](NodeId id) { return Contains(b, id); });
}

}  // namespace

std::vector<NodeLoad> MeasureLoads(const PlacementPolicy& policy,
                                   std::span<const PlacementNode> nodes,
                                   const PlacementTable& table) {
  const std::vector<PlacementNode> weighted = Weighted(nodes);
  const std::vector<double> shares = Shares(policy, weighted);
  std::vector<NodeLoad> loads;
  std::unordered_map<NodeId, size_t> index;
  for (size_t i = 0; i < weighted.size(); ++i) {
    index[weighted[i].id] = i;
    loads.push_back({weighted[i].id, shares[i], shares[i] / table.copies()});
  }
  for (int p = 0; p < table.partition_count(); ++p) {
    for (const NodeId id : table.owners(Partition(p))) ++loads[index.at(id)].copies;
    ++loads[index.at(table.primary(Partition(p)))].primaries;
  }
  return loads;
}

int CopiesMoved(const PlacementTable& before, const PlacementTable& after) {
  int moved = 0;
  for (int p = 0; p < after.partition_count(); ++p) {
    for (const NodeId id : after.owners(Partition(p))) {
      if (!Contains(before.owners(Partition(p)), id)) ++moved;
    }
  }
  return moved;
}

int PrimariesChanged(const PlacementTable& before, const PlacementTable& after) {
  int changed = 0;
  for (int p = 0; p < after.partition_count(); ++p) {
    if (before.primary(Partition(p)) != after.primary(Partition(p))) ++changed;
  }
  return changed;
}

double CopiesMovedMin(const PlacementPolicy& policy, std::span<const PlacementNode> before,
                      std::span<const PlacementNode> after) {
  const std::vector<PlacementNode> old_nodes = Weighted(before);
  const std::vector<double> old_shares = Shares(policy, old_nodes);
  std::unordered_map<NodeId, double> had;
  for (size_t i = 0; i < old_nodes.size(); ++i) had[old_nodes[i].id] = old_shares[i];
  const std::vector<PlacementNode> new_nodes = Weighted(after);
  const std::vector<double> new_shares = Shares(policy, new_nodes);
  double gained = 0;
  for (size_t i = 0; i < new_nodes.size(); ++i) {
    gained += std::max(0.0, new_shares[i] - had[new_nodes[i].id]);
  }
  return gained;
}

int ZoneClashes(const PlacementPolicy& policy, std::span<const PlacementNode> nodes,
                const PlacementTable& table) {
  const std::vector<PlacementNode> weighted = Weighted(nodes);
  const int copies = std::min(policy.copies, static_cast<int>(weighted.size()));
  const int zone_copies_max = ZoneCopiesMax(ShareNodes(weighted), copies);
  std::unordered_map<NodeId, ZoneId> zone;
  for (const PlacementNode& node : nodes) zone[node.id] = node.zone;
  int clashes = 0;
  for (int p = 0; p < table.partition_count(); ++p) {
    const auto owners = table.owners(Partition(p));
    const bool clash = std::any_of(owners.begin(), owners.end(), [&](NodeId id) {
      return std::count_if(owners.begin(), owners.end(), [&](NodeId other) {
               return zone.at(other) == zone.at(id);
             }) > zone_copies_max;
    });
    if (clash) ++clashes;
  }
  return clashes;
}

double QuorumLosingPairs(std::span<const PlacementNode> nodes, const PlacementTable& table) {
  const auto count = static_cast<double>(Weighted(nodes).size());
  // Two failures take the majority of two to four copies; five and more survive any two.
  if (table.copies() > 4 || table.copies() < 2 || count < 2) return 0;
  std::set<std::pair<NodeId, NodeId>> pairs;
  for (int p = 0; p < table.partition_count(); ++p) {
    const auto owners = table.owners(Partition(p));
    for (size_t a = 0; a < owners.size(); ++a) {
      for (size_t b = a + 1; b < owners.size(); ++b) {
        pairs.insert(std::minmax(owners[a], owners[b]));
      }
    }
  }
  return static_cast<double>(pairs.size()) / (count * (count - 1) / 2);
}

SlotsSize MeasureClusterSlots(const PlacementTable& table, SlotsReplicas replicas) {
  SlotsSize size;
  const int nodes_listed = replicas == SlotsReplicas::kList ? table.copies() : 1;
  for (int p = 0; p < table.partition_count();) {
    int end = p + 1;
    while (end < table.partition_count() &&
           SameNodesListed(table.owners(Partition(p)), table.owners(Partition(end)), replicas)) {
      ++end;
    }
    const int first_slot = SlotsOf(Partition(p), table.partition_count()).first;
    const int last_slot = SlotsOf(Partition(end - 1), table.partition_count()).end - 1;
    size.size_bytes += NumberBytes(2 + nodes_listed) + NumberBytes(first_slot) +
                       NumberBytes(last_slot) + nodes_listed * NodeEntryBytes();
    ++size.runs;
    p = end;
  }
  size.size_bytes += NumberBytes(size.runs);
  return size;
}

}  // namespace torc
