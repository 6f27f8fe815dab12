#pragma once

// The strong ids of the cluster's protocols. None of them mixes with another or with a bare
// integer.

#include <cstdint>

#include "base/ids.h"

namespace torc {

// A node's identity: random, kept in its state file. It is not an address: a node may move.
using NodeId = StrongId<struct NodeIdTag, uint64_t>;
// One life of a node's state directory. A node that comes back empty is a new incarnation, because
// what its former life promised (votes, acknowledged entries) is gone.
using Incarnation = StrongId<struct IncarnationTag, uint64_t>;
// What replicates together: one or more partitions, or the topology log.
using GroupId = StrongId<struct GroupIdTag, uint32_t>;
// Number of a reign: at most one primary per group and term.
using Term = StrongCount<struct TermTag, uint64_t>;
// Position in a group's log; the first entry has index 1, 0 means "nothing".
using LogIndex = StrongCount<struct LogIndexTag, uint64_t>;
// Version of the topology; it grows with every change of the topology log.
using Epoch = StrongCount<struct EpochTag, uint64_t>;
// Number of a heartbeat round of one primary in one term.
using Round = StrongCount<struct RoundTag, uint64_t>;
// Number of a write a replica asked its disk for.
using WriteSeq = StrongCount<struct WriteSeqTag, uint64_t>;

// The group that replicates the topology.
inline constexpr GroupId kTopologyGroup{0xffffffffu};

}  // namespace torc
