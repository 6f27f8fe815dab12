#include "sim/check_list_append.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

namespace torc::sim {
namespace {

enum class Edge : uint8_t { kWw, kWr, kRw, kRt };

struct Arc {
  uint32_t to;
  Edge edge;
};

// Where an element was appended.
struct Origin {
  uint32_t op = 0;  // index in the history
  uint32_t key = 0;
  bool is_last = false;  // the last append of its operation to that key
};

std::string Name(const Operation& operation) {
  return "operation " + std::to_string(operation.id);
}

class Dependencies {
 public:
  explicit Dependencies(const History& history)
      : history_(history), arcs_(history.size() * 2), op_count_(history.size()) {}

  Verdict Check() {
    if (Verdict v = IndexAppends(); !v.ok()) return v;
    if (Verdict v = FindOrders(); !v.ok()) return v;
    if (Verdict v = FindLost(); !v.ok()) return v;
    AddOrderArcs();
    AddReadArcs();
    AddTimeArcs();
    return FindCycle();
  }

 private:
  Verdict IndexAppends() {
    for (uint32_t i = 0; i < op_count_; ++i) {
      std::map<uint32_t, uint32_t> last_of_key;
      for (const Access& access : history_[i].accesses) {
        if (access.kind != Access::Kind::kAppend) continue;
        if (!origins_.emplace(access.value, Origin{i, access.key, false}).second) {
          return {"the history appends element " + std::to_string(access.value) + " twice"};
        }
        last_of_key[access.key] = access.value;
      }
      for (const auto& [key, value] : last_of_key) origins_[value].is_last = true;
    }
    return {};
  }

  // The longest list read of a key is its order; every other must be a prefix of it.
  Verdict FindOrders() {
    for (const Operation& operation : history_) {
      if (operation.ending != Ending::kOk) continue;
      for (const Access& access : operation.accesses) {
        if (access.kind != Access::Kind::kReadList) continue;
        if (Verdict v = CheckElements(operation, access); !v.ok()) return v;
        std::vector<uint32_t>& order = orders_[access.key];
        const size_t common = std::min(order.size(), access.list.size());
        if (!std::equal(order.begin(), order.begin() + static_cast<ptrdiff_t>(common),
                        access.list.begin())) {
          return {"incompatible orders of key " + std::to_string(access.key) + " seen by " +
                  Name(operation)};
        }
        if (access.list.size() > order.size()) order = access.list;
      }
    }
    return {};
  }

  Verdict CheckElements(const Operation& operation, const Access& access) {
    std::set<uint32_t> seen;
    for (const uint32_t value : access.list) {
      const auto found = origins_.find(value);
      const std::string text = "element " + std::to_string(value) + " read by " + Name(operation);
      if (found == origins_.end() || found->second.key != access.key) {
        return {"nobody appended " + text};
      }
      if (!seen.insert(value).second) return {"duplicate " + text};
      if (history_[found->second.op].ending == Ending::kNoEffect) return {"G1a: aborted " + text};
    }
    if (access.list.empty()) return {};
    const Origin& last = origins_[access.list.back()];
    if (!last.is_last && &history_[last.op] != &operation) {
      return {"G1b: intermediate state read by " + Name(operation)};
    }
    return {};
  }

  // An acknowledged append that a read called after its end does not see.
  Verdict FindLost() {
    std::unordered_map<uint32_t, SimTime> last_read_called;
    for (const Operation& operation : history_) {
      if (operation.ending != Ending::kOk) continue;
      for (const Access& access : operation.accesses) {
        if (access.kind != Access::Kind::kReadList) continue;
        SimTime& last = last_read_called[access.key];
        last = std::max(last, operation.called);
      }
    }
    for (auto& [key, order] : orders_) in_order_.insert(order.begin(), order.end());
    for (const Operation& operation : history_) {
      if (operation.ending != Ending::kOk) continue;
      for (const Access& access : operation.accesses) {
        if (access.kind != Access::Kind::kAppend || in_order_.contains(access.value)) continue;
        const auto read = last_read_called.find(access.key);
        if (read != last_read_called.end() && read->second > operation.ended) {
          return {"lost acknowledged append " + std::to_string(access.value) + " of " +
                  Name(operation)};
        }
      }
    }
    return {};
  }

  void Add(uint32_t from, uint32_t to, Edge edge) {
    if (from != to) arcs_[from].push_back({to, edge});
  }

  void AddOrderArcs() {
    for (const auto& [key, order] : orders_) {
      for (size_t i = 1; i < order.size(); ++i) {
        Add(origins_[order[i - 1]].op, origins_[order[i]].op, Edge::kWw);
      }
    }
  }

