#pragma once

// Gossip: who is there, who is not, and the newest epochs, with a load per node that does not grow
// with their number. SWIM (Das, Gupta, Motivala 2002) with Lifeguard (Dadgar, Phillips, Currey
// 2018).
//
//   Probing    Each interval one member, in a shuffled round, is pinged. Without an ack it is
//   pinged again and a
//              few others are asked to ping it. Without any answer it becomes suspect. It learns so
//              at once and may refute, by raising the version of its record; if it does not, it is
//              declared dead. How long it has depends on how many accuse it (gossip_suspicion.h).
//   Own health Failed probes without a word from those asked for help, and suspicions of ourselves,
//   mean that
//              we are the sick one: we wait longer. Whoever finds that it has not run for a while
//              takes back what it would have concluded from the silence of others.
//   News       A change rides on every message and, while there is any, goes to a few random
//   members in quick
//              succession, each update a bounded number of times (gossip_queue.h).
//   Repair     Rarely, and on joining, two nodes compare digests and exchange what differs. Dead
//   members and seeds
//              that nobody lives at are tried now and then.
//   Reset      A connection that was reset means that a process has ended: its node is probed at
//   once and, if
//              silent, suspected for a short time only.
//
// Gossip decides nothing that must be agreed on. Who owns a partition is for its group, who is a
// member of the cluster for the topology log; gossip may be late or wrong about both without harm.
//
// A pure machine: the same events at the same times give the same outputs. It calls nobody and
// keeps no clock.

#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/rng.h"
#include "cluster/gossip_members.h"
#include "cluster/gossip_queue.h"
#include "cluster/gossip_suspicion.h"
#include "cluster/gossip_types.h"

namespace torc {

struct GossipNow {
  MonoUs mono;  // a clock that counts suspended time, if there is one
  UnixMs wall;
};

// Begins; the seeds are asked for everything until one answers. Without seeds we are the first.
// Members known from elsewhere (the topology, a state file) are taken as alive until they are found
// dead.
struct GossipStart {
  std::vector<NodeAddress> seeds;
  std::vector<MemberRecord> known{};
};
// A message came in. `source` is where it came from: answers go there, for the sender may have
// moved.
struct GossipReceive {
  NodeId from;
  NodeAddress source;
  GossipMessage message;
};
// The time asked for by GossipOutput::next_tick has come.
struct GossipTick {};
// A connection to the peer was reset or refused.
struct GossipPeerReset {
  NodeId peer;
};
struct GossipAnnounce {
  std::vector<Announcement> announcements;
};
struct GossipAnnounceEpoch {
  Epoch epoch;
};
struct GossipSetAddress {
  NodeAddress address;
};
// We are about to stop, on purpose.
struct GossipLeave {};
// The topology no longer has this node: nothing more is known or said about it.
struct GossipForget {
  NodeId id;
};
using GossipEvent =
    std::variant<GossipStart, GossipReceive, GossipTick, GossipPeerReset, GossipAnnounce,
                 GossipAnnounceEpoch, GossipSetAddress, GossipLeave, GossipForget>;

struct GossipSend {
  NodeId to;  // 0: whoever is at the address
  NodeAddress address;
  GossipMessage message;
};

struct MemberChange {
  std::optional<MemberRecord> before;  // nothing: a newcomer
  MemberRecord after;
};

struct GossipOutput {
  std::vector<GossipSend> sends;
  std::vector<MemberChange> changes;
  std::vector<Announcement> announcements;  // news from others
  std::optional<EpochUpdate> epoch;         // news from others
  bool identity_conflict = false;           // somebody else lives a newer life under our id: stop
  bool left = false;  // everybody was told that we leave, as far as we can tell
  MonoUs next_tick;   // a GossipTick is due then
};

class Gossip {
 public:
  // `self` says who we are; its state is alive.
  Gossip(const GossipConfig& config, MemberRecord self, uint64_t seed);

  GossipOutput Step(const GossipEvent& event, GossipNow now);

