#pragma once

namespace torc {

class CommandRegistry;

void RegisterGeoPlaceCommands(CommandRegistry& registry);   // GEOADD, GEOPOS, GEODIST, GEOHASH
void RegisterGeoSearchCommands(CommandRegistry& registry);  // GEOSEARCH, GEORADIUS and kin

inline void RegisterGeoCommands(CommandRegistry& registry) {
  RegisterGeoPlaceCommands(registry);
  RegisterGeoSearchCommands(registry);
}

}  // namespace torc
