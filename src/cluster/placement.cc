#include "cluster/placement.h"

#include <algorithm>
#include <string>

#include "base/check.h"
#include "base/key_slot.h"
#include "base/text.h"
#include "cluster/placement_cells.h"
#include "cluster/placement_copies.h"
#include "cluster/placement_draft.h"
#include "cluster/placement_primaries.h"
#include "cluster/placement_shares.h"
#include "cluster/ring.h"

namespace torc {
namespace {

// Few tokens mean few runs of slots; three a node are enough for the caps to do the rest.
constexpr int kTokensMin = 96;
constexpr int kTokensPerNode = 3;
// Runs of slots are cut at one of about this many aligned places unless balance needs a finer cut …
constexpr int kAlignedCuts = 512;
// … but up to this many partitions, tables are short however they are cut.
constexpr int kFewPartitions = 4096;

int Quantum(int partition_count) {
  return partition_count <= kFewPartitions ? 1 : partition_count / kAlignedCuts;
}

int TokenBudget(size_t node_count) {
  return std::max(kTokensMin, kTokensPerNode * static_cast<int>(node_count));
}

// Above this, runs of slots are merged: CLUSTER SLOTS has about 100 bytes for each.
int RunsWanted(size_t node_count) {
  return std::min(1800, 60 + 30 * static_cast<int>(node_count));
}

// The nodes that take part, in order of id, with zones numbered from 0.
class Membership {
 public:
  explicit Membership(std::span<const PlacementNode> nodes) {
    for (const PlacementNode& node : nodes) {
      if (node.weight > 0) ids_.push_back(node.id);
    }
    std::sort(ids_.begin(), ids_.end());
    std::vector<ZoneId> zones;
    for (const PlacementNode& node : nodes) {
      if (node.weight > 0) zones.push_back(node.zone);
    }
    std::sort(zones.begin(), zones.end());
    zones.erase(std::unique(zones.begin(), zones.end()), zones.end());
    members_.resize(ids_.size());
    for (const PlacementNode& node : nodes) {
      if (node.weight == 0) continue;
      const auto zone = std::lower_bound(zones.begin(), zones.end(), node.zone) - zones.begin();
      members_[static_cast<size_t>(IndexOf(node.id))] = {node.weight, static_cast<int>(zone)};
    }
  }

  int count() const { return static_cast<int>(ids_.size()); }
  NodeId id(int index) const { return ids_[static_cast<size_t>(index)]; }
  const std::vector<ShareNode>& members() const { return members_; }
  const ShareNode& member(int index) const { return members_[static_cast<size_t>(index)]; }
  // kVacant when the node is not (or no longer) a member.
  int IndexOf(NodeId id) const {
    const auto at = std::lower_bound(ids_.begin(), ids_.end(), id);
    return at != ids_.end() && *at == id ? static_cast<int>(at - ids_.begin()) : kVacant;
  }

 private:
  std::vector<NodeId> ids_;
  std::vector<ShareNode> members_;
};

Status CheckInputs(const PlacementPolicy& policy, std::span<const PlacementNode> nodes,
                   const PlacementTable* previous) {
  if (!ValidPartitionCount(policy.partition_count)) {
    return Status::InvalidArgument("partition count must be 1 to 16384");
  }
  if (policy.copies < 1 || policy.copies > kCopiesMax) {
    return Status::InvalidArgument(Format("copies must be 1 to %d", kCopiesMax));
  }
  if (nodes.size() > static_cast<size_t>(kPlacementNodesMax)) {
    return Status::ResourceExhausted(Format("more than %d nodes", kPlacementNodesMax));
  }
  std::vector<NodeId> ids;
  bool any_weight = false;
  for (const PlacementNode& node : nodes) {
    ids.push_back(node.id);
    any_weight = any_weight || node.weight > 0;
  }
  std::sort(ids.begin(), ids.end());
  if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) {
    return Status::InvalidArgument("a node is listed twice");
  }
  if (!any_weight) return Status::InvalidArgument("no node has a weight above 0");
  if (previous != nullptr && previous->partition_count() != policy.partition_count) {
    return Status::InvalidArgument("the number of partitions is fixed when a data set is created");
  }
  return Status::Ok();
}

class Planner {
 public:
  Planner(const PlacementPolicy& policy, std::span<const PlacementNode> nodes,
          const PlacementTable* previous)
      : policy_(policy),
        membership_(nodes),
        previous_(previous),
        copies_(std::min(policy.copies, membership_.count())),
        quantum_(Quantum(policy.partition_count)),
        owners_(static_cast<size_t>(policy.partition_count) * static_cast<size_t>(copies_)) {}

