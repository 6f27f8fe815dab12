#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

void AddSicily(EngineHarness& engine) {
  CHECK(engine.Run("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania") == "2");
}

TEST_CASE("places are added, found, measured and named") {
  EngineHarness engine;
  AddSicily(engine);
  CHECK(engine.Run("ZSCORE g Palermo") == "\"3479099956230698\"");
  CHECK(engine.Run("GEODIST g Palermo Catania") == "\"166274.1516\"");
  CHECK(engine.Run("GEODIST g Palermo Catania km") == "\"166.2742\"");
  CHECK(engine.Run("GEODIST g Palermo nowhere") == "(nil)");
  CHECK(engine.Run("GEODIST g Palermo Catania yd") ==
        "(error) ERR unsupported unit provided. please use M, KM, FT, MI");
  CHECK(engine.Run("GEOHASH g Palermo x") == R"(["sqc8b49rny0", (nil)])");
  CHECK(engine.Run("GEOPOS g Palermo x") ==
        R"([["13.36138933897018433", "38.11555639549629859"], (nil)])");
  CHECK(engine.Run("GEOADD g 200 0 a") ==
        "(error) ERR invalid longitude,latitude pair 200.000000,0.000000");
  CHECK(engine.Run("GEOADD g NX XX 1 1 a") == "(error) ERR syntax error");
  CHECK(engine.Run("GEOADD g CH XX 13.4 38.1 Palermo") == "1");
}

TEST_CASE("members within a circle or a box are found and stored") {
  EngineHarness engine;
  AddSicily(engine);
  engine.Run("GEOADD g 12.758489 38.788135 edge1 17.241510 38.788135 edge2");
  CHECK(engine.Run("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km ASC") ==
        R"(["Catania", "Palermo"])");
  CHECK(engine.Run("GEOSEARCH g FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHDIST COUNT 3") ==
        R"([["Catania", "56.4413"], ["Palermo", "190.4424"], ["edge2", "279.7403"]])");
  CHECK(engine.Run("GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 m WITHHASH") ==
        R"([["Palermo", 3479099956230698]])");
  CHECK(engine.Run("GEORADIUS g 15 37 200 km DESC") == R"(["Palermo", "Catania"])");
  CHECK(engine.Run("GEORADIUSBYMEMBER_RO g Catania 1 km") == R"(["Catania"])");
  CHECK(engine.Run("GEOSEARCHSTORE out g FROMLONLAT 15 37 BYRADIUS 200 km STOREDIST") == "2");
  CHECK(engine.Run("ZRANGE out 0 -1") == R"(["Catania", "Palermo"])");
  CHECK(engine.Run("GEORADIUS g 15 37 1 m STORE out") == "0");
  CHECK(engine.Run("EXISTS out") == "0");
}

TEST_CASE("wrong questions are answered in Redis's words") {
  EngineHarness engine;
  AddSicily(engine);
  CHECK(engine.Run("GEOSEARCH g BYRADIUS 1 m ASC ASC ASC") ==
        "(error) ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH");
  CHECK(engine.Run("GEOSEARCH g FROMLONLAT 1 1 ASC ASC ASC") ==
        "(error) ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH");
  CHECK(engine.Run("GEOSEARCH g FROMMEMBER x BYRADIUS 1 m") ==
        "(error) ERR could not decode requested zset member");
  CHECK(engine.Run("GEOSEARCH g FROMLONLAT 1 1 BYRADIUS -1 m") ==
        "(error) ERR radius cannot be negative");
  CHECK(engine.Run("GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m ANY") ==
        "(error) ERR the ANY argument requires COUNT argument");
  CHECK(engine.Run("GEORADIUS g 1 1 1 m COUNT 0") == "(error) ERR COUNT must be > 0");
  CHECK(engine.Run("GEORADIUS_RO g 1 1 1 m STORE x") == "(error) ERR syntax error");
  CHECK(engine.Run("GEORADIUS g 1 1 1 m STORE x WITHDIST") ==
        "(error) ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and "
        "WITHCOORD options");
  CHECK(engine.Run("GEOSEARCH none FROMMEMBER x BYRADIUS 1 m") == "[]");
  CHECK(engine.Run("GEORADIUSBYMEMBER none x y z") == "[]");
  engine.Run("SET s v");
  CHECK(engine.Run("GEOPOS s a") ==
        "(error) WRONGTYPE Operation against a key holding the wrong kind of value");
}

}  // namespace
}  // namespace torc
