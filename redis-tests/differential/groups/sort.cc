#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// SORT and SORT_RO. Equal weights in alphabetic order, and sets in no order, come as each server
// likes; so alphabetic weights are asked of whole lists only, and sets always
// sorted: a spoiled pattern would name no key. No element has a zero byte: alphabetic
// order sees nothing behind it.
Group SortGroup() {
  static constexpr Rule kRules[] = {
      Unspoiled(20, "RPUSH sortlist sortmember+"),
      Unspoiled(20, "SADD sortset sortmember+"),
      Unspoiled(20, "ZADD sortzset ((1|2|3|'-4'|'2.5'|'inf') sortmember)+"),
      {3, "DEL (sortlist|sortset|sortzset|weightkey|weighthash)"},
      {10, "SET weightkey (int|sortmember)"},
      {10, "HSET weighthash ('f'|'g') (int|sortmember)"},
      {2, "HSET weightkey 'f' int"},
      {20, "(SORT|SORT_RO) (sortlist|sortset|sortzset) [LIMIT index index] [(ASC|DESC)]"},
      {20, "(SORT|SORT_RO) (sortlist|sortset|sortzset) ALPHA [LIMIT index index] [(ASC|DESC)]"},
      Unspoiled(20,
                "(SORT|SORT_RO) (sortlist|sortset|sortzset) BY namepattern [LIMIT index index] "
                "[(ASC|DESC)] "
                "(GET ('#'|namepattern|'const'))*"),
      {10, "(SORT|SORT_RO) sortlist ALPHA BY namepattern [(ASC|DESC)] (GET ('#'|namepattern))*"},
      {10,
       "(SORT|SORT_RO) (sortlist|sortzset) BY 'nosort' [LIMIT index index] [(ASC|DESC)] (GET "
       "('#'|namepattern))*"},
      {10,
       "SORT (sortlist|sortset|sortzset) [BY (namepattern|'nosort')] [LIMIT index index] "
       "[(ASC|DESC)] "
       "(GET ('#'|namepattern))* STORE (sortlist|'sortout')"},
      {5, "SORT (sortlist|sortset|sortzset) ALPHA [(ASC|DESC)] STORE 'sortout'"},
      {5, "LRANGE (sortlist|'sortout') 0 '-1'"},
      {2, "OBJECT ENCODING 'sortout'"},
      {2, "(SORT|SORT_RO) (skey|hkey)"},
      Unspoiled(
          2,
          "COMMAND GETKEYS (SORT|SORT_RO) sortlist [BY namepattern] [STORE 'sortout'] [LIMIT STORE "
          "'a'] [STORE 'b']"),
  };
  return {"sort", 8, kRules};
}

}  // namespace torc::differential
