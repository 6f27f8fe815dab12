#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Blocked and tracking clients, seen from a client that is neither.
Group TrackingGroup() {
  static constexpr Rule kRules[] = {
      {1, "CLIENT CACHING (YES|NO)"},
      Unspoiled(1, "CLIENT UNBLOCK 99999999 [TIMEOUT|ERROR|value]"),
  };
  return {"tracking", 1, kRules};
}

}  // namespace torc::differential