  PlacementTable Plan() {
    std::vector<std::vector<NodeId>> named_cells;
    if (policy_.mode == PlacementMode::kCells) {
      const std::vector<Cell> cells = FormCells(membership_.members(), copies_, PreviousCells());
      const std::vector<std::vector<int>> partitions = DealToCells(cells);
      for (size_t i = 0; i < cells.size(); ++i) PlaceGroup(cells[i], partitions[i]);
      named_cells = Named(cells);
    } else {
      Cell everyone;
      for (int node = 0; node < membership_.count(); ++node) everyone.push_back(node);
      std::vector<int> all;
      for (int p = 0; p < policy_.partition_count; ++p) all.push_back(p);
      PlaceGroup(everyone, all);
    }
    PlacementTable table(policy_.partition_count, copies_, std::move(owners_));
    table.set_cells(std::move(named_cells));
    return table;
  }

 private:
  Ring::Position PlaceOf(int partition) const {
    return Ring::PositionOf(partition, policy_.partition_count);
  }

  std::vector<Cell> PreviousCells() const {
    std::vector<Cell> cells;
    if (previous_ == nullptr) return cells;
    for (const std::vector<NodeId>& named : previous_->cells()) {
      Cell cell;
      for (const NodeId id : named) {
        if (const int node = membership_.IndexOf(id); node != kVacant) cell.push_back(node);
      }
      cells.push_back(std::move(cell));
    }
    return cells;
  }

  std::vector<std::vector<NodeId>> Named(const std::vector<Cell>& cells) const {
    std::vector<std::vector<NodeId>> named;
    for (const Cell& cell : cells) {
      std::vector<NodeId>& ids = named.emplace_back();
      for (const int node : cell) ids.push_back(membership_.id(node));
    }
    return named;
  }

  // Which partitions each cell carries: the same problem with one copy, the cells being its nodes.
  std::vector<std::vector<int>> DealToCells(const std::vector<Cell>& cells) const {
    std::vector<double> weights;
    double weight_sum = 0;
    std::vector<RingMember> ring_members;
    std::vector<int> cell_of(static_cast<size_t>(membership_.count()), 0);
    for (size_t i = 0; i < cells.size(); ++i) {
      weights.push_back(CellWeight(membership_.members(), cells[i], copies_));
      weight_sum += weights.back();
      ring_members.push_back({membership_.id(cells[i][0]), 1});
      for (const int node : cells[i]) cell_of[static_cast<size_t>(node)] = static_cast<int>(i);
    }
    std::vector<DraftNode> draft_nodes;
    for (size_t i = 0; i < cells.size(); ++i) {
      const double share = policy_.partition_count * weights[i] / weight_sum;
      draft_nodes.push_back({static_cast<int>(i), share});
    }
    PlacementDraft draft(std::move(draft_nodes), policy_.partition_count, 1, 1);
    std::vector<Ring::Position> places;
    for (int p = 0; p < policy_.partition_count; ++p) places.push_back(PlaceOf(p));
    if (previous_ != nullptr) {
      for (int p = 0; p < policy_.partition_count; ++p) {
        const int cell = MostCommonCell(p, cell_of);
        if (cell != kVacant) draft.Replace(p, kVacant, cell);
      }
    }
    draft.MarkHeld();
    const Ring ring(ring_members, TokenBudget(cells.size()), policy_.salt);
    CopyBalancer balancer(ring, places, quantum_, &draft);
    balancer.Fill();
    balancer.Rebalance();
    std::vector<std::vector<int>> partitions(cells.size());
    for (int p = 0; p < policy_.partition_count; ++p) {
      partitions[static_cast<size_t>(draft.owners(p)[0])].push_back(p);
    }
    return partitions;
  }

  // The cell in which most of a partition's previous owners are now; the first such, or kVacant.
  int MostCommonCell(int partition, const std::vector<int>& cell_of) const {
    std::vector<int> cells;
    for (const NodeId id : previous_->owners(PartitionId(static_cast<uint16_t>(partition)))) {
      const int node = membership_.IndexOf(id);
      if (node != kVacant) cells.push_back(cell_of[static_cast<size_t>(node)]);
    }
    int best = kVacant;
    std::ptrdiff_t best_count = 0;
    for (const int cell : cells) {
      const auto count = std::count(cells.begin(), cells.end(), cell);
      if (count > best_count) {
        best = cell;
        best_count = count;
      }
    }
    return best;
  }

