#include "sim/topology_steering.h"

#include <algorithm>

#include "base/check.h"
#include "cluster/gossip_codec.h"
#include "cluster/placement_codec.h"
#include "cluster/placement_of_topology.h"
#include "cluster/topology_codec.h"
#include "cluster/topology_voters.h"

namespace torc::sim {
namespace {

constexpr uint32_t kZones = 3;
constexpr uint64_t kClusterId = 0x7073;
// A packet about the topology begins with what it is.
constexpr char kQuestion = 'q';
constexpr char kAnswer = 'a';
constexpr char kWish = 'w';

std::string Host(uint32_t node) {
  return "10.0.0." + std::to_string(node);
}

uint32_t IndexOf(NodeId id) {
  return static_cast<uint32_t>(id.value() - 1);
}

PartitionId PartitionOf(uint32_t group) {
  return PartitionId(static_cast<uint16_t>(group));
}

}  // namespace

TopologySteering::TopologySteering(World* world, const SimNodes* nodes)
    : world_(world), nodes_(nodes), brains_(nodes->size()), drained_(nodes->size()) {
  const SimOptions& options = world->options;
  gossip_config_.partition_count = static_cast<int>(options.data_groups());
  keeper_options_.replace_after_us = 3'000'000;
  policy_.partition_count = static_cast<int>(options.data_groups());
  policy_.copies = static_cast<int>(options.copies);
  policy_.salt = world->rng.Next();
  founding_.kind = TopologyCommand::Kind::kFound;
  founding_.cluster_id = kClusterId;
  founding_.partition_count = options.data_groups();
  for (uint32_t i = 0; i < options.founders; ++i) {
    founding_.nodes.push_back(Describe(i));
    founding_.nodes.back().status = NodeStatus::kActive;
  }
  TopologyState founded;
  founded.Apply(founding_);
  const auto first = NextPlacement(policy_, founded);
  TORC_CHECK(first.has_value(), "founders can own everything");
  first_table_ = *DecodePlacement(first->bytes);
  world->whom_to_ask = [this](uint32_t index, uint32_t group) { return WhomToAsk(index, group); };
}

TopologyNode TopologySteering::Describe(uint32_t index) const {
  TopologyNode described;
  described.id = node(index).id();
  described.incarnation = node(index).incarnation();
  described.address = Host(index);
  described.zone = "zone " + std::to_string(index % kZones);
  return described;
}

bool TopologySteering::IsUp(uint32_t index) const {
  return brains_[index] != nullptr && node(index).alive() && !node(index).paused();
}

std::vector<uint32_t> TopologySteering::Founders(uint32_t group) const {
  std::vector<uint32_t> founders;
  if (group == topology_group()) {
    const size_t count = TopologyVoterCount(world_->options.founders);
    for (uint32_t i = 0; i < count; ++i) founders.push_back(i);
    return founders;
  }
  for (const NodeId owner : first_table_.owners(PartitionOf(group))) {
    founders.push_back(IndexOf(owner));
  }
  return founders;
}

void TopologySteering::Started(uint32_t index) {
  MemberRecord self;
  self.id = node(index).id();
  self.incarnation = node(index).incarnation();
  self.address.host = Host(index);
  brains_[index] =
      std::make_unique<Brain>(gossip_config_, self, keeper_options_, world_->rng.Next());
  brains_[index]->said.resize(world_->options.data_groups());
  GossipStart start;
  for (uint32_t i = 0; i < world_->options.founders; ++i) {
    if (i != index) start.seeds.push_back({.host = Host(i)});
  }
  Feed(index, start);
}

void TopologySteering::Ended(uint32_t index) {
  brains_[index].reset();
}

void TopologySteering::Send(uint32_t from, uint32_t to, EventKind kind, std::string bytes) {
  const Deliveries deliveries = world_->network.Send(from, to, &world_->rng);
  for (int i = 0; i < deliveries.count; ++i) {
    const uint32_t slot = packets_.Put({from, bytes});
    world_->After(deliveries.delay_us[static_cast<size_t>(i)], kind, to, slot, 0);
  }
}

void TopologySteering::Feed(uint32_t index, const GossipEvent& event) {
  Brain& brain = *brains_[index];
  SimNode& self = node(index);
  const GossipOutput output =
      brain.gossip.Step(event, {self.Now(), self.clock().Wall(world_->now)});
  for (const GossipSend& send : output.sends) {
    std::string bytes;
    EncodeGossip(send.message, &bytes);
    for (uint32_t to = 0; to < brains_.size(); ++to) {
      if (Host(to) == send.address.host) Send(index, to, EventKind::kGossip, bytes);
    }
  }
  if (output.epoch.has_value()) brain.follower.Heard(output.epoch->holder, output.epoch->epoch);
  if (output.next_tick.value() != INT64_MAX) {
    const SimTime due = self.clock().TrueTime(output.next_tick) + 2;
    world_->queue.Push(std::max(due, world_->now + 1), EventKind::kGossipTick, index,
                       ++brain.tick_generation, self.life());
  }
  for (const MemberChange& change : output.changes) {
    if (change.after.state == MemberState::kDead) self.OnPeerLost(IndexOf(change.after.id));
  }
}

void TopologySteering::Deliver(const Event& event, bool is_lost) {
  const Packet packet = packets_.Take(event.arg);
  if (is_lost || brains_[event.node] == nullptr) return;
  if (event.kind == EventKind::kTopology) return OnTopologyPacket(event.node, packet);
  auto message = DecodeGossip(packet.bytes);
  TORC_CHECK(message.has_value(), "what one node encodes another decodes");
  Feed(event.node, GossipReceive{node(packet.from).id(), NodeAddress{.host = Host(packet.from)},
                                 std::move(*message)});
}

void TopologySteering::Tick(uint32_t index, uint32_t generation) {
  if (generation == brains_[index]->tick_generation) Feed(index, GossipTick{});
}

void TopologySteering::PeerReset(uint32_t index, uint32_t peer) {
  Feed(index, GossipPeerReset{node(peer).id()});
}

void TopologySteering::OnTopologyPacket(uint32_t index, const Packet& packet) {
  Brain& brain = *brains_[index];
  const std::string_view body = std::string_view(packet.bytes).substr(1);
  if (packet.bytes[0] == kQuestion) {
    const auto have = DecodeTopologyQuestion(body);
    TORC_CHECK(have.has_value(), "what one node encodes another decodes");
    if (brain.follower.state().epoch() <= *have) return;
    std::string answer(1, kAnswer);
    EncodeTopologyAnswer(brain.follower.state(), &answer);
    return Send(index, packet.from, EventKind::kTopology, std::move(answer));
  }
  if (packet.bytes[0] == kAnswer) {
    auto answer = DecodeTopologyAnswer(body);
    TORC_CHECK(answer.has_value(), "what one node encodes another decodes");
    const TopologyState before = brain.follower.state();
    if (brain.follower.Take(std::move(*answer))) ForgetTheRemoved(index, before);
    return;
  }
  const auto wish = DecodeTopologyCommand(body);
  TORC_CHECK(wish.has_value(), "what one node encodes another decodes");
  if (brain.wishes.size() < brains_.size()) brain.wishes.push_back(*wish);
}

void TopologySteering::SendToAnyone(uint32_t from, const TopologyCommand& wish) {
  const auto to = static_cast<uint32_t>(world_->rng.Below(brains_.size()));
  if (to == from) {
    brains_[from]->wishes.push_back(wish);
  } else {
    Send(from, to, EventKind::kTopology, kWish + EncodeTopologyCommand(wish));
  }
}

void TopologySteering::Operate() {
  AskForDrains();
  for (uint32_t i = 0; i < brains_.size(); ++i) {
    if (IsUp(i)) Guide(i);
  }
}

void TopologySteering::Guide(uint32_t index) {
  const bool governs = FoldTopology(index);
  Brain& brain = *brains_[index];
  const TopologyState& state = brain.follower.state();
  if (state.epoch() > brain.announced) {
    brain.announced = state.epoch();
    Feed(index, GossipAnnounceEpoch{state.epoch()});
  }
  if (state.epoch() != brain.table_epoch) {
    brain.table_epoch = state.epoch();
    brain.table = DecodePlacement(state.placement());
  }
  if (const auto holder = brain.follower.WhomToAsk(node(index).Now()); holder.has_value()) {
    std::string question(1, kQuestion);
    EncodeTopologyQuestion(state.epoch(), &question);
    const uint32_t asked = *holder == NodeId()
                               ? static_cast<uint32_t>(world_->rng.Below(brains_.size()))
                               : IndexOf(*holder);
    if (asked != index) Send(index, asked, EventKind::kTopology, std::move(question));
  }
  AskToJoin(index);
  if (governs) Govern(index);
  brain.wishes.clear();
  LeadGroups(index);
}

// A voter of the topology knows it from the log. True if this is the primary, and nothing is under
// way: a primary's store runs ahead of what is agreed on.
bool TopologySteering::FoldTopology(uint32_t index) {
  const Replica* replica = node(index).Find(topology_group());
  if (replica == nullptr) return false;
  SimStore store = *node(index).Store(topology_group());
  if (store.applied > replica->committed()) return false;
  Brain& brain = *brains_[index];
  const uint32_t key = topology_group() * kKeysPerGroup + kRegistersPerGroup;
  std::vector<Access> read{{Access::Kind::kReadList, key, 0, {}}};
  store.Execute(&read);
  if (read[0].list != brain.folded) {
    brain.folded = read[0].list;
    TopologyState state;
    for (const uint32_t number : brain.folded) state.Apply(commands_[number - 1]);
    const TopologyState before = brain.follower.state();
    if (brain.follower.Take(std::move(state))) ForgetTheRemoved(index, before);
  }
  return replica->Established();
}

void TopologySteering::ForgetTheRemoved(uint32_t index, const TopologyState& before) {
  for (const auto& [id, former] : before.nodes()) {
    const bool is_gone = brains_[index]->follower.state().Find(id) == nullptr;
    if (is_gone && id != node(index).id()) Feed(index, GossipForget{id});
  }
}

void TopologySteering::Propose(uint32_t index, const TopologyCommand& command) {
  commands_.push_back(command);
  Request request;
  request.client = kNobody;
  request.group = topology_group();
  request.accesses = {{Access::Kind::kAppend,
                       topology_group() * kKeysPerGroup + kRegistersPerGroup,
                       static_cast<uint32_t>(commands_.size()),
                       {}}};
  node(index).OnRequest(std::move(request));
}

// Whoever has copies or should have some.
std::set<NodeId> TopologySteering::Owners(uint32_t index) const {
  std::set<NodeId> owners;
  for (uint32_t group = 0; group < world_->options.data_groups(); ++group) {
    for (const WantedOwner& owner : WantedBy(index, group)) owners.insert(owner.node);
  }
  for (const auto& other : *nodes_) {
    if (!other->alive()) continue;
    for (uint32_t group = 0; group < world_->options.groups; ++group) {
      const Replica* replica = other->Find(group);
      if (replica == nullptr) continue;
      owners.insert(other->id());
      if (!replica->Established()) continue;
      for (const Member& voter : replica->membership().voters) owners.insert(voter.node);
    }
  }
  return owners;
}

std::vector<TopologyCommand> TopologySteering::Decide(uint32_t index) {
  Brain& brain = *brains_[index];
  const TopologyState& state = brain.follower.state();
  if (!state.founded()) return {founding_};
  // Whom nobody has heard of is as good as dead: it may have gone while everybody was down.
  std::set<NodeId> unreachable;
  const MemberTable& members = brain.gossip.members();
  for (const auto& [id, known] : state.nodes()) {
    const int place = members.Find(id);
    const bool is_there =
        place != MemberTable::kNone && members.at(place).record.state < MemberState::kDead;
    if (!is_there) unreachable.insert(id);
  }
  std::vector<TopologyCommand> commands =
      brain.keeper.Decide(state, unreachable, Owners(index), node(index).Now());
  for (const TopologyCommand& wish : brain.wishes) {
    if (TopologyState(state).Apply(wish) == TopologyResult::kOk) commands.push_back(wish);
  }
  // Copies move once nobody comes or goes: a node that joins is active a moment later.
  const bool is_settled = commands.empty();
  const auto placement = is_settled ? NextPlacement(policy_, state) : std::nullopt;
  if (placement.has_value()) commands.push_back(*placement);
  return commands;
}

void TopologySteering::Govern(uint32_t index) {
  for (const TopologyCommand& command : Decide(index)) Propose(index, command);
  const TopologyState& state = brains_[index]->follower.state();
  const Replica* replica = node(index).Find(topology_group());
  if (!state.founded() || replica == nullptr) return;
  const auto wanted = WantedTopologyVoters(state, replica->membership());
  const auto gone = Gone(index, *replica);
  node(index).Reconcile(topology_group(), wanted, gone, state.epoch());
}

// A node that the topology does not know as it is says so until it does.
void TopologySteering::AskToJoin(uint32_t index) {
  if (drained_[index]) return;
  const TopologyState& state = brains_[index]->follower.state();
  const TopologyNode* known = state.Find(node(index).id());
  const bool is_known = known != nullptr && known->incarnation == node(index).incarnation() &&
                        known->status != NodeStatus::kDead;
  if (is_known) return;
  TopologyCommand wish;
  wish.kind = TopologyCommand::Kind::kJoin;
  wish.nodes = {Describe(index)};
  SendToAnyone(index, wish);
}

void TopologySteering::AskForDrains() {
  for (uint32_t i = 0; i < brains_.size(); ++i) {
    const auto at = static_cast<uint32_t>(world_->rng.Below(brains_.size()));
    if (!drained_[i] || !IsUp(at)) continue;
    const TopologyNode* known = brains_[at]->follower.state().Find(node(i).id());
    const bool is_in = known != nullptr && (known->status == NodeStatus::kActive ||
                                            known->status == NodeStatus::kJoining);
    if (!is_in) continue;
    TopologyCommand wish;
    wish.kind = TopologyCommand::Kind::kSetStatus;
    wish.nodes = {*known};
    wish.nodes[0].status = NodeStatus::kDraining;
    brains_[at]->wishes.push_back(wish);
  }
}

std::vector<WantedOwner> TopologySteering::WantedBy(uint32_t index, uint32_t group) const {
  const Brain& brain = *brains_[index];
  if (!brain.table.has_value()) return {};
  if (brain.table->partition_count() <= static_cast<int>(group)) return {};
  return WantedOwners(*brain.table, PartitionOf(group), brain.follower.state());
}

// Somebody that still answers is not gone, whatever was declared.
std::vector<NodeId> TopologySteering::Gone(uint32_t index, const Replica& replica) const {
  auto gone = GoneVoters(replica.membership(), brains_[index]->follower.state());
  std::erase_if(gone, [&](NodeId id) {
    const auto member = replica.membership().OnNode(id);
    return member.has_value() && replica.Reachable(*member, node(index).Now());
  });
  return gone;
}

void TopologySteering::LeadGroups(uint32_t index) {
  Brain& brain = *brains_[index];
  for (uint32_t group = 0; group < world_->options.data_groups(); ++group) {
    const Replica* replica = node(index).Find(group);
    if (replica == nullptr || !replica->Established()) continue;
    const Announcement announcement{PartitionOf(group), replica->term(),
                                    ConfigVersion(replica->membership().version), node(index).id()};
    if (announcement != brain.said[group]) {
      brain.said[group] = announcement;
      Feed(index, GossipAnnounce{{announcement}});
    }
    const std::vector<WantedOwner> wanted = WantedBy(index, group);
    if (wanted.empty()) continue;
    const Epoch epoch = brain.follower.state().epoch();
    const auto gone = Gone(index, *replica);
    const auto step = NextStep(replica->membership(), replica->self(), wanted, gone, epoch);
    if (step.has_value()) {
      node(index).Reconcile(group, wanted, gone, epoch);
    } else if (wanted.front().node != node(index).id()) {
      node(index).HandOverTo(group, wanted.front().node);
    }
  }
}

const TopologyState* TopologySteering::Truth() const {
  const TopologyState* newest = nullptr;
  for (const auto& brain : brains_) {
    if (brain == nullptr || !brain->follower.state().founded()) continue;
    const TopologyState& state = brain->follower.state();
    if (newest == nullptr || state.epoch() > newest->epoch()) newest = &state;
  }
  return newest;
}

std::vector<WantedOwner> TopologySteering::Wanted(uint32_t group) const {
  std::vector<WantedOwner> wanted;
  const TopologyState* truth = Truth();
  if (truth == nullptr || truth->placement().empty()) {
    for (const uint32_t founder : Founders(group)) wanted.push_back({node(founder).id(), {}});
  } else if (group == topology_group()) {
    for (const auto& other : *nodes_) {
      const Replica* replica = other->Find(group);
      if (replica == nullptr || !replica->Established()) continue;
      wanted = WantedTopologyVoters(*truth, replica->membership());
    }
  } else {
    wanted = WantedOwners(*DecodePlacement(truth->placement()), PartitionOf(group), *truth);
  }
  return wanted;
}

uint32_t TopologySteering::WhomToAsk(uint32_t index, uint32_t group) const {
  if (brains_[index] == nullptr || group == topology_group()) return UINT32_MAX;
  const auto announced = brains_[index]->gossip.board().Of(PartitionOf(group));
  return announced.has_value() ? IndexOf(announced->primary) : UINT32_MAX;
}

std::string TopologySteering::Unsettled(const std::vector<uint32_t>& members) const {
  const TopologyState* truth = Truth();
  if (truth == nullptr) return "no cluster was founded";
  if (truth->nodes().size() != members.size()) {
    std::string text = "the topology of epoch " + std::to_string(truth->epoch().value()) + " has";
    for (const auto& [id, known] : truth->nodes()) {
      text += " " + std::to_string(IndexOf(id)) + "." + std::to_string(known.incarnation.value()) +
              " (status " + std::to_string(static_cast<int>(known.status)) + ")";
    }
    return text + " instead of " + std::to_string(members.size()) + " nodes";
  }
  if (NextPlacement(policy_, *truth).has_value()) return "the placement is an old one";
  for (uint32_t group = 0; group < world_->options.groups; ++group) {
    const std::string unsettled = UnsettledGroup(group);
    if (!unsettled.empty()) return unsettled;
  }
  for (const uint32_t member : members) {
    const std::string unsettled = UnsettledNode(member, members);
    if (!unsettled.empty()) return "node " + std::to_string(member) + ": " + unsettled;
  }
  return "";
}

// The members of a group are who is wanted, and its primary is the first of them.
std::string TopologySteering::UnsettledGroup(uint32_t group) const {
  const std::string name = "group " + std::to_string(group);
  const std::vector<WantedOwner> wanted = Wanted(group);
  const bool is_full =
      group == topology_group() ||
      wanted.size() == std::min<size_t>(world_->options.copies, Truth()->nodes().size());
  if (!is_full) return name + " is placed on too few nodes";
  for (const auto& other : *nodes_) {
    const Replica* replica = other->Find(group);
    if (replica == nullptr || !replica->Established()) continue;
    const Membership& membership = replica->membership();
    if (membership.voters.size() != wanted.size() || !membership.learners.empty()) {
      return name + " has other members than are wanted";
    }
    if (NextStep(membership, replica->self(), wanted, {}, Truth()->epoch()).has_value()) {
      return name + " has not arrived where it is wanted";
    }
    if (group != topology_group() && wanted.front().node != other->id()) {
      return name + " has another primary than is wanted";
    }
    return "";
  }
  return name + " has no primary";
}

// For people: what each node thinks of each.
std::string TopologySteering::DescribeGossip() const {
  std::string text;
  for (uint32_t i = 0; i < brains_.size(); ++i) {
    if (brains_[i] == nullptr) continue;
    text += "\n  gossip of node " + std::to_string(i) + ", epoch " +
            std::to_string(brains_[i]->follower.state().epoch().value()) + ":";
    for (const GossipMember& member : brains_[i]->gossip.members().all()) {
      text += " " + std::to_string(IndexOf(member.record.id)) + "." +
              std::to_string(member.record.incarnation.value()) + "." +
              std::to_string(member.record.version) + " " +
              std::to_string(static_cast<int>(member.record.state));
    }
  }
  return text;
}

std::string TopologySteering::UnsettledNode(uint32_t index,
                                            const std::vector<uint32_t>& members) const {
  const TopologyNode* known = Truth()->Find(node(index).id());
  if (known == nullptr) return "not in the topology";
  if (known->status != NodeStatus::kActive) return "not active";
  if (known->incarnation != node(index).incarnation()) return "known by a former life";
  const Brain& brain = *brains_[index];
  if (brain.follower.state().epoch() != Truth()->epoch()) return "behind the topology";
  for (const uint32_t other : members) {
    const int place = brain.gossip.members().Find(node(other).id());
    const bool is_alive = place != MemberTable::kNone &&
                          brain.gossip.members().at(place).record.state == MemberState::kAlive;
    if (!is_alive) return "does not know that node " + std::to_string(other) + " is alive";
  }
  for (uint32_t group = 0; group < world_->options.data_groups(); ++group) {
    const auto announced = brain.gossip.board().Of(PartitionOf(group));
    const bool is_right = announced.has_value() && announced->primary == Wanted(group).front().node;
    if (!is_right) return "does not know who leads group " + std::to_string(group);
  }
  return "";
}

}  // namespace torc::sim
