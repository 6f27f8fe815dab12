#pragma once

// How many copies each node should hold: the fair share that every cap and every measure refers to.
//
// Copies go in proportion to weight, within what is possible: a node holds a partition at most
// once, and a zone at most `zone_copies_max` copies of it. Where a node or a zone would get more
// than it can hold, it gets all it can and the rest is spread over the others, again by weight
// (water-filling). Shares that keep these limits can always be realised exactly: lay the nodes,
// zone by zone, on a line in lengths of their shares and let partition p take the nodes at p, p +
// P, p + 2P …; no node and no zone is met too often.

#include <cstdint>
#include <span>
#include <vector>

namespace torc {

struct ShareNode {
  uint32_t weight = 0;  // > 0
  int zone = 0;         // dense index from 0
};

// The most copies of one partition that a zone must hold, so that every partition finds `copies`
// nodes: one while there are zones enough. Needs at least `copies` nodes.
int ZoneCopiesMax(std::span<const ShareNode> nodes, int copies);

// Each node's share of `copies` * `partition_count` copies, a real number. O(n^2) at worst.
std::vector<double> FairShares(std::span<const ShareNode> nodes, int copies, int zone_copies_max,
                               int partition_count);

// The largest load that counts as balanced at a share: max(1.05 * share, share rounded up).
int LoadMax(double share);

// The largest number of copies a node is given at a share of copies: LoadMax, but no more than
// `copies` times the LoadMax of primaries. Then no set of nodes holds more partitions among itself
// than it may lead, and a balanced choice of primaries exists whatever the copies look like (Hall's
// condition).
int CopiesMax(double share, int copies);

}  // namespace torc
