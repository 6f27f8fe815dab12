#include "cluster/placement_cells.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <tuple>

namespace torc {
namespace {

class CellFormer {
 public:
  CellFormer(std::span<const ShareNode> nodes, int copies, std::vector<Cell> cells)
      : nodes_(nodes), copies_(static_cast<size_t>(copies)), cells_(std::move(cells)) {}

  std::vector<Cell> Form() {
    std::erase_if(cells_, [](const Cell& cell) { return cell.empty(); });
    if (cells_.empty()) return Begin();
    std::vector<bool> placed(nodes_.size(), false);
    for (const Cell& cell : cells_) {
      for (const int node : cell) placed[static_cast<size_t>(node)] = true;
    }
    for (size_t node = 0; node < nodes_.size(); ++node) {
      if (!placed[node]) Add(static_cast<int>(node));
    }
    while (cells_.size() > 1 && RepairOne()) {
    }
    for (size_t i = 0; i < cells_.size(); ++i) SplitIfFull(i);
    for (size_t tries = 0; tries < nodes_.size() && SwapForZones(); ++tries) {
    }
    return Sorted();
  }

 private:
  size_t ZoneCount(const Cell& cell, int zone) const {
    return static_cast<size_t>(std::count_if(cell.begin(), cell.end(), [&](int node) {
      return nodes_[static_cast<size_t>(node)].zone == zone;
    }));
  }

  std::vector<Cell> Begin() {
    Cell all;
    for (size_t node = 0; node < nodes_.size(); ++node) all.push_back(static_cast<int>(node));
    cells_ = Deal(all, std::max<size_t>(1, nodes_.size() / copies_));
    return Sorted();
  }

  // Fills one cell after the other, heavy nodes first: a node of each zone in turn, of the zone
  // with most nodes left. So every zone is spread as evenly as can be, and nodes of like weight
  // meet: a cell carries no more than its lightest nodes can.
  std::vector<Cell> Deal(const Cell& members, size_t cell_count) const {
    std::map<int, std::deque<int>> left;  // by zone, heavy ones first
    for (const int node : members) left[nodes_[static_cast<size_t>(node)].zone].push_back(node);
    for (auto& [zone, in_zone] : left) {
      std::stable_sort(in_zone.begin(), in_zone.end(), [&](int a, int b) {
        return nodes_[static_cast<size_t>(a)].weight > nodes_[static_cast<size_t>(b)].weight;
      });
    }
    std::vector<Cell> cells(cell_count);
    for (size_t i = 0; i < cell_count; ++i) {
      const size_t size = members.size() / cell_count + (i < members.size() % cell_count ? 1 : 0);
      while (cells[i].size() < size) cells[i].push_back(TakeFor(cells[i], &left));
    }
    return cells;
  }

  int TakeFor(const Cell& cell, std::map<int, std::deque<int>>* left) const {
    std::deque<int>* best = nullptr;
    std::tuple<size_t, size_t, int64_t> best_rank;
    for (auto& [zone, in_zone] : *left) {
      if (in_zone.empty()) continue;
      const int64_t weight = nodes_[static_cast<size_t>(in_zone.front())].weight;
      const std::tuple rank(ZoneCount(cell, zone), nodes_.size() - in_zone.size(), -weight);
      if (best != nullptr && rank >= best_rank) continue;
      best = &in_zone;
      best_rank = rank;
    }
    const int node = best->front();
    best->pop_front();
    return node;
  }

  // How unlike the cell's nodes a node of this weight would be.
  int64_t WeightGap(const Cell& cell, int64_t weight) const {
    int64_t lightest = INT64_MAX;
    for (const int node : cell) {
      lightest = std::min<int64_t>(lightest, nodes_[static_cast<size_t>(node)].weight);
    }
    return std::abs(weight - lightest);
  }

  void Add(int node) {
    const int zone = nodes_[static_cast<size_t>(node)].zone;
    const auto better = [&](size_t a, size_t b) {
      const bool a_small = cells_[a].size() < copies_;
      const bool b_small = cells_[b].size() < copies_;
      if (a_small != b_small) return a_small;
      const size_t a_same = ZoneCount(cells_[a], zone);
      const size_t b_same = ZoneCount(cells_[b], zone);
      // With one zone for all, only size counts.
      if (zones_matter() && a_same != b_same) return a_same < b_same;
      const int64_t weight = nodes_[static_cast<size_t>(node)].weight;
      const int64_t a_gap = WeightGap(cells_[a], weight);
      const int64_t b_gap = WeightGap(cells_[b], weight);
      if (a_gap != b_gap) return a_gap < b_gap;
      return cells_[a].size() > cells_[b].size();
    };
    size_t best = 0;
    for (size_t i = 1; i < cells_.size(); ++i) {
      if (better(i, best)) best = i;
    }
    cells_[best].push_back(node);
    SplitIfFull(best);
  }

