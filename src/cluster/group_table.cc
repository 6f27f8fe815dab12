#include "cluster/group_table.h"

#include <algorithm>

#include "base/check.h"

namespace torc {

std::vector<Parcel> Bundle(std::vector<Message> messages) {
  std::vector<Parcel> parcels;
  for (Message& message : messages) {
    auto parcel = std::find_if(parcels.begin(), parcels.end(), [&](const Parcel& candidate) {
      return candidate.to == message.to.node;
    });
    if (parcel == parcels.end()) {
      parcels.push_back({message.from.node, message.to.node, {}});
      parcel = parcels.end() - 1;
    }
    parcel->messages.push_back(std::move(message));
  }
  return parcels;
}

GroupTable::GroupTable(NodeId node, Incarnation incarnation, const ReplicaOptions& options,
                       uint64_t seed)
    : node_(node), incarnation_(incarnation), options_(options), rng_(seed) {}

Replica* GroupTable::Put(GroupId group, Recovered recovered, MonoUs now) {
  auto replica = std::make_unique<Replica>(group, options_, std::move(recovered), rng_.Next(), now);
  return (replicas_[group] = std::move(replica)).get();
}

void GroupTable::Restore(GroupId group, Recovered recovered, MonoUs now) {
  if (recovered.retired) {
    retired_[group] = std::move(recovered);
  } else {
    Put(group, std::move(recovered), now);
  }
}

void GroupTable::Found(GroupId group, const Membership& membership, MonoUs now) {
  const std::optional<Member> self = membership.OnNode(node_);
  TORC_CHECK(self.has_value(), "a founder is a member");
  TORC_CHECK(Find(group) == nullptr, "a group is founded once");
  Recovered recovered;
  recovered.self = *self;
  recovered.checkpoint.membership = membership;
  Put(group, std::move(recovered), now)->RecordBirth(&output_);
}

void GroupTable::Retire(GroupId group) {
  Replica* replica = Find(group);
  if (replica == nullptr) return;
  replica->RecordRetirement(&output_);
  Recovered rest;
  rest.self = replica->self();
  rest.term = replica->term();
  rest.vote = replica->vote();
  rest.retired = true;
  if (!options_.planted.Has(PlantedBug::kWriteNumbersStartOver)) {
    rest.last_seq = replica->last_seq();
  }
  retired_[group] = std::move(rest);
  replicas_.erase(group);
}

Replica* GroupTable::Find(GroupId group) {
  const auto found = replicas_.find(group);
  return found == replicas_.end() ? nullptr : found->second.get();
}

// A primary that writes to this node under a new birth has admitted it: a replica begins, empty. A
// birth that was over before is not lived again.
Replica* GroupTable::FindOrBear(const Message& message, MonoUs now) {
  Replica* replica = Find(message.group);
  const bool admits =
      message.kind == Message::Kind::kAppend || message.kind == Message::Kind::kHeartbeat;
  const bool is_here = message.to.node == node_ && message.to.incarnation == incarnation_;
  if (replica != nullptr && (!admits || !is_here || message.to.birth <= replica->self().birth)) {
    return replica;
  }
  if (!admits || !is_here || message.to.birth == 0) return nullptr;
  if (replica != nullptr) Retire(message.group);
  Recovered recovered;
  if (const auto retired = retired_.find(message.group); retired != retired_.end()) {
    if (message.to.birth <= retired->second.self.birth) return nullptr;
    recovered = std::move(retired->second);
    recovered.retired = false;
    retired_.erase(retired);
  }
  recovered.self = message.to;
  replica = Put(message.group, std::move(recovered), now);
  output_.store_steps.push_back({StoreStep::Kind::kClear, message.group, {}, {}, {}});
  replica->RecordBirth(&output_);
  return replica;
}

void GroupTable::Receive(const Message& message, MonoUs now) {
  Replica* replica = FindOrBear(message, now);
  if (replica != nullptr) replica->Receive(message, now, &output_);
}

void GroupTable::Tick(MonoUs now) {
  const bool heartbeat_due = now >= heartbeat_at_;
  if (heartbeat_due) heartbeat_at_ = now + options_.heartbeat_us;
  for (auto& [group, replica] : replicas_) replica->Tick(now, heartbeat_due, &output_);
}

void GroupTable::Persisted(GroupId group, WriteSeq seq, Durability level, MonoUs now) {
  Replica* replica = Find(group);
  if (replica != nullptr) replica->Persisted(seq, level, now, &output_);
}

void GroupTable::PeerLost(NodeId node, MonoUs now) {
  for (auto& [group, replica] : replicas_) {
    replica->PeerLost(node, now);
    replica->Flush(now, &output_);
  }
}

bool GroupTable::AnyAwake() const {
  return std::any_of(replicas_.begin(), replicas_.end(),
                     [](const auto& pair) { return !pair.second->quiescent(); });
}

}  // namespace torc
