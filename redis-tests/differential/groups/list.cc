#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// LSET's index stays within 32 bits: Redis 7.2 cuts a larger one off in a small list.
Group ListGroup() {
  static constexpr Rule kRules[] = {
      {40, "LPUSH lkey member+"},
      {40, "RPUSH lkey member+"},
      {5, "(LPUSHX|RPUSHX) lkey member+"},
      {15, "LPOP lkey [count]"},
      {15, "RPOP lkey [count]"},
      {15, "LLEN lkey"},
      {20, "LINDEX lkey index"},
      Unspoiled(15, "LSET lkey smallindex member"),
      {15, "LINSERT lkey (BEFORE|AFTER) member member"},
      {30, "LRANGE lkey index index"},
      {4, "LTRIM lkey index index"},
      {10, "LREM lkey index member"},
      {15, "LPOS lkey member [RANK index] [COUNT count] [MAXLEN count]"},
      {3, "LPOS lkey member (RANK index|COUNT index|MAXLEN index|value)*"},
      {10, "LMOVE lkey lkey (LEFT|RIGHT) (LEFT|RIGHT)"},
      {5, "LMOVE lkey samekey (LEFT|RIGHT) (LEFT|RIGHT|value)"},
      {8, "RPOPLPUSH lkey lkey"},
      {8, "LMPOP (1 lkey|2 lkey lkey|3 lkey lkey lkey) (LEFT|RIGHT) [COUNT count]"},
      {3, "LMPOP count lkey+ (LEFT|RIGHT) [COUNT index|value]"},
      {3, "DEL lkey"},
      {5, "OBJECT ENCODING lkey"},
  };
  return {"list", 8, kRules};
}

}  // namespace torc::differential
