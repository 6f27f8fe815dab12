#pragma once

// A few nodes that share a clock, with disks and a network that do at once what is asked, except
// where a test says otherwise. For tests of one situation; random ones are test/sim's.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cluster/group_table.h"

namespace torc {

class TinyCluster {
 public:
  static constexpr GroupId kGroup{1};

  // `voters` founding voters on nodes 1..voters, and spare nodes after them.
  explicit TinyCluster(uint64_t voters, uint64_t spares = 0, ReplicaOptions options = {})
      : options_(options) {
    for (uint64_t n = 1; n <= voters + spares; ++n) Boot(n, Incarnation(1));
    for (uint64_t n = 1; n <= voters; ++n)
      founders_.voters.push_back({NodeId(n), Incarnation(1), 0});
    for (uint64_t n = 1; n <= voters; ++n) table(n).Found(kGroup, founders_, now_);
    Settle();
  }

  GroupTable& table(uint64_t node) { return *nodes_.at(node).table; }
  Replica& at(uint64_t node) { return *table(node).Find(kGroup); }
  MonoUs now() const { return now_; }

  // Lets time pass in ticks, every message and write being done at once.
  void Run(int64_t duration_us) {
    for (int64_t t = 0; t < duration_us; t += GroupTable::kTickUs) {
      now_ += GroupTable::kTickUs;
      for (auto& [id, node] : nodes_) {
        if (!stopped.contains(id)) node.table->Tick(now_);
      }
      Settle();
    }
  }
  // Time passes and nobody runs.
  void Sleep(int64_t duration_us) { now_ += duration_us; }
  void RunUntilPrimary(uint64_t node) {
    for (int i = 0; i < 1000 && !(table(node).Find(kGroup) && at(node).Established()); ++i) {
      Run(GroupTable::kTickUs);
    }
  }
  // The node with the established primary of the highest term; 0 if none.
  uint64_t Primary() {
    uint64_t best = 0;
    for (auto& [id, node] : nodes_) {
      Replica* replica = node.table->Find(kGroup);
      if (replica == nullptr || !replica->Established() || stopped.contains(id)) continue;
      if (best == 0 || replica->term() > at(best).term()) best = id;
    }
    return best;
  }
  uint64_t RunUntilAnyPrimary() {
    for (int i = 0; i < 1000 && Primary() == 0; ++i) Run(GroupTable::kTickUs);
    return Primary();
  }

  Token Propose(uint64_t node, std::string effects, Acks acks = Acks::kMajority, uint64_t key = 0,
                UnitId unit = {}) {
    const Token token(++last_token_);
    Proposal proposal;
    proposal.token = token;
    proposal.acks = acks;
    proposal.key_hashes = {key};
    proposal.unit = unit;
    proposal.effects = std::move(effects);
    at(node).Propose(std::move(proposal), now_, table(node).output());
    table(node).Flush(&at(node), now_);
    Settle();
    return token;
  }
  Token Read(uint64_t node, uint64_t key, ReadBy by = ReadBy::kLease) {
    const Token token(++last_token_);
    const std::vector<uint64_t> hashes{key};
    at(node).Read(token, hashes, by, now_, table(node).output());
    table(node).Flush(&at(node), now_);
    Settle();
    return token;
  }
  Result Change(uint64_t node, MembershipChange change) {
    const Result result = at(node).Change(change, now_);
    table(node).Flush(&at(node), now_);
    Settle();
    return result;
  }
  // kNone while it waits.
  Result ResultOf(Token token) const {
    const auto found = outcomes.find(token.value());
    return found == outcomes.end() ? Result::kNone : found->second.result;
  }

