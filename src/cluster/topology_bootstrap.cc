#include "cluster/topology_bootstrap.h"

#include "base/hash.h"

namespace torc {

using Kind = BootstrapMessage::Kind;

uint64_t HashSection(const ClusterSection& section) {
  std::string bytes;
  for (const auto& [name, value] : section) bytes += name + '\0' + value + '\0';
  return HashBytes(bytes, 0);
}

std::string FirstDifference(const ClusterSection& ours, const ClusterSection& theirs) {
  const auto value_in = [](const ClusterSection& section, const std::string& name) {
    const auto found = section.find(name);
    return found == section.end() ? std::string("not set") : "'" + found->second + "'";
  };
  ClusterSection all = ours;
  all.insert(theirs.begin(), theirs.end());
  for (const auto& [name, value] : all) {
    const std::string our_value = value_in(ours, name);
    const std::string their_value = value_in(theirs, name);
    if (our_value != their_value) {
      return name + ": theirs is " + their_value + ", ours is " + our_value;
    }
  }
  return {};
}

Bootstrap::Bootstrap(Options options, BootstrapState state)
    : options_(std::move(options)), state_(std::move(state)) {
  leading_id_ = options_.draw;
  if (!Leads() || !done()) return;
  // It may have ended before the others heard that they are founded.
  leading_id_ = state_.founded->command.cluster_id;
  for (size_t place = 1; place < options_.founders; ++place) promised_[place];
}

BootstrapMessage Bootstrap::To(size_t place, Kind kind) const {
  BootstrapMessage message;
  message.kind = kind;
  message.from = options_.place;
  message.to = place;
  message.cluster_id = leading_id_;
  return message;
}

// The leader asks whoever has not promised, again and again; once founded, it tells whoever may not
// know.
BootstrapOutput Bootstrap::Tick(MonoUs now) {
  BootstrapOutput out;
  if (!Leads() || now < retry_at_) return out;
  retry_at_ = now + options_.retry_us;
  if (done()) {
    for (size_t place = 1; place < options_.founders; ++place) {
      if (!promised_.contains(place)) continue;
      BootstrapMessage message = To(place, Kind::kFound);
      message.record = *state_.founded;
      out.messages.push_back(std::move(message));
    }
    return out;
  }
  if (!promised_.contains(0)) {
    promised_[0] = options_.self;
    state_.promised_id = leading_id_;
    out.save = true;
  }
  for (size_t place = 1; place < options_.founders; ++place) {
    if (promised_.contains(place)) continue;
    BootstrapMessage message = To(place, Kind::kAsk);
    message.section = options_.section;
    out.messages.push_back(std::move(message));
  }
  if (promised_.size() == options_.founders) Found(MakeRecord(), &out);
  return out;
}

BootstrapOutput Bootstrap::Receive(const BootstrapMessage& message, MonoUs now) {
  BootstrapOutput out;
  if (message.to != options_.place || message.from >= options_.founders) return out;
  switch (message.kind) {
    case Kind::kAsk:
      OnAsk(message, &out);
      break;
    case Kind::kPromise:
      OnPromise(message, &out);
      break;
    case Kind::kFound:
      OnFound(message, &out);
      break;
    case Kind::kFounded:
      promised_.erase(message.from);
      break;
    case Kind::kRefuse:
      if (done()) {
        promised_.erase(message.from);
      } else {
        out.complaints.push_back(message.reason);
      }
      break;
  }
  (void)now;
  return out;
}

void Bootstrap::OnAsk(const BootstrapMessage& message, BootstrapOutput* out) {
  BootstrapMessage refusal = To(message.from, Kind::kRefuse);
  if (done()) {
    refusal.cluster_id = state_.founded->command.cluster_id;
    if (refusal.cluster_id == message.cluster_id) {
      out->messages.push_back(To(message.from, Kind::kFounded));
      return;
    }
    refusal.reason = "this node belongs to a cluster already; it is not founded over";
    out->messages.push_back(std::move(refusal));
    return;
  }
  const std::string difference = FirstDifference(options_.section, message.section);
  if (!difference.empty()) {
    refusal.cluster_id = 0;
    refusal.reason = "founder " + std::to_string(options_.place) + " differs in " + difference;
    out->complaints.push_back(refusal.reason);
    out->messages.push_back(std::move(refusal));
    return;
  }
  state_.promised_id = message.cluster_id;
  out->save = true;
  BootstrapMessage promise = To(message.from, Kind::kPromise);
  promise.cluster_id = message.cluster_id;
  promise.self = options_.self;
  out->messages.push_back(std::move(promise));
}

void Bootstrap::OnPromise(const BootstrapMessage& message, BootstrapOutput* out) {
  if (!Leads() || done() || message.cluster_id != leading_id_) return;
  promised_[message.from] = message.self;
  if (promised_.size() == options_.founders && promised_.contains(0)) Found(MakeRecord(), out);
}

FoundingRecord Bootstrap::MakeRecord() const {
  FoundingRecord record;
  record.command.kind = TopologyCommand::Kind::kFound;
  record.command.cluster_id = leading_id_;
  record.command.section_hash = HashSection(options_.section);
  record.command.partition_count = options_.partition_count;
  for (const auto& [place, node] : promised_) {
    record.command.nodes.push_back(node);
    record.command.nodes.back().status = NodeStatus::kActive;
    record.voters.voters.push_back({node.id, node.incarnation, 0});
  }
  return record;
}

void Bootstrap::OnFound(const BootstrapMessage& message, BootstrapOutput* out) {
  const uint64_t id = message.record.command.cluster_id;
  // Of all that was ever asked for, only the last promise counts, and only as who gave it.
  const Member self{options_.self.id, options_.self.incarnation, 0};
  const bool is_promised = id != 0 && !done() && state_.promised_id == id;
  if (is_promised && message.record.voters.IsVoter(self)) Found(message.record, out);
  const bool is_ours = done() && state_.founded->command.cluster_id == id;
  BootstrapMessage reply = To(message.from, is_ours ? Kind::kFounded : Kind::kRefuse);
  reply.cluster_id = id;
  if (!is_ours) reply.reason = "this node has promised no such cluster";
  out->messages.push_back(std::move(reply));
}

void Bootstrap::Found(const FoundingRecord& record, BootstrapOutput* out) {
  state_.founded = record;
  out->save = true;
  out->founded = record;
  if (!Leads()) return;
  for (size_t place = 1; place < options_.founders; ++place) {
    BootstrapMessage message = To(place, Kind::kFound);
    message.record = record;
    out->messages.push_back(std::move(message));
  }
}

}  // namespace torc
