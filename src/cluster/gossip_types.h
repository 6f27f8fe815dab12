#pragma once

// The words of gossip: what nodes tell each other and in which messages. The protocol is in
// gossip.h, the bytes are in gossip_codec.h and FORMAT.md.

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "cluster/ids.h"

namespace torc {

inline constexpr size_t kHostBytesMax = 63;

// Where a node is reached. It may change; the node stays the same.
struct NodeAddress {
  std::string host;       // an IP address or a name, at most kHostBytesMax bytes
  uint16_t bus_port = 0;  // gossip and replication
  uint16_t port = 0;      // clients, 0: none
  uint16_t tls_port = 0;  // clients over TLS, 0: none
  bool operator==(const NodeAddress&) const = default;
};

// In order of precedence: of two statements about the same life and version, the later state wins.
enum class MemberState : uint8_t { kAlive = 0, kSuspect = 1, kDead = 2, kLeft = 3 };

// One statement about one node. Newer is the higher (incarnation, version), then the later state.
// Only the node itself raises its version: to refute a suspicion, to tell a new address, to leave.
struct MemberRecord {
  NodeId id{};
  Incarnation incarnation{};
  uint32_t version = 0;
  MemberState state = MemberState::kAlive;
  NodeAddress address{};
  bool operator==(const MemberRecord&) const = default;
};

// A record on its way, and who says so: a suspicion counts once for each accuser.
struct MemberUpdate {
  MemberRecord record{};
  NodeId accuser{};
  bool operator==(const MemberUpdate&) const = default;
};

// Version of a group's configuration, within its term.
using ConfigVersion = StrongCount<struct ConfigVersionTag, uint64_t>;

// "I lead this partition": the highest (term, version) wins, for every routing table.
struct Announcement {
  PartitionId partition;
  Term term;
  ConfigVersion version;
  NodeId primary;
  bool operator==(const Announcement&) const = default;
};

// The newest topology epoch that somebody has applied, and who, to fetch it from.
struct EpochUpdate {
  Epoch epoch;
  NodeId holder;
  bool operator==(const EpochUpdate&) const = default;
};

using GossipUpdate = std::variant<MemberUpdate, Announcement, EpochUpdate>;

// All that nodes know is spread over this many buckets, each with a digest, so that two nodes find
// what they know differently in one exchange.
inline constexpr size_t kDigestBuckets = 32;
using Digests = std::array<uint64_t, kDigestBuckets>;

enum class GossipKind : uint8_t {
  kPing = 1,     // are you there?
  kAck = 2,      // yes; or, relayed, `target` is
  kPingReq = 3,  // please ping `target` for me
  kNack = 4,     // I pinged `target` for you and have heard nothing yet
  kNews = 5,     // updates only
  kJoin = 6,     // I am new here: tell me everything
  kDigest = 7,   // this is what I know, in digests
  kSync = 8,     // updates of the buckets in which we differ; answer with yours of `want_buckets`
};

struct GossipMessage {
  GossipKind kind = GossipKind::kNews;
  uint32_t seq = 0;           // ping, ack, pingreq, nack: the prober's number of the probe
  NodeId target{};            // pingreq, nack, relayed ack: the node probed; else 0
  UnixMs wall{};              // ping, ack: the sender's clock
  uint32_t want_buckets = 0;  // sync: one bit per bucket
  Digests digests{};          // digest
  std::vector<GossipUpdate> updates{};
  bool operator==(const GossipMessage&) const = default;
};

// The bytes of a whole message, at most; with its frame it stays below an Ethernet packet.
inline constexpr size_t kGossipBytesMax = 1280;
// Updates of one message, at most. (The smallest take 4 bytes.)
inline constexpr size_t kGossipUpdatesMax = 320;

struct GossipConfig {
  int64_t probe_interval_us = 100'000;  // a new probe starts this often
  int64_t probe_timeout_us = 60'000;    // without ack after this, others are asked
  int64_t indirect_timeout_us = 100'000;
  int indirect_probes = 3;
  int64_t news_interval_us = 50'000;  // while there is news, it is sent this often …
  int news_fanout = 3;                // … to this many
  int retransmit_factor = 4;          // an update is sent this * (1 + ceil(log10(nodes + 1))) times
  int64_t suspicion_min_us = 300'000;    // for one node; + 80 ms for each factor of ten nodes
  int64_t suspicion_spread = 3;          // without confirmations it lasts this much longer
  int confirmations = 3;                 // that bring it down to the minimum
  int64_t reset_suspicion_us = 150'000;  // after a connection was reset
  int64_t reset_probe_timeout_us = 40'000;
  int64_t sync_interval_us = 10'000'000;
  int64_t lost_probe_interval_us = 2'000'000;  // a dead member is tried this often
  int64_t join_interval_us = 300'000;
  int health_max = 8;  // of the local health multiplier
  int members_max = 4096;
  int partition_count = 1024;
};

}  // namespace torc
