#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// SPOP takes few members or all: in between Redis builds a new set of what remains, whose encoding
// then differs from that of a set which lost the same members to SREM.
Group SetGroup() {
  static constexpr Rule kRules[] = {
      {50, "SADD ckey member+"},
      {20, "SADD ckey int+"},
      {25, "SREM ckey member+"},
      {15, "SCARD ckey"},
      {15, "SISMEMBER ckey member"},
      {10, "SMISMEMBER ckey member+"},
      {15, "SMEMBERS ckey", Check::kUnordered},
      {10, "SMOVE ckey ckey member"},
      {2, "SPOP ckey", Check::kPop},
      {2, "SPOP ckey (0|1|2|3|4|5|100000|-1)", Check::kPop},
      {2, "SRANDMEMBER ckey", Check::kRandomMember},
      {3, "SRANDMEMBER ckey (count|-1|-7|-30)", Check::kRandomMember},
      {10, "SINTER ckey+", Check::kUnordered},
      {10, "SUNION ckey+", Check::kUnordered},
      {10, "SDIFF ckey+", Check::kUnordered},
      {5, "SINTERSTORE ckey ckey+"},
      {5, "SUNIONSTORE ckey ckey+"},
      {5, "SDIFFSTORE ckey ckey+"},
      {8, "SINTERCARD (1 ckey|2 ckey ckey|3 ckey ckey ckey) [LIMIT count]"},
      {3, "SINTERCARD count ckey+ [LIMIT index|value]"},
      {2, "SSCAN ckey 0 [MATCH pattern] [COUNT count]", Check::kScanWalk},
      {1, "SSCAN ckey (value|int)", Check::kScanWalk},
      {12, "DEL ckey"},
      {5, "OBJECT ENCODING ckey"},
  };
  return {"set", 8, kRules};
}

}  // namespace torc::differential
