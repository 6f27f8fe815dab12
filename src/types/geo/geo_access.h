#pragma once

// What the geo commands have in common: sets of places by key, units, replies.

#include <optional>
#include <string_view>

#include "command/context.h"
#include "types/geo/geo_hash.h"
#include "types/zset/zset.h"

namespace torc {

// A key looked up for a command that reads places.
struct GeoKey {
  bool wrong_type = false;       // already replied
  const Entry* entry = nullptr;  // null: absent
};
GeoKey ReadGeo(CommandContext& context, const KeyRef& key);
std::optional<GeoPoint> PointOf(const Entry& entry, std::string_view member);

// Longitude and latitude; errors are latched.
GeoPoint TakePoint(ArgCursor& args);
// Metres in a unit: m, km, ft, mi.
double TakeUnit(ArgCursor& args);

void ReplyPoint(ReplyWriter& reply, const GeoPoint& point);
// With four decimals.
void ReplyDistance(ReplyWriter& reply, double distance);

}  // namespace torc
