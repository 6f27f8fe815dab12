#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Users that change all the time, clients that are one of them for a while, and what they may do
// then. The default user stays as it is: whoever says AUTH 'default' may do everything again. Users
// are not removed: that would close the connections of both sides at times of their own.
Group AclGroup() {
  static constexpr Rule kRules[] = {
      {12,
       "ACL SETUSER ('u1'|'u2'|'u3') "
       "('on'|'nopass'|'>pw'|'resetpass'|'+@all'|'-@all'|'allkeys'|'resetkeys'|'~s*'|'%R~*'|'%W~*'|"
       "'~[lz]*'|'&*'|'resetchannels'|'+@read'|'-@write'|'+@fast'|'-@dangerous'|'+get'|'-set'|"
       "'+config|get'|'-config|get'|'+select|0'|'+acl'|'clearselectors'|'(~s* +@string)'|'ON')+"},
      Unspoiled(8,
                "ACL SETUSER ('u1'|'u2'|'u3') RESET ON NOPASS "
                "('~*'|'~s*'|'%R~*'|'%W~*'|'(~s* +get +set)')+ '+@all' "
                "('-@write'|'-@read'|'-@hash'|'-set'|'-@fast'|'-config|get'|'&*')*"),
      {3,
       "ACL SETUSER ('u1'|'u4') "
       "('+nosuch'|'+@nosuch'|'-select|1'|'+config|get|x'|'+config|nosuch'|'%~x'|'%RR~x'|'(on)'|"
       "'(+get'|'#abc'|'<none'|'nonsense'|'~*'|'~x'|'&*'|'&x'|'+get|'|'+')+"},
      Unspoiled(16, "AUTH ('u1'|'u2'|'u3') 'pw' ; any ; any ; any ; any ; AUTH 'default' 'x'"),
      Unspoiled(6, "AUTH ('u1'|'u2') 'pw' ; MULTI ; any ; any ; EXEC ; AUTH 'default' 'x'"),
      Unspoiled(4, "AUTH ('u1'|'u2') 'pw' ; MULTI ; any ; any ; any ; EXEC ; ACL WHOAMI ; RESET"),
      {3, "ACL WHOAMI"},
      {1, "ACL USERS"},
      {6, "ACL DRYRUN ('u1'|'u2'|'u3') GET key"},
      {6, "ACL DRYRUN ('u1'|'u2'|'u3') SET key value ('GET'|NX)"},
      {6, "ACL DRYRUN ('u1'|'u2'|'u3') (COPY|RENAME|SINTERSTORE|SMOVE) key key"},
      {4, "ACL DRYRUN ('u1'|'u2'|'u3') (ZUNIONSTORE key 2 key key|LMPOP 2 key key LEFT)"},
      {4, "ACL DRYRUN ('u1'|'u2'|'u3') (BITFIELD key GET 'u8' 0|BITFIELD key SET 'u8' 0 1)"},
      {4, "ACL DRYRUN ('u1'|'u2'|'u3') (CONFIG GET 'x'|CONFIG SET 'x' 'y'|SELECT (0|1))"},
      {4, "ACL DRYRUN ('u1'|'u2'|'u3') (PUBLISH 'x' 'y'|SUBSCRIBE 'x'|PSUBSCRIBE 'x*')"},
      {2, "ACL DRYRUN ('u1'|'nobody') (NOSUCH|GET|CONFIG NOSUCH) value"},
      Unspoiled(1, "ACL (FOO|CAT NOTHING|DELUSER 'default'|DELUSER 'nobody')"),
      Unspoiled(1, "ACL (LOAD|SAVE|GENPASS 0|GENPASS 9999|LOG 'x')"),
  };
  return {"acl", 2, kRules};
}

}  // namespace torc::differential