  bool zones_matter() const {
    return std::any_of(nodes_.begin(), nodes_.end(),
                       [&](const ShareNode& node) { return node.zone != nodes_[0].zone; });
  }

  void SplitIfFull(size_t index) {
    if (cells_[index].size() < 2 * copies_) return;
    const size_t parts = cells_[index].size() / copies_;
    std::vector<Cell> split = Deal(cells_[index], parts);
    cells_[index] = std::move(split[0]);
    for (size_t i = 1; i < split.size(); ++i) cells_.push_back(std::move(split[i]));
  }

  // Mends the first cell that is too small; false when there is none.
  bool RepairOne() {
    const auto small = std::find_if(cells_.begin(), cells_.end(),
                                    [&](const Cell& cell) { return cell.size() < copies_; });
    if (small == cells_.end()) return false;
    if (Borrow(&*small)) return true;
    Cell orphan = std::move(*small);
    cells_.erase(small);
    const auto host =
        std::min_element(cells_.begin(), cells_.end(),
                         [](const Cell& a, const Cell& b) { return a.size() < b.size(); });
    host->insert(host->end(), orphan.begin(), orphan.end());
    SplitIfFull(static_cast<size_t>(host - cells_.begin()));
    return true;
  }

  // Takes a node from the largest cell that can spare one, of the zone most needed.
  bool Borrow(Cell* needy) {
    Cell* lender = nullptr;
    for (Cell& cell : cells_) {
      if (cell.size() > copies_ && (lender == nullptr || cell.size() > lender->size())) {
        lender = &cell;
      }
    }
    if (lender == nullptr) return false;
    const auto rank = [&](int node) {
      const int zone = nodes_[static_cast<size_t>(node)].zone;
      return std::pair(ZoneCount(*needy, zone), lender->size() - ZoneCount(*lender, zone));
    };
    const auto chosen = std::min_element(lender->begin(), lender->end(),
                                         [&](int a, int b) { return rank(a) < rank(b); });
    needy->push_back(*chosen);
    lender->erase(chosen);
    return true;
  }

  // Copies of one partition that some zone of the cell must hold.
  int Crowding(const Cell& cell) const {
    std::vector<ShareNode> members;
    for (const int node : cell) members.push_back(nodes_[static_cast<size_t>(node)]);
    return ZoneCopiesMax(members, static_cast<int>(std::min(copies_, cell.size())));
  }

  // Exchanges two nodes so that a cell with too few zones gets better and the other one stays good.
  bool SwapForZones() {
    const int wanted = ZoneCopiesMax(nodes_, static_cast<int>(copies_));
    for (Cell& cell : cells_) {
      const int crowding = Crowding(cell);
      if (crowding <= wanted) continue;
      for (int& mine : cell) {
        for (Cell& other : cells_) {
          if (&other == &cell) continue;
          const int other_crowding = std::max(wanted, Crowding(other));
          for (int& theirs : other) {
            std::swap(mine, theirs);
            if (Crowding(cell) < crowding && Crowding(other) <= other_crowding) return true;
            std::swap(mine, theirs);
          }
        }
      }
    }
    return false;
  }

  std::vector<Cell> Sorted() {
    for (Cell& cell : cells_) std::sort(cell.begin(), cell.end());
    std::sort(cells_.begin(), cells_.end());
    return std::move(cells_);
  }

  std::span<const ShareNode> nodes_;
  size_t copies_;
  std::vector<Cell> cells_;
};

}  // namespace

std::vector<Cell> FormCells(std::span<const ShareNode> nodes, int copies,
                            std::vector<Cell> previous) {
  return CellFormer(nodes, copies, std::move(previous)).Form();
}

double CellWeight(std::span<const ShareNode> nodes, const Cell& cell, int copies) {
  std::vector<ShareNode> members;
  for (const int node : cell) members.push_back(nodes[static_cast<size_t>(node)]);
  // What each node holds of a great many partitions dealt fairly within the cell.
  constexpr int kMany = 1 << 20;
  const std::vector<double> shares =
      FairShares(members, copies, ZoneCopiesMax(members, copies), kMany);
  double weight = std::numeric_limits<double>::max();
  for (size_t i = 0; i < members.size(); ++i) {
    if (shares[i] > 0) weight = std::min(weight, members[i].weight * kMany / shares[i]);
  }
  return weight;
}

}  // namespace torc