  void AddReadArcs() {
    for (uint32_t i = 0; i < op_count_; ++i) {
      if (history_[i].ending != Ending::kOk) continue;
      std::set<uint32_t> own_appended;
      for (const Access& access : history_[i].accesses) {
        if (access.kind == Access::Kind::kAppend) own_appended.insert(access.key);
        // After an own append the read says nothing more about others than the first one did.
        if (access.kind != Access::Kind::kReadList || own_appended.contains(access.key)) continue;
        const std::vector<uint32_t>& order = orders_[access.key];
        const size_t seen = access.list.size();
        if (seen > 0) Add(origins_[order[seen - 1]].op, i, Edge::kWr);
        if (seen < order.size()) Add(i, origins_[order[seen]].op, Edge::kRw);
      }
    }
  }

  // Node op_count_ + i stands for the instant of the i-th ending: real time costs two arcs per
  // operation.
  void AddTimeArcs() {
    std::vector<uint32_t> ended;
    for (uint32_t i = 0; i < op_count_; ++i) {
      if (history_[i].ending == Ending::kOk) ended.push_back(i);
    }
    std::sort(ended.begin(), ended.end(),
              [&](uint32_t a, uint32_t b) { return history_[a].ended < history_[b].ended; });
    for (uint32_t i = 0; i < ended.size(); ++i) {
      Add(ended[i], static_cast<uint32_t>(op_count_) + i, Edge::kRt);
      if (i > 0) {
        Add(static_cast<uint32_t>(op_count_) + i - 1, static_cast<uint32_t>(op_count_) + i,
            Edge::kRt);
      }
    }
    for (uint32_t i = 0; i < op_count_; ++i) {
      const auto after = std::partition_point(ended.begin(), ended.end(), [&](uint32_t e) {
        return history_[e].ended < history_[i].called;
      });
      if (after == ended.begin()) continue;
      Add(static_cast<uint32_t>(op_count_) + static_cast<uint32_t>(after - ended.begin()) - 1, i,
          Edge::kRt);
    }
  }

  // Tarjan's components without recursion; a component of two or more holds a cycle.
  Verdict FindCycle() {
    const size_t n = arcs_.size();
    std::vector<uint32_t> number(n, 0);
    std::vector<uint32_t> low(n, 0);
    component_.assign(n, 0);
    std::vector<uint32_t> open;
    uint32_t next_number = 1;
    struct Frame {
      uint32_t node;
      size_t arc;
    };
    for (uint32_t root = 0; root < n; ++root) {
      if (number[root] != 0) continue;
      std::vector<Frame> path{{root, 0}};
      number[root] = low[root] = next_number++;
      open.push_back(root);
      while (!path.empty()) {
        Frame& frame = path.back();
        const uint32_t node = frame.node;
        if (frame.arc < arcs_[node].size()) {
          const uint32_t to = arcs_[node][frame.arc++].to;
          if (number[to] == 0) {
            number[to] = low[to] = next_number++;
            open.push_back(to);
            path.push_back({to, 0});
          } else if (component_[to] == 0) {
            low[node] = std::min(low[node], number[to]);
          }
          continue;
        }
        path.pop_back();
        if (!path.empty()) low[path.back().node] = std::min(low[path.back().node], low[node]);
        if (low[node] == number[node]) {
          if (Verdict v = CloseComponent(node, &open); !v.ok()) return v;
        }
      }
    }
    return {};
  }

  Verdict CloseComponent(uint32_t root, std::vector<uint32_t>* open) {
    const uint32_t id = ++component_count_;
    std::vector<uint32_t> members;
    while (true) {
      const uint32_t node = open->back();
      open->pop_back();
      component_[node] = id;
      members.push_back(node);
      if (node == root) break;
    }
    return members.size() > 1 ? Describe(members, id) : Verdict{};
  }

  Verdict Describe(const std::vector<uint32_t>& members, uint32_t id) const {
    int count[4] = {};
    std::string text;
    for (const uint32_t node : members) {
      if (node < op_count_ && text.size() < 200) text += ", " + Name(history_[node]);
      for (const Arc& arc : arcs_[node]) {
        if (component_[arc.to] == id) ++count[static_cast<int>(arc.edge)];
      }
    }
    const int rw = count[static_cast<int>(Edge::kRw)];
    std::string name = rw > 1 ? "G2" : rw == 1 ? "G-single" : "G1c";
    if (rw == 0 && count[static_cast<int>(Edge::kWr)] == 0) name = "G0";
    if (count[static_cast<int>(Edge::kRt)] > 0) name += " with real time";
    return {name + ": cycle among " + text.substr(std::min<size_t>(2, text.size()))};
  }

  const History& history_;
  std::vector<std::vector<Arc>> arcs_;
  size_t op_count_;
  std::unordered_map<uint32_t, Origin> origins_;
  std::map<uint32_t, std::vector<uint32_t>> orders_;
  std::set<uint32_t> in_order_;
  std::vector<uint32_t> component_;
  uint32_t component_count_ = 0;
};

}  // namespace

Verdict CheckListAppend(const History& history) {
  return Dependencies(history).Check();
}

}  // namespace torc::sim
