#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Values as bytes, and what a client may ask about snapshots and replicas without making any.
Group DurabilityGroup() {
  static constexpr Rule kRules[] = {
      Unspoiled(3, "LASTSAVE", Check::kShape),
      {3, "DUMP key", Check::kShape},
      {2, "RESTORE key (0|ttl_ms|past) value [REPLACE] [ABSTTL] [IDLETIME count] [FREQ count]"},
      Unspoiled(1, "WAIT 0 (0|10)"),
  };
  return {"durability", 1, kRules};
}

}  // namespace torc::differential
