// Prints what placement is judged by, as lines of "<plot> <series> <x> <y>" for draw.py. Everything
// is computed from fixed seeds: the same program prints the same numbers.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/check.h"
#include "base/rng.h"
#include "cluster/placement_measure.h"
#include "cluster/placement_shares.h"
#include "cluster/ring.h"

namespace torc {
namespace {

using Nodes = std::vector<PlacementNode>;

constexpr int kSizes[] = {3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 75, 100, 150, 200};

Nodes MakeNodes(int count, int zones, int weight_max, uint64_t seed) {
  Rng rng(seed);
  Nodes nodes;
  for (int i = 0; i < count; ++i) {
    nodes.push_back({NodeId(rng.Next()), ZoneId(static_cast<uint32_t>(i % zones)),
                     static_cast<uint32_t>(rng.Between(1, weight_max))});
  }
  return nodes;
}

PlacementTable Plan(const PlacementPolicy& policy, const Nodes& nodes,
                    const PlacementTable* previous = nullptr) {
  auto table = PlanPlacement(policy, nodes, previous);
  TORC_CHECK(table.ok(), "a plan for valid inputs");
  return std::move(*table);
}

void Print(const char* plot, const char* series, double x, double y) {
  std::printf("%s\t%s\t%g\t%.4f\n", plot, series, x, y);
}

// The fullest node against the share it should have.
double Fullest(const PlacementPolicy& policy, const Nodes& nodes, const PlacementTable& table,
               bool primaries) {
  double worst = 0;
  for (const NodeLoad& load : MeasureLoads(policy, nodes, table)) {
    worst = std::max(
        worst, primaries ? load.primaries / load.primaries_share : load.copies / load.copies_share);
  }
  return worst;
}

// The first owner of each partition on a ring without caps, with 64 tokens a node.
double RingAlone(const PlacementPolicy& policy, const Nodes& nodes) {
  std::vector<RingMember> members;
  for (const PlacementNode& node : nodes) members.push_back({node.id, node.weight});
  const Ring ring(members, 64 * static_cast<int>(nodes.size()), 1);
  std::vector<int> load(nodes.size(), 0);
  for (int p = 0; p < policy.partition_count; ++p) {
    ++load[static_cast<size_t>(ring.Preference(Ring::PositionOf(p, policy.partition_count), 1)[0])];
  }
  const double mean =
      static_cast<double>(policy.partition_count) / static_cast<double>(nodes.size());
  return *std::max_element(load.begin(), load.end()) / mean;
}

void LoadSpread() {
  const PlacementPolicy policy{.partition_count = 16384};
  for (const int count : kSizes) {
    const Nodes even = MakeNodes(count, 1, 1, 1);
    const Nodes mixed = MakeNodes(count, 3, 4, 2);
    const PlacementTable even_table = Plan(policy, even);
    Print("load", "ring alone, 64 tokens a node: primaries", count, RingAlone(policy, even));
    Print("load", "copies", count, Fullest(policy, even, even_table, false));
    Print("load", "primaries", count, Fullest(policy, even, even_table, true));
    Print("load", "copies, 3 zones, weights 1 to 4", count,
          Fullest(policy, mixed, Plan(policy, mixed), false));
  }
}

void Movement() {
  for (const int partitions : {1024, 16384}) {
    const PlacementPolicy policy{.partition_count = partitions};
    const char* join_series = partitions == 1024 ? "join, 1024" : "join, 16384";
    const char* leave_series = partitions == 1024 ? "leave, 1024" : "leave, 16384";
    const char* weight_series = partitions == 1024 ? "weight, 1024" : "weight, 16384";
    for (const int count : kSizes) {
      if (count < 4) continue;
      const Nodes nodes = MakeNodes(count, 3, 1, 3);
      const PlacementTable table = Plan(policy, nodes);
      const auto ratio = [&](const Nodes& after) {
        return CopiesMoved(table, Plan(policy, after, &table)) /
               CopiesMovedMin(policy, nodes, after);
      };
      Nodes joined = nodes;
      joined.push_back({NodeId(5), ZoneId(static_cast<uint32_t>(count % 3)), 1});
      Print("movement", join_series, count, ratio(joined));
      Nodes left = nodes;
      left.pop_back();
      Print("movement", leave_series, count, ratio(left));
      Nodes heavier = nodes;
      heavier.back().weight = 2;
      if (CopiesMovedMin(policy, nodes, heavier) >= 1) {
        Print("movement", weight_series, count, ratio(heavier));
      }
    }
  }
}

// Sizes for fresh tables, and for tables with a history: grown node by node from 3.
void SlotsSizes() {
  for (const int partitions : {1024, 16384}) {
    const PlacementPolicy policy{.partition_count = partitions};
    const char* fresh_series = partitions == 1024 ? "fresh, 1024" : "fresh, 16384";
    const char* grown_series = partitions == 1024 ? "grown, 1024" : "grown, 16384";
    const Nodes all = MakeNodes(200, 3, 1, 4);
    Nodes nodes(all.begin(), all.begin() + 3);
    PlacementTable grown = Plan(policy, nodes);
    const char* listed_series =
        partitions == 1024 ? "grown, 1024, replicas listed" : "grown, 16384, replicas listed";
    const auto kilobytes = [](const PlacementTable& table, SlotsReplicas replicas) {
      return MeasureClusterSlots(table, replicas).size_bytes / 1024.0;
    };
    for (const int count : kSizes) {
      while (static_cast<int>(nodes.size()) < count) {
        nodes.push_back(all[nodes.size()]);
        grown = Plan(policy, nodes, &grown);
      }
      Print("slots", fresh_series, count, kilobytes(Plan(policy, nodes), SlotsReplicas::kOmit));
      Print("slots", grown_series, count, kilobytes(grown, SlotsReplicas::kOmit));
      Print("slots", listed_series, count, kilobytes(grown, SlotsReplicas::kList));
    }
  }
}

void Pairs() {
  for (const int count : kSizes) {
    for (const int partitions : {1024, 16384}) {
      PlacementPolicy policy{.partition_count = partitions};
      const Nodes nodes = MakeNodes(count, 1, 1, 5);
      Print("pairs", partitions == 1024 ? "ring, 1024" : "ring, 16384", count,
            100 * QuorumLosingPairs(nodes, Plan(policy, nodes)));
      policy.mode = PlacementMode::kCells;
      if (partitions == 1024) {
        Print("pairs", "cells, 1024", count, 100 * QuorumLosingPairs(nodes, Plan(policy, nodes)));
      }
    }
  }
}

}  // namespace
}  // namespace torc

int main() {
  torc::LoadSpread();
  torc::Movement();
  torc::SlotsSizes();
  torc::Pairs();
  return 0;
}
