#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// What a server says about itself: mostly by shape.
Group ServerGroup() {
  static constexpr Rule kRules[] = {
      {10, "TIME", Check::kTime},
      Unspoiled(3, "COMMAND COUNT", Check::kShape),
      Unspoiled(6,
                "COMMAND GETKEYS (GET key|MSET (key value)+|DEL key+|SET key value EX "
                "5|PING|NONSENSE key)"),
      Unspoiled(4,
                "COMMAND GETKEYS (BITOP AND key key+|RENAME key key|COPY key key|LCS key "
                "key|SETRANGE key 1 value)"),
      Unspoiled(2, "COMMAND (INFO NONSENSE|FOO|DOCS NONSENSE)"),
      Unspoiled(3,
                "CONFIG GET "
                "('maxmemory'|'databases'|'proto-max-bulk-len'|'maxmemory-policy'|NONSENSE|'[')"),
      Unspoiled(1, "CONFIG SET (NONSENSE|NONSENSE value|PORT)"),
      Unspoiled(2, "CONFIG RESETSTAT"),
      Unspoiled(1, "CONFIG FOO"),
      {5, "MEMORY USAGE key [SAMPLES count]", Check::kShape},
      Unspoiled(1, "MEMORY (FOO|DOCTOR)", Check::kShape),
      Unspoiled(2, "SLOWLOG LEN", Check::kShape),
      Unspoiled(1, "SLOWLOG (GET -2|FOO|RESET)"),
      Unspoiled(1, "LATENCY (LATEST|HISTORY word|RESET word)"),
      {2, "ROLE"},
      {1, "MODULE LIST"},
      Unspoiled(1, "INFO NONSENSE"),
      Unspoiled(2, "INFO [SERVER|CLIENTS|MEMORY|STATS|KEYSPACE]", Check::kShape),
      Unspoiled(1, "LOLWUT", Check::kShape),
      {1, "(NONSENSE|BOGUS value|'') value*"},
  };
  return {"server", 1, kRules};
}

}  // namespace torc::differential
