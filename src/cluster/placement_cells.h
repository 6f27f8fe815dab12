#pragma once

// Cells: nodes in groups of `copies` to 2 * copies - 1, so that partitions share owners within a
// group only. With owners mixed freely, almost every pair of failing nodes takes some partition's
// quorum; with cells only a pair within one cell does (about 2 % of the pairs of 100 nodes;
// "copysets", Cidon and others, 2013). The price is coarser balance and more movement when a cell
// splits or dissolves.

#include <span>
#include <vector>

#include "cluster/placement_shares.h"

namespace torc {

// A cell: indexes of nodes, ascending.
using Cell = std::vector<int>;

// Cells for `nodes` with the least change from `previous` (of which departed nodes were left out
// already): a newcomer joins the fullest cell that has no node of its zone, or else has fewest of
// them, and a cell that reaches 2 * copies splits; one that falls below `copies` borrows a node, or
// is merged with the smallest. With fewer than 2 * copies nodes there is one cell.
std::vector<Cell> FormCells(std::span<const ShareNode> nodes, int copies,
                            std::vector<Cell> previous);

// The number of partitions a cell can carry relative to others, in units of weight: the largest x
// for which its nodes can hold `copies` copies of x, none of them more than its weight or more than
// x.
double CellWeight(std::span<const ShareNode> nodes, const Cell& cell, int copies);

}  // namespace torc
