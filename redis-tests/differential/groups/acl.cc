#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// What a client may ask about users without changing any.
Group AclGroup() {
  static constexpr Rule kRules[] = {
      {3, "ACL WHOAMI"},
      {1, "ACL USERS"},
      Unspoiled(1, "ACL (FOO|CAT NOTHING)"),
  };
  return {"acl", 1, kRules};
}

}  // namespace torc::differential
