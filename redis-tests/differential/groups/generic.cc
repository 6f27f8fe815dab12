#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Commands on keys of any type. SET is here so that the group has keys when it runs alone.
Group GenericGroup() {
  static constexpr Rule kRules[] = {
      {40, "SET key value"},
      {60, "DEL key+"},
      {20, "UNLINK key+"},
      {40, "EXISTS key+"},
      {15, "TOUCH key+"},
      {40, "TYPE key"},
      {40, "EXPIRE key ttl_s"},
      {20, "EXPIRE key ttl_s (NX|XX|GT|LT)"},
      {5, "EXPIRE key ttl_s (NX|XX|GT|LT|value)+"},
      {10, "EXPIRE key past [NX|XX|GT|LT]"},
      {30, "PEXPIRE key ttl_ms [NX|XX|GT|LT]"},
      {5, "PEXPIRE key past"},
      {20, "EXPIREAT key at_s [NX|XX|GT|LT]"},
      {5, "EXPIREAT key past_at"},
      {20, "PEXPIREAT key at_ms [NX|XX|GT|LT]"},
      {5, "PEXPIREAT key past_at [NX|XX|GT|LT]"},
      {30, "PERSIST key"},
      {30, "TTL key", Check::kNear, 5},
      {30, "PTTL key", Check::kNear, 5000},
      {20, "EXPIRETIME key", Check::kNear, 5},
      {20, "PEXPIRETIME key", Check::kNear, 5000},
      {30, "RENAME key key"},
      {20, "RENAMENX key key"},
      {5, "RENAME key samekey"},
      {30, "COPY key key [DB db] [REPLACE]"},
      {5, "COPY key samekey [DB db] [REPLACE|value]"},
      {20, "MOVE key db"},
      {40, "OBJECT ENCODING key"},
      {15, "OBJECT REFCOUNT key"},
      {5, "OBJECT FREQ key"},
      {10, "OBJECT IDLETIME key", Check::kNear, 10},
      {1, "OBJECT HELP", Check::kShape},
      {1, "OBJECT FOO key"},
      {15, "KEYS pattern", Check::kUnordered},
      {20, "DBSIZE"},
      {3, "SCAN 0 [MATCH pattern] [COUNT count] [TYPE typename]", Check::kScanWalk},
      {1, "SCAN (value|int)", Check::kScanWalk},
      {4, "RANDOMKEY", Check::kRandomKey},
      {3, "SWAPDB db db"},
      {1, "FLUSHDB [ASYNC|SYNC|value]"},
      {1, "FLUSHALL [ASYNC|SYNC]"},
  };
  return {"generic", 8, kRules};
}

}  // namespace torc::differential
