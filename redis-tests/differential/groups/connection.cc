#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// What a client says about its own connection. HELLO is never spoiled: a HELLO that fails half-way
// left its first half standing before Redis 7.2, and the two sides would speak different protocols
// from then on. AUTH goes alone: Redis 7.2 loses its refusal when replies to earlier commands of
// the pipeline wait to be sent.
Group ConnectionGroup() {
  static constexpr Rule kRules[] = {
      {20, "PING"},
      {10, "PING value"},
      {10, "ECHO value"},
      {25, "SELECT db"},
      Unspoiled(2, "HELLO", Check::kHello),
      Unspoiled(4, "HELLO (2|3)", Check::kHello),
      Unspoiled(2, "HELLO (2|3) SETNAME ('foo-1'|'bar')", Check::kHello),
      Unspoiled(2, "HELLO (2|3) AUTH 'default' value", Check::kHello),
      Unspoiled(1, "HELLO (1|4|0|-1|'abc')"),
      {2, "AUTH value", Check::kAlone},
      {1, "AUTH 'default' value", Check::kAlone},
      {2, "AUTH 'nobody' value", Check::kAlone},
      {10, "CLIENT GETNAME"},
      {8, "CLIENT SETNAME word"},
      {5, "CLIENT ID", Check::kShape},
      {3, "CLIENT NO-EVICT (ON|OFF|value)"},
      Unspoiled(4, "CLIENT REPLY ON"),
      Unspoiled(4, "CLIENT REPLY SKIP ;; PING ;; ECHO value"),
      Unspoiled(4,
                "CLIENT REPLY OFF ;; SET skey value ;; GET samekey ;; NONSENSE ;; CLIENT REPLY ON"),
      Unspoiled(2, "CLIENT REPLY SKIP ;; CLIENT REPLY SKIP ;; ECHO value ;; PING"),
      Unspoiled(1, "CLIENT REPLY MAYBE"),
      {2, "CLIENT GETREDIR"},
      {2, "CLIENT TRACKINGINFO"},
      {1, "CLIENT UNPAUSE"},
      {2, "CLIENT INFO", Check::kShape},
      {2, "CLIENT LIST", Check::kShape},
      Unspoiled(1, "CLIENT LIST ID 99999999 99999998"),
      {1, "CLIENT LIST TYPE (NORMAL|PUBSUB|NOTYPE)", Check::kShape},
      Unspoiled(1, "CLIENT KILL ID 99999999"),
      Unspoiled(1, "CLIENT KILL 1.2.3.4:5"),
      {1, "CLIENT HELP", Check::kShape},
      {1, "CLIENT (FOO|BAR value)"},
      {2, "RESET"},
      {1, "READONLY"},
      {1, "READWRITE"},
      {1, "ASKING"},
  };
  return {"connection", 2, kRules};
}

}  // namespace torc::differential
