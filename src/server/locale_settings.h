#pragma once

// locale-collate: the order of letters in which SORT ALPHA sorts.

#include <string>

#include "torc/status.h"

namespace torc {

// Makes it the order of the whole process; empty: what the environment says. No other thread may
// sort meanwhile.
Status UseCollation(const std::string& locale);

}  // namespace torc
