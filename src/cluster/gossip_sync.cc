// Joining, and repair of what news has missed. See gossip.h.

#include <algorithm>

#include "cluster/gossip.h"
#include "cluster/gossip_codec.h"

namespace torc {
namespace {

// Seeds asked at a time.
constexpr uint64_t kSeedsAsked = 3;
// Messages of one answer to a digest or a join, at most: 4096 nodes and 16384 partitions take
// fewer.
constexpr size_t kSyncMessagesMax = 1024;

}  // namespace

void Gossip::AskToJoin() {
  next_join_ = now_.mono + config_.join_interval_us;
  const uint64_t start = rng_.Below(seeds_.size());
  for (uint64_t i = 0; i < std::min<uint64_t>(kSeedsAsked, seeds_.size()); ++i) {
    const NodeAddress& seed = seeds_[(start + i) % seeds_.size()];
    if (seed == self().address) continue;
    GossipMessage join{.kind = GossipKind::kJoin};
    join.updates.emplace_back(MemberUpdate{self(), NodeId()});
    out_->sends.push_back({NodeId(), seed, std::move(join)});
  }
}

Digests Gossip::AllDigests() const {
  Digests digests = board_.digests();
  for (size_t i = 0; i < kDigestBuckets; ++i) digests[i] ^= members_.digests()[i];
  return digests;
}

void Gossip::SendDigest() {
  next_sync_ = now_.mono + config_.sync_interval_us;
  const int member = RandomMember(true, NodeId());
  if (member == MemberTable::kNone) return;
  Send(member, {.kind = GossipKind::kDigest, .digests = AllDigests()});
}

// A seed at whose address no live member is known to be, at random; null if there is none.
const NodeAddress* Gossip::StrangeSeed() {
  const auto is_known = [&](const NodeAddress& seed) {
    return std::ranges::any_of(members_.all(), [&](const GossipMember& member) {
      const NodeAddress& address = member.record.address;
      return member.record.state < MemberState::kDead && address.host == seed.host &&
             address.bus_port == seed.bus_port;
    });
  };
  std::vector<const NodeAddress*> strange;
  for (const NodeAddress& seed : seeds_) {
    if (!is_known(seed)) strange.push_back(&seed);
  }
  return strange.empty() ? nullptr : strange[rng_.Below(strange.size())];
}

// Both sides of a healed partition hold the other for dead, or, if all processes began while it
// lasted, have never heard of it: somebody has to try. A seed whose name is not the address that
// its node gives is tried for good, so it is sent digests, which cost no answer if they agree.
void Gossip::ProbeLost() {
  next_lost_probe_ = now_.mono + config_.lost_probe_interval_us;
  const int member = RandomMember(false, NodeId());
  const NodeAddress* seed = joined_ ? StrangeSeed() : nullptr;
  if (seed != nullptr && (member == MemberTable::kNone || rng_.Chance(0.5))) {
    out_->sends.push_back(
        {NodeId(), *seed, {.kind = GossipKind::kDigest, .digests = AllDigests()}});
    return;
  }
  if (member == MemberTable::kNone) return;
  Send(member, {.kind = GossipKind::kPing, .seq = next_seq_++, .wall = now_.wall});
}

void Gossip::OnDigest(const GossipReceive& event) {
  const Digests mine = AllDigests();
  uint32_t differing = 0;
  for (size_t i = 0; i < kDigestBuckets; ++i) {
    if (mine[i] != event.message.digests[i]) differing |= 1U << i;
  }
  if (differing != 0) SendSync(event.from, event.source, differing, differing);
}

void Gossip::OnSync(const GossipReceive& event) {
  joined_ = true;
  next_join_ = kNever;
  if (event.message.want_buckets != 0) {
    SendSync(event.from, event.source, event.message.want_buckets, 0);
  }
}

// Everything in `buckets`, in as many messages as it takes; a lost one is made up for by the next
// exchange.
void Gossip::SendSync(NodeId to, const NodeAddress& address, uint32_t buckets,
                      uint32_t want_buckets) {
  std::vector<GossipUpdate> updates;
  for (const GossipMember& known : members_.all()) {
    if ((buckets >> MemberTable::BucketOf(known.record.id) & 1U) == 0) continue;
    MemberRecord record = known.record;
    // A suspicion passes or becomes a death; repeating it here would make us an accuser.
    if (record.state == MemberState::kSuspect) record.state = MemberState::kAlive;
    updates.emplace_back(MemberUpdate{std::move(record), self().id});
  }
  for (size_t bucket = 0; bucket < kDigestBuckets; ++bucket) {
    if ((buckets >> bucket & 1U) != 0) board_.AppendBucket(bucket, &updates);
  }
  if (board_.epoch().epoch != Epoch()) updates.emplace_back(board_.epoch());

  size_t next = 0;
  for (size_t sent = 0; sent < kSyncMessagesMax && (sent == 0 || next < updates.size()); ++sent) {
    GossipMessage sync{.kind = GossipKind::kSync, .want_buckets = want_buckets};
    want_buckets = 0;  // only the first message asks
    size_t room = kGossipBytesMax - EncodedHeadBytes(sync);
    while (next < updates.size() && sync.updates.size() < kGossipUpdatesMax) {
      const size_t bytes = EncodedBytes(updates[next]);
      if (bytes > room) break;
      room -= bytes;
      sync.updates.push_back(std::move(updates[next++]));
    }
    out_->sends.push_back({to, address, std::move(sync)});
  }
}

}  // namespace torc
