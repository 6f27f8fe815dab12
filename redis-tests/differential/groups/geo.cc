#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Places. ZADD makes members whose scores were never meant as places.
Group GeoGroup() {
  static constexpr Rule kRules[] = {
      {40, "GEOADD gkey (longitude latitude member)+"},
      {8, "GEOADD gkey (NX|XX|CH|XX CH|NX CH|NX XX) (longitude latitude member)+"},
      {2, "ZADD gkey score member"},
      {3, "ZADD gkey int member"},
      {8, "ZREM gkey member+"},
      {15, "ZSCORE gkey member"},
      {15, "GEOPOS gkey member*"},
      {15, "GEOHASH gkey member*"},
      {20, "GEODIST gkey member member [(M|KM|FT|MI|value)]"},
      {25,
       "GEOSEARCH gkey (FROMMEMBER member|FROMLONLAT longitude latitude) (BYRADIUS metres "
       "(M|KM|FT|MI)|BYBOX metres metres (M|KM|FT|MI)) [WITHDIST] [WITHHASH] [WITHCOORD]"},
      {15,
       "GEOSEARCH gkey (FROMMEMBER member|FROMLONLAT longitude latitude) (BYRADIUS metres "
       "(M|KM)|BYBOX metres metres (M|KM)) (ASC|DESC) [WITHDIST]"},
      {6,
       "GEOSEARCH gkey FROMLONLAT longitude latitude BYRADIUS metres KM COUNT count ANY "
       "[WITHHASH]"},
      {6,
       "GEOSEARCHSTORE gkey gkey FROMLONLAT longitude latitude BYRADIUS metres (M|KM) "
       "[STOREDIST]"},
      {10,
       "(GEORADIUS|GEORADIUS_RO) gkey longitude latitude metres (M|KM|FT|MI) [WITHDIST] [WITHHASH] "
       "[WITHCOORD] [(ASC|DESC)]"},
      {10,
       "(GEORADIUSBYMEMBER|GEORADIUSBYMEMBER_RO) gkey member metres (M|KM) [WITHDIST] "
       "[(ASC|DESC)]"},
      {4, "GEORADIUS gkey longitude latitude metres KM (STORE|STOREDIST) gkey"},
      {3, "DEL gkey"},
      {4, "OBJECT ENCODING gkey"},
  };
  return {"geo", 8, kRules};
}

}  // namespace torc::differential
