#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Strings as bits.
Group BitmapGroup() {
  static constexpr Rule kRules[] = {
      {30, "SETBIT bkey bitoffset (0|1)"},
      {2, "SETBIT bkey bitoffset (2|-1|value)"},
      {5, "SETBIT skey bitoffset (0|1)"},
      {20, "GETBIT bkey bitoffset"},
      {5, "GETBIT key bitoffset"},
      {15, "BITCOUNT bkey"},
      {20, "BITCOUNT bkey index index [BYTE|BIT]"},
      {2, "BITCOUNT bkey index index value"},
      {10, "BITPOS bkey (0|1)"},
      {20, "BITPOS bkey (0|1) index [index [BYTE|BIT]]"},
      {2, "BITPOS bkey (2|value) index index value"},
      {20, "BITOP (AND|OR|XOR) bkey bkey+"},
      {8, "BITOP NOT bkey bkey"},
      {4, "BITOP (AND|OR|XOR|NOT|NAND) key key+"},
      {20,
       "BITFIELD bkey (GET bftype bfoffset|SET bftype bfoffset int|INCRBY bftype bfoffset int)+"},
      {15,
       "BITFIELD bkey (OVERFLOW (WRAP|SAT|FAIL) (SET bftype bfoffset int|INCRBY bftype bfoffset "
       "int))+"},
      {2, "BITFIELD bkey (OVERFLOW (FAIL|value)|GET bftype bfoffset|value)*"},
      {8, "BITFIELD_RO bkey (GET bftype bfoffset)*"},
      {1, "BITFIELD_RO bkey SET bftype bfoffset int"},
      {10, "SET bkey value"},
      {6, "GET bkey"},
      {4, "STRLEN bkey"},
      {4, "DEL bkey"},
  };
  return {"bitmap", 6, kRules};
}

}  // namespace torc::differential
