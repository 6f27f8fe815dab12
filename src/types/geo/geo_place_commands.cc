// GEOADD, GEOPOS, GEODIST, GEOHASH.

#include <string>
#include <vector>

#include "base/text.h"
#include "resp/errors.h"
#include "types/geo/geo_access.h"
#include "types/geo/geo_commands.h"

namespace torc {
namespace {

// A place is a member with a score, so this is a ZADD, and replayed as one.
void Geoadd(CommandContext& context, ArgCursor args) {
  std::vector<std::string> form = {"ZADD", std::string(args.Key())};
  bool only_new = false;
  bool only_present = false;
  for (;;) {
    if (args.Take("NX")) {
      only_new = true;
      form.emplace_back("NX");
    } else if (args.Take("XX")) {
      only_present = true;
      form.emplace_back("XX");
    } else if (args.Take("CH")) {
      form.emplace_back("CH");
    } else {
      break;
    }
  }
  if (args.remaining() % 3 != 0 || args.AtEnd() || (only_new && only_present)) {
    return context.reply.Error(errors::kSyntax);
  }
  while (!args.AtEnd() && args.ok()) {
    const GeoPoint point = TakePoint(args);
    if (!args.ok()) break;
    form.push_back(std::to_string(GeoCellOf(point, kGeoSteps).bits));
    form.emplace_back(args.Next());
  }
  if (!args.Done(context.reply)) return;
  const Command* zadd = context.services.commands->Find("zadd");
  const std::vector<std::string_view> argv(form.begin(), form.end());
  CommandContext nested = context.For(*zadd, argv, context.reply);
  zadd->handler(nested, ArgCursor(argv, 1));
  context.Replay(std::move(form));
}

constexpr CommandSpec kGeoadd = {
    .name = "geoadd",
    .arity = AtLeast(5),
    .group = Group::kGeo,
    .since = "3.2.0",
    .flags = kWrite | kDenyOom,
    .acl = kAclGeo,
    .keys = {OneKey(1, kKeyReadWrite | kKeyUpdate)},
    .syntax = "key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]",
    .complexity = "O(log N) for each member",
    .summary = "Adds places to a sorted set, or moves them."};

void Geopos(CommandContext& context, ArgCursor args) {
  const GeoKey geo = ReadGeo(context, context.Key(args.Key()));
  if (geo.wrong_type) return;
  const Argv members = args.Rest();
  context.reply.Array(members.size());
  for (const std::string_view member : members) {
    const auto point = geo.entry == nullptr ? std::nullopt : PointOf(*geo.entry, member);
    if (point) {
      ReplyPoint(context.reply, *point);
    } else {
      context.reply.NullArray();
    }
  }
}

constexpr CommandSpec kGeopos = {.name = "geopos",
                                 .arity = AtLeast(2),
                                 .group = Group::kGeo,
                                 .since = "3.2.0",
                                 .flags = kReadonly,
                                 .acl = kAclGeo,
                                 .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                 .syntax = "key [member [member ...]]",
                                 .complexity = "O(log N) for each member",
                                 .summary = "Answers where members are."};

void Geodist(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view from = args.Next();
  const std::string_view to = args.Next();
  if (args.remaining() > 1) return context.reply.Error(errors::kSyntax);
  const double unit = args.AtEnd() ? 1 : TakeUnit(args);
  if (!args.ok()) return context.reply.Error(args.error());
  const GeoKey geo = ReadGeo(context, key);
  if (geo.wrong_type) return;
  if (geo.entry == nullptr) return context.reply.Null();
  const auto a = PointOf(*geo.entry, from);
  const auto b = PointOf(*geo.entry, to);
  if (!a || !b) return context.reply.Null();
  ReplyDistance(context.reply, GeoDistance(*a, *b) / unit);
}

constexpr CommandSpec kGeodist = {.name = "geodist",
                                  .arity = AtLeast(4),
                                  .group = Group::kGeo,
                                  .since = "3.2.0",
                                  .flags = kReadonly,
                                  .acl = kAclGeo,
                                  .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                  .syntax = "key member1 member2 [M | KM | FT | MI]",
                                  .complexity = "O(log N)",
                                  .summary = "Answers how far two members are from each other."};

void Geohash(CommandContext& context, ArgCursor args) {
  const GeoKey geo = ReadGeo(context, context.Key(args.Key()));
  if (geo.wrong_type) return;
  const Argv members = args.Rest();
  context.reply.Array(members.size());
  for (const std::string_view member : members) {
    const auto point = geo.entry == nullptr ? std::nullopt : PointOf(*geo.entry, member);
    if (point) {
      context.reply.Bulk(GeohashText(*point));
    } else {
      context.reply.Null();
    }
  }
}

constexpr CommandSpec kGeohash = {.name = "geohash",
                                  .arity = AtLeast(2),
                                  .group = Group::kGeo,
                                  .since = "3.2.0",
                                  .flags = kReadonly,
                                  .acl = kAclGeo,
                                  .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                  .syntax = "key [member [member ...]]",
                                  .complexity = "O(log N) for each member",
                                  .summary = "Answers the geohashes of members as text."};

}  // namespace

void RegisterGeoPlaceCommands(CommandRegistry& registry) {
  registry.Add(kGeoadd, Geoadd);
  registry.Add(kGeopos, Geopos);
  registry.Add(kGeodist, Geodist);
  registry.Add(kGeohash, Geohash);
}

}  // namespace torc
