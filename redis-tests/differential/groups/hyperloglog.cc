#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// HyperLogLogs, whose bytes are a string's. Nothing here damages them: what Redis then says depends
// on which of its loops meets the damage first.
Group HyperLogLogGroup() {
  static constexpr Rule kRules[] = {
      {60, "PFADD pkey value*"},
      {60, "PFADD pkey int int int int int int int int int int int int"},
      {20, "PFADD pkey member*"},
      {30, "PFCOUNT pkey"},
      {15, "PFCOUNT pkey+"},
      {20, "PFMERGE pkey pkey*"},
      {3, "PFADD key value"},
      {2, "PFCOUNT key+"},
      {2, "PFMERGE key key*"},
      {20, "GET pkey"},
      {8, "STRLEN pkey"},
      {8, "PFDEBUG (ENCODING|DECODE|ENCODING) pkey"},
      {2, "PFDEBUG TODENSE pkey"},
      {1, "PFDEBUG GETREG pkey"},
      {1, "PFDEBUG (value|ENCODING) key"},
      {3, "CONFIG SET HLL-SPARSE-MAX-BYTES (0|20|60|200|3000|16000)"},
      {1, "SET pkey value"},
      {4, "COPY pkey pkey"},
      {4, "OBJECT ENCODING pkey"},
      {3, "DEL pkey"},
  };
  return {"hyperloglog", 4, kRules};
}

}  // namespace torc::differential
