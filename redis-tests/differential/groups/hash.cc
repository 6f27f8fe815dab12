#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

Group HashGroup() {
  static constexpr Rule kRules[] = {
      {50, "HSET hkey (field value)+"},
      {10, "HSETNX hkey field value"},
      {10, "HMSET hkey (field value)+"},
      {30, "HGET hkey field"},
      {15, "HMGET hkey field+"},
      {15, "HGETALL hkey", Check::kUnorderedPairs},
      {8, "HKEYS hkey", Check::kUnordered},
      {8, "HVALS hkey", Check::kUnordered},
      {15, "HLEN hkey"},
      {10, "HEXISTS hkey field"},
      {20, "HDEL hkey field+"},
      {20, "HINCRBY hkey field int"},
      {15, "HINCRBYFLOAT hkey field float"},
      {10, "HSTRLEN hkey field"},
      {2, "HSCAN hkey 0 [MATCH pattern] [COUNT count]", Check::kScanWalk},
      {1, "HSCAN hkey (value|int) [COUNT count]", Check::kScanWalk},
      {2, "HRANDFIELD hkey", Check::kRandomMember},
      {3, "HRANDFIELD hkey (count|-1|-7|-30) [WITHVALUES]", Check::kRandomMember},
      {3, "DEL hkey"},
      {5, "OBJECT ENCODING hkey"},
  };
  return {"hash", 8, kRules};
}

}  // namespace torc::differential