  // Places `partitions` on `group` and writes their owners.
  void PlaceGroup(const Cell& group, const std::vector<int>& partitions) {
    std::vector<ShareNode> members;
    std::vector<RingMember> ring_members;
    for (const int node : group) {
      members.push_back(membership_.member(node));
      ring_members.push_back({membership_.id(node), membership_.member(node).weight});
    }
    const auto size = static_cast<int>(partitions.size());
    const int zone_copies_max = ZoneCopiesMax(members, copies_);
    const std::vector<double> shares = FairShares(members, copies_, zone_copies_max, size);
    std::vector<DraftNode> nodes;
    for (size_t i = 0; i < members.size(); ++i) nodes.push_back({members[i].zone, shares[i]});
    PlacementDraft draft(std::move(nodes), size, copies_, zone_copies_max);
    std::vector<Ring::Position> places;
    for (const int p : partitions) places.push_back(PlaceOf(p));
    std::vector<int> primary(partitions.size(), kVacant);
    if (previous_ != nullptr) Keep(group, partitions, &draft, &primary);
    draft.MarkHeld();

    const Ring ring(ring_members, TokenBudget(group.size()), policy_.salt);
    CopyBalancer copies(ring, places, quantum_, &draft);
    copies.Fill();
    copies.Rebalance();
    PrimaryBalancer(ring, places, quantum_, draft, &primary).Run(RunsWanted(group.size()));
    for (int i = 0; i < size; ++i) {
      Write(ring, places[static_cast<size_t>(i)], draft.owners(i), primary[static_cast<size_t>(i)],
            group, partitions[static_cast<size_t>(i)]);
    }
  }

  // Copies what may stay of the previous table into the draft.
  void Keep(const Cell& group, const std::vector<int>& partitions, PlacementDraft* draft,
            std::vector<int>* primary) const {
    std::vector<int> local(static_cast<size_t>(membership_.count()), kVacant);
    for (size_t i = 0; i < group.size(); ++i) {
      local[static_cast<size_t>(group[i])] = static_cast<int>(i);
    }
    for (size_t i = 0; i < partitions.size(); ++i) {
      const auto position = static_cast<int>(i);
      bool first = true;
      for (const NodeId id : previous_->owners(PartitionId(static_cast<uint16_t>(partitions[i])))) {
        const int member = membership_.IndexOf(id);
        const int node = member == kVacant ? kVacant : local[static_cast<size_t>(member)];
        const bool leads = std::exchange(first, false);
        if (node == kVacant || draft->owners(position)[0] != kVacant) continue;
        if (!draft->Fits(position, node, kVacant)) continue;
        draft->Replace(position, kVacant, node);
        if (leads) (*primary)[i] = node;
      }
    }
  }

  // The primary, then the other owners in the ring's order.
  void Write(const Ring& ring, Ring::Position place, std::span<const int> owners, int primary,
             const Cell& group, int partition) {
    std::vector<int> order = {primary};
    ring.Clockwise(place, [&](int node) {
      const bool owns = std::find(owners.begin(), owners.end(), node) != owners.end();
      if (owns && std::find(order.begin(), order.end(), node) == order.end()) {
        order.push_back(node);
      }
      return order.size() < owners.size();
    });
    TORC_CHECK(order.size() == owners.size(), "every owner has a token");
    for (size_t k = 0; k < order.size(); ++k) {
      owners_[static_cast<size_t>(partition) * static_cast<size_t>(copies_) + k] =
          membership_.id(group[static_cast<size_t>(order[k])]);
    }
  }

  const PlacementPolicy& policy_;
  Membership membership_;
  const PlacementTable* previous_;
  int copies_;
  int quantum_;
  std::vector<NodeId> owners_;
};

}  // namespace

PlacementTable::PlacementTable(int partition_count, int copies, std::vector<NodeId> owners)
    : partition_count_(partition_count), copies_(copies), owners_(std::move(owners)) {
  TORC_CHECK(owners_.size() == static_cast<size_t>(partition_count) * static_cast<size_t>(copies),
             "every place of the table is given");
}

StatusOr<PlacementTable> PlanPlacement(const PlacementPolicy& policy,
                                       std::span<const PlacementNode> nodes,
                                       const PlacementTable* previous) {
  TORC_RETURN_IF_ERROR(CheckInputs(policy, nodes, previous));
  return Planner(policy, nodes, previous).Plan();
}

std::vector<NodeId> ExtendedPreference(const PlacementPolicy& policy,
                                       std::span<const PlacementNode> nodes,
                                       const PlacementTable& table, PartitionId partition,
                                       int limit) {
  const Membership membership(nodes);
  std::vector<RingMember> members;
  for (int i = 0; i < membership.count(); ++i) {
    members.push_back({membership.id(i), membership.member(i).weight});
  }
  const auto owners = table.owners(partition);
  std::vector<NodeId> order(owners.begin(), owners.end());
  const Ring ring(members, TokenBudget(members.size()), policy.salt);
  ring.Clockwise(Ring::PositionOf(partition.value(), policy.partition_count), [&](int node) {
    const NodeId id = membership.id(node);
    if (std::find(order.begin(), order.end(), id) == order.end()) order.push_back(id);
    return static_cast<int>(order.size()) < limit;
  });
  if (static_cast<int>(order.size()) > limit) order.resize(static_cast<size_t>(limit));
  return order;
}

}  // namespace torc
