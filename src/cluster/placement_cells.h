#pragma once

// Cells: nodes in groups of `copies` to 2 * copies - 1, so that partitions share owners within a
// group only. With owners mixed freely, almost every pair of failing nodes takes some partition's
// quorum; with cells only a pair within one cell does (about 2 % of the pairs of 100 nodes;
// "copysets", Cidon and others, 2013).
//
// The price, with u for what a node holds, three copies and cells of three:
//
// Movement. The goal of 1.1 times the least is the ring's. Here partitions must change cells, with
// all their copies. A cell that gains a node takes over u / 3 partitions: u copies come in, of
// which the newcomer can hold u / 3 only, so it takes 2u / 3 more from its own cell: a join
// moves 1.67 u. A node lost by a cell of three is replaced by one borrowed from a cell of four: u
// copies for the gap, u for the u / 3 partitions that the lender can carry no longer, 2u / 3 for
// those it keeps of what the borrowed node held: a leave moves 2.67 u. Merges and splits cost more.
//
// Load. A cell carries what its lightest nodes and its smallest zone can. Loads are even as long as
// cells are of like nodes; after changes of weight, or joins in some zones only, some cells have
// capacity that cannot be used, and others carry more than their share.

#include <span>
#include <vector>

#include "cluster/placement_shares.h"

namespace torc {

// A cell: indexes of nodes, ascending.
using Cell = std::vector<int>;

// Cells for `nodes` with the least change from `previous` (of which departed nodes were left out
// already): a newcomer joins the fullest cell among those with fewest nodes of its zone and most
// like it in weight, and a cell that reaches 2 * copies splits; one that falls below `copies`
// borrows a node, or is merged with the smallest. With fewer than 2 * copies nodes there is one
// cell.
std::vector<Cell> FormCells(std::span<const ShareNode> nodes, int copies,
                            std::vector<Cell> previous);

// The number of partitions a cell can carry relative to others, in units of weight: so many that,
// dealt fairly over its nodes and zones, none of them holds more than its weight.
double CellWeight(std::span<const ShareNode> nodes, const Cell& cell, int copies);

}  // namespace torc
