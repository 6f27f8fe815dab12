#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Commands that wait, where what comes is known: an element is there, the time is short, or a
// transaction lets nothing wait. Who is served when several wait is for tests of their own.
Group BlockingGroup() {
  static constexpr Rule kRules[] = {
      Unspoiled(8, "RPUSH lkey member+ ;; BLPOP samekey 0"),
      Unspoiled(8, "LPUSH lkey member+ ;; BRPOP samekey 0.5"),
      Unspoiled(6, "RPUSH lkey member ;; BRPOPLPUSH samekey lkey 0"),
      Unspoiled(8, "RPUSH lkey member ;; BLMOVE samekey lkey (LEFT|RIGHT) (LEFT|RIGHT) 0"),
      Unspoiled(8, "LPUSH lkey member+ ;; BLMPOP 0 1 samekey (LEFT|RIGHT) [COUNT 2]"),
      Unspoiled(8, "ZADD zkey 1 member ;; BZMPOP 0 1 samekey (MIN|MAX) [COUNT 2]"),
      Unspoiled(2, "BLPOP lkey+ 0.001"),
      Unspoiled(2, "BRPOP key+ 0.002"),
      Unspoiled(1, "BLMOVE key key LEFT RIGHT 0.001"),
      Unspoiled(1, "BZPOPMIN key+ 0.001"),
      Unspoiled(1, "BZMPOP 0.001 2 zkey key MIN"),
      Unspoiled(8,
                "MULTI ; BLPOP key+ 0 ; BRPOP lkey lkey 0 ; BLMOVE lkey key LEFT RIGHT 0 ; EXEC"),
      Unspoiled(8, "MULTI ; BLMPOP 0 2 lkey key RIGHT ; BRPOPLPUSH lkey lkey 0 ; EXEC"),
      Unspoiled(8, "MULTI ; BZPOPMIN zkey key 0 ; BZPOPMAX zkey 0 ; BZMPOP 0 1 key MAX ; EXEC"),
      Unspoiled(2, "(BLPOP|BRPOP|BZPOPMIN|BZPOPMAX) key ('abc'|-1|'nan')"),
      Unspoiled(2, "BLMOVE key key (LEFT|value) (RIGHT|value) (-1|'nan')"),
      Unspoiled(2, "BLMPOP (-1|'nan') (1|0|'abc') key (LEFT|value)"),
      Unspoiled(1, "BLMPOP 0.001 (0|-1|'abc'|9) key (LEFT|UP)"),
      Unspoiled(1, "BZMPOP 0.001 (0|-1|'abc'|9) key (MIN|UP)"),
      {1, "(BLPOP|BRPOP|BZPOPMAX)"},
  };
  return {"blocking", 1, kRules};
}

}  // namespace torc::differential
