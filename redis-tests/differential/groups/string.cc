#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Strings. SET with a time that is already past leaves a key that only the next access removes; the
// GET behind it is that access, so that key counts never depend on when a server looked.
Group StringGroup() {
  static constexpr Rule kRules[] = {
      {80, "SET skey value"},
      {20, "SET ikey int"},
      {40, "SET skey value [EX ttl_s|PX ttl_ms|EXAT at_s|PXAT at_ms|KEEPTTL] [NX|XX] [GET]"},
      {10,
       "SET key value (NX|XX|GET|KEEPTTL|EX ttl_s|PX ttl_ms|EXAT at_s|PXAT at_ms|EX past|PX "
       "past|value)*"},
      Unspoiled(3, "SET skey value (EXAT|PXAT) past_at [NX|XX|GET] ;; GET samekey"),
      {60, "GET skey"},
      {10, "GET key"},
      {15, "SETNX skey value"},
      {10, "SETEX skey ttl_s value"},
      {3, "SETEX skey past value"},
      {10, "PSETEX skey ttl_ms value"},
      {15, "GETSET skey value"},
      {10, "GETDEL skey"},
      {20, "GETEX skey [EX ttl_s|PX ttl_ms|EXAT at_s|PXAT at_ms|PERSIST]"},
      {3, "GETEX skey (EX past|EXAT past_at|PXAT past_at|PERSIST PERSIST|EX ttl_s PERSIST|value)"},
      {20, "MSET (key value)+"},
      {20, "MSET (skey value)+"},
      {15, "MSETNX (skey value)+"},
      {25, "MGET key+"},
      {20, "APPEND skey value"},
      {20, "STRLEN skey"},
      {25, "GETRANGE skey index index"},
      {5, "SUBSTR skey index index"},
      {20, "SETRANGE skey (0|1|5|count|index) value"},
      {30, "INCR ikey"},
      {15, "DECR ikey"},
      {30, "INCRBY ikey int"},
      {20, "DECRBY ikey int"},
      {30, "INCRBYFLOAT ikey float"},
      {5, "INCRBYFLOAT skey float"},
      {8, "SET qkey shorttext"},
      {6, "LCS qkey qkey [LEN|IDX]"},
      {6, "LCS qkey qkey (LEN|IDX|WITHMATCHLEN|MINMATCHLEN count|value)*"},
  };
  return {"string", 10, kRules};
}

}  // namespace torc::differential
