#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Transactions around the commands of every group that takes part. Pieces of them come in batches
// of their own, so that other clients change what is watched.
Group TransactionGroup() {
  static constexpr Rule kRules[] = {
      Unspoiled(20, "MULTI ; any ; any ; EXEC"),
      Unspoiled(15, "MULTI ; any ; any ; any ; any ; any ; EXEC"),
      Unspoiled(10, "WATCH key+ ; any ; MULTI ; any ; any ; EXEC"),
      Unspoiled(6, "WATCH skey ; MULTI ; APPEND samekey value ; EXEC"),
      Unspoiled(4, "WATCH key+ ; UNWATCH ; MULTI ; any ; EXEC"),
      Unspoiled(4,
                "WATCH skey ;; DEL samekey ;; SET samekey value ;; MULTI ;; GET samekey ;; EXEC"),
      Unspoiled(3,
                "WATCH skey ;; SET samekey value PXAT past_at ;; MULTI ;; GET samekey ;; EXEC ;; "
                "GET samekey"),
      Unspoiled(5, "MULTI ; any ; any ; DISCARD"),
      Unspoiled(3, "MULTI ; any ; NONSENSE value ; any ; EXEC"),
      Unspoiled(2, "MULTI ; SET skey ; any ; EXEC"),
      Unspoiled(2, "MULTI ; MULTI ; any ; WATCH key ; EXEC"),
      Unspoiled(2, "MULTI ;; EXEC"),
      Unspoiled(2, "MULTI ; any ; RESET"),
      Unspoiled(2, "MULTI ; SELECT db ; any ; any ; EXEC"),
      Unspoiled(1, "MULTI ; FLUSHDB ; any ; EXEC"),
      Unspoiled(1, "MULTI ; CLIENT REPLY ON ; PING ; EXEC"),
      Unspoiled(2, "EXEC"),
      Unspoiled(2, "DISCARD"),
      Unspoiled(2, "UNWATCH"),
      {2, "WATCH key*"},
      {1, "(EXEC|DISCARD|UNWATCH) value"},
  };
  return {"transaction", 3, kRules};
}

}  // namespace torc::differential