  void Cut(uint64_t a, uint64_t b) { cut_.insert({a, b}), cut_.insert({b, a}); }
  void Isolate(uint64_t node) {
    for (auto& [id, other] : nodes_) {
      if (id != node) Cut(id, node);
    }
  }
  void Heal() { cut_.clear(); }
  // A process that ends and starts again with what its disk holds, or without.
  void Restart(uint64_t node) {
    const Recovered kept = nodes_.at(node).disk;
    Boot(node, kept.self.incarnation);
    table(node).Restore(kGroup, kept, now_);
    nodes_.at(node).disk = kept;
    Settle();
  }
  void RestartEmpty(uint64_t node) {
    Boot(node, Incarnation(nodes_.at(node).table->incarnation().value() + 1));
  }

  // Does all that is asked until nobody asks for more.
  void Settle() {
    for (bool busy = true; busy;) {
      busy = false;
      for (auto& [id, node] : nodes_) busy = Drain(id, &node) || busy;
      std::deque<Message> arriving;
      arriving.swap(wire_);
      for (const Message& message : arriving) {
        busy = true;
        const uint64_t to = message.to.node.value();
        if (!stopped.contains(to)) table(to).Receive(message, now_);
      }
    }
  }
  // What `hold_states` kept back arrives.
  void DeliverStates() {
    std::vector<SnapshotSend> arriving;
    arriving.swap(held_states);
    for (const SnapshotSend& send : arriving) Deliver(send);
    Settle();
  }

  std::set<uint64_t> stopped;                 // nodes whose process does not run
  std::set<uint64_t> slow_disks;              // nodes whose writes stay in memory
  std::function<bool(const Message&)> loses;  // messages that do not arrive, if set
  bool hold_states = false;                   // whole states stay on their way
  std::vector<SnapshotSend> held_states;
  int states_sent = 0;
  std::map<uint64_t, Outcome> outcomes;
  std::vector<LostEntry> lost;
  std::map<uint64_t, std::vector<StoreStep>> steps;  // per node, all of them
  std::map<uint64_t, LogIndex> published;            // per node: CommitAdvance
  uint64_t parcels = 0;

 private:
  struct Node {
    std::unique_ptr<GroupTable> table;
    Recovered disk;
  };

  void Boot(uint64_t node, Incarnation incarnation) {
    nodes_[node] = {};
    nodes_[node].table =
        std::make_unique<GroupTable>(NodeId(node), incarnation, options_, node * 7919);
  }

  void Deliver(const SnapshotSend& send) {
    GroupTable& receiver = table(send.to.node.value());
    Replica* replica = receiver.Find(send.group);
    replica->SnapshotArrived(send.from, send.term, send.checkpoint, now_, receiver.output());
  }

  bool Drain(uint64_t id, Node* node) {
    if (node->table->output()->empty()) return false;
    Output output;
    std::swap(output, *node->table->output());
    for (const LostEntry& entry : output.lost) lost.push_back(entry);
    for (const StoreStep& step : output.store_steps) steps[id].push_back(step);
    for (const CommitAdvance& advance : output.commits) published[id] = advance.committed;
    for (const Outcome& outcome : output.outcomes) outcomes[outcome.token.value()] = outcome;
    parcels += Bundle(output.messages).size();
    for (const Message& message : output.messages) {
      const bool is_lost =
          cut_.contains({id, message.to.node.value()}) || (loses && loses(message));
      if (!is_lost) wire_.push_back(message);
    }
    for (const SnapshotSend& send : output.snapshot_sends) {
      const uint64_t to = send.to.node.value();
      if (cut_.contains({id, to}) || stopped.contains(to)) continue;
      ++states_sent;
      if (hold_states) {
        held_states.push_back(send);
      } else {
        Deliver(send);
      }
    }
    if (output.writes.empty() || slow_disks.contains(id)) return true;
    for (const Write& write : output.writes) {
      if (write.group == kGroup) ApplyWrite(write, &node->disk);
      node->table->Persisted(write.group, write.seq, Durability::kDisk, now_);
    }
    return true;
  }

  ReplicaOptions options_;
  Membership founders_;
  MonoUs now_{1'000'000};
  std::map<uint64_t, Node> nodes_;
  std::deque<Message> wire_;
  std::set<std::pair<uint64_t, uint64_t>> cut_;
  uint64_t last_token_ = 0;
};

}  // namespace torc
