#include "types/geo/geo_access.h"

#include <string>

#include "base/text.h"
#include "command/value_type.h"

namespace torc {

GeoKey ReadGeo(CommandContext& context, const KeyRef& key) {
  const Entry* entry = context.Read(key);
  if (RefuseOtherType(context, entry, ValueType::kSortedSet)) return {.wrong_type = true};
  return {.entry = entry};
}

std::optional<GeoPoint> PointOf(const Entry& entry, std::string_view member) {
  const auto score = ZsetView(entry).Score(member);
  if (!score) return std::nullopt;
  return PointOfScore(*score);
}

GeoPoint TakePoint(ArgCursor& args) {
  GeoPoint point;
  point.longitude = args.Double();
  point.latitude = args.Double();
  if (args.ok() && !IsGeoPoint(point)) {
    args.Fail(Format("ERR invalid longitude,latitude pair %f,%f", point.longitude, point.latitude));
  }
  return point;
}

double TakeUnit(ArgCursor& args) {
  if (args.Take("m")) return 1;
  if (args.Take("km")) return 1000;
  if (args.Take("ft")) return 0.3048;
  if (args.Take("mi")) return 1609.34;
  args.Fail("ERR unsupported unit provided. please use M, KM, FT, MI");
  return 1;
}

void ReplyPoint(ReplyWriter& reply, const GeoPoint& point) {
  reply.Array(2);
  for (const double degrees : {point.longitude, point.latitude}) {
    const std::string text = FormatLongDouble(degrees);
    if (reply.protocol() == 2) {
      reply.Bulk(text);
    } else {
      reply.Raw("," + text + "\r\n");
    }
  }
}

void ReplyDistance(ReplyWriter& reply, double distance) {
  reply.Bulk(Format("%.4f", distance));
}

}  // namespace torc
