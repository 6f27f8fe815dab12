#pragma once

// Strict serializability of transactions over lists, after Elle (Kingsbury and Alvaro, 2020).
// Elements are unique, so a list that was read tells the order of its appends, and with it who
// depends on whom:
//   ww  T2 appended right after T1       wr  T2 read T1's append       rw  T1 did not yet see T2's
//   append rt  T1 had ended when T2 was called
// A cycle is an anomaly: G0 (only ww), G1c (ww and wr), G-single (one rw), G2 (more). Read apart
// from cycles: G1a (an append without effect was seen), G1b (an intermediate state was seen), an
// element twice, orders that disagree, an acknowledged append that a later read misses.

#include "sim/history.h"

namespace torc::sim {

// Looks at list accesses only; every operation is one transaction.
Verdict CheckListAppend(const History& history);

}  // namespace torc::sim
