#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Sorted sets. ZRANK gets no argument too many: 7.2 knows a fourth one, 7.0 does not, and inside
// MULTI that decides whether EXEC runs. Ranges by lex are asked of sets with mixed scores too:
// unspecified there in words, but the walk that both servers do from the first member in range
// gives one answer, and clients have come to see it.
Group ZsetGroup() {
  static constexpr Rule kRules[] = {
      {60, "ZADD zkey (score member)+"},
      {15, "ZADD zkey (NX|XX|GT|LT|CH|XX GT CH|XX LT CH|NX CH) (score member)+"},
      {5, "ZADD zkey INCR score member"},
      {4, "ZADD zkey (NX|XX|GT|LT|CH|INCR)+ (score member)+"},
      Unspoiled(20, "ZADD ykey (0 member)+"),
      {6, "ZREM ykey member+"},
      {20, "ZINCRBY zkey score member"},
      {20, "ZREM zkey member+"},
      {15, "ZCARD zkey"},
      {15, "ZSCORE zkey member"},
      {10, "ZMSCORE zkey member+"},
      Unspoiled(10, "ZRANK zkey member"),
      Unspoiled(10, "ZREVRANK zkey member"),
      {15, "ZCOUNT zkey scorebound scorebound"},
      {8, "ZLEXCOUNT ykey lexbound lexbound"},
      {25, "ZRANGE zkey index index [REV] [WITHSCORES]"},
      {15, "ZRANGE zkey scorebound scorebound BYSCORE [REV] [LIMIT index index] [WITHSCORES]"},
      {8, "ZRANGE ykey lexbound lexbound BYLEX [REV] [LIMIT index index]"},
      {4, "ZRANGE zkey index index (BYSCORE|REV|WITHSCORES|LIMIT index index|value)*"},
      {8, "ZREVRANGE zkey index index [WITHSCORES]"},
      {8, "ZRANGEBYSCORE zkey scorebound scorebound [WITHSCORES] [LIMIT index index]"},
      {8, "ZREVRANGEBYSCORE zkey scorebound scorebound [WITHSCORES] [LIMIT index index]"},
      {5, "ZRANGEBYLEX ykey lexbound lexbound [LIMIT index index]"},
      {5, "ZREVRANGEBYLEX ykey lexbound lexbound [LIMIT index index]"},
      {6, "ZRANGESTORE zkey zkey index index [REV]"},
      {4, "ZRANGESTORE zkey zkey scorebound scorebound BYSCORE [REV] [LIMIT index index]"},
      {2, "ZRANGESTORE zkey ykey lexbound lexbound BYLEX [REV] [LIMIT index index]"},
      {4, "ZREMRANGEBYRANK zkey index index"},
      {4, "ZREMRANGEBYSCORE zkey scorebound scorebound"},
      {3, "ZREMRANGEBYLEX ykey lexbound lexbound"},
      {8, "ZPOPMIN zkey [count]"},
      {8, "ZPOPMAX zkey [count]"},
      {6, "ZMPOP (1 zkey|2 zkey zkey|3 zkey zkey zkey) (MIN|MAX) [COUNT count]"},
      {2, "ZMPOP count zkey+ (MIN|MAX) [COUNT index|value]"},
      {10,
       "(ZUNION|ZINTER) 2 (zkey|ckey) zkey [WEIGHTS score score] [AGGREGATE (SUM|MIN|MAX)] "
       "[WITHSCORES]"},
      {5,
       "(ZUNION|ZINTER) 3 zkey (zkey|ckey) zkey [WEIGHTS score score score] [AGGREGATE "
       "(SUM|MIN|MAX)] [WITHSCORES]"},
      {3,
       "(ZUNION|ZINTER|ZDIFF) count zkey+ [WEIGHTS score+] [AGGREGATE (SUM|value)] [WITHSCORES]"},
      {5,
       "(ZUNIONSTORE|ZINTERSTORE) zkey 2 zkey (zkey|ckey) [WEIGHTS score score] [AGGREGATE "
       "(SUM|MIN|MAX)]"},
      {2, "(ZUNIONSTORE|ZINTERSTORE|ZDIFFSTORE) zkey count zkey+ [WEIGHTS score+]"},
      {6, "ZDIFF 2 zkey (zkey|ckey) [WITHSCORES]"},
      {4, "ZDIFFSTORE zkey (1 zkey|2 zkey zkey|3 zkey zkey ckey)"},
      {5, "ZINTERCARD (1 zkey|2 zkey ckey|3 zkey zkey zkey) [LIMIT count]"},
      {2, "ZSCAN zkey 0 [MATCH pattern] [COUNT count]", Check::kScanWalk},
      {2, "ZRANDMEMBER zkey", Check::kRandomMember},
      {3, "ZRANDMEMBER zkey (count|-1|-7|-30) [WITHSCORES]", Check::kRandomMember},
      {4, "DEL zkey"},
      {6, "OBJECT ENCODING zkey"},
  };
  return {"zset", 10, kRules};
}

}  // namespace torc::differential