  const MemberTable& members() const { return members_; }
  const AnnouncementBoard& board() const { return board_; }
  const MemberRecord& self() const { return members_.at(kSelf).record; }
  int health_score() const { return health_.score(); }
  bool joined() const { return joined_; }
  // The largest clock difference to a live member that is surely there: |skew| less half a round
  // trip.
  int64_t SkewMsMax() const;

 private:
  static constexpr int kSelf = 0;

  struct Probe {
    uint32_t seq = 0;
    NodeId target;
    MonoUs sent;
    MonoUs deadline;
    bool indirect = false;  // others have been asked
    bool after_reset = false;
    int nacks_missing = 0;
  };
  // A ping on behalf of somebody else.
  struct Relay {
    uint32_t seq = 0;  // of our ping
    NodeId target;
    NodeId origin;
    uint32_t origin_seq = 0;
    MonoUs nack_at;
    bool nacked = false;
  };

  void Handle(const GossipStart& event);
  void Handle(const GossipReceive& event);
  void Handle(const GossipTick&) {}
  void Handle(const GossipPeerReset& event);
  void Handle(const GossipAnnounce& event);
  void Handle(const GossipAnnounceEpoch& event);
  void Handle(const GossipSetAddress& event);
  void Handle(const GossipLeave& event);
  void Handle(const GossipForget& event);

  // gossip.cc
  void NoticePause();
  void RunTimers();
  MonoUs NextTick() const;
  void Apply(const MemberUpdate& update);
  void ApplyToSelf(const MemberRecord& record);
  void Apply(const Announcement& announcement);
  void Apply(const EpochUpdate& update);
  void SetMember(int index, const MemberRecord& record);
  void ChangeSelf(MemberState state);
  void Queue(const GossipUpdate& update);
  void SendNews();
  void Send(int member, GossipMessage message);
  void Pack(NodeId to, GossipMessage* message);
  int RandomMember(bool live, NodeId but_not);

  // gossip_probe.cc
  void ProbeNext();
  void ShuffleRound();
  void StartProbe(NodeId target, bool after_reset);
  void AskOthers(Probe* probe);
  void GiveUp(const Probe& probe);
  void RunProbes();
  void RunRelays();
  void RunSuspicions();
  void Suspect(int index, NodeId accuser);
  void OnPing(const GossipReceive& event);
  void OnAck(const GossipReceive& event);
  void OnPingReq(const GossipReceive& event);
  void OnNack(const GossipReceive& event);
  void MeasureSkew(const Probe& probe, UnixMs wall);
  void TellOfItself(int member);

  // gossip_sync.cc
  void AskToJoin();
  void SendDigest();
  const NodeAddress* StrangeSeed();
  void ProbeLost();
  void OnDigest(const GossipReceive& event);
  void OnSync(const GossipReceive& event);
  void SendSync(NodeId to, const NodeAddress& address, uint32_t buckets, uint32_t want_buckets);
  Digests AllDigests() const;

  GossipConfig config_;
  Rng rng_;
  MemberTable members_;
  AnnouncementBoard board_;
  BroadcastQueue queue_;
  LocalHealth health_;

  std::vector<NodeAddress> seeds_;
  bool joined_ = false;
  bool leaving_ = false;
  bool left_ = false;

  uint32_t next_seq_ = 1;
  std::vector<NodeId> round_;  // members to probe, from round_next_ on
  size_t round_next_ = 0;
  std::vector<Probe> probes_;
  std::vector<Relay> relays_;
  std::unordered_map<NodeId, Suspicion> suspicions_;
  std::vector<NodeId>
      suspects_;  // the keys, in order of arrival: iteration must not depend on hashing

  // When each periodic duty is due; kNever when it is not.
  static constexpr MonoUs kNever{INT64_MAX};
  MonoUs next_probe_ = kNever;
  MonoUs next_news_ = kNever;
  MonoUs next_sync_ = kNever;
  MonoUs next_lost_probe_ = kNever;
  MonoUs next_join_ = kNever;
  MonoUs promised_tick_ = kNever;

  GossipNow now_;
  GossipOutput* out_ = nullptr;  // of the step in progress
};

}  // namespace torc
