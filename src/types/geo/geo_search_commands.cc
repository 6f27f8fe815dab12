// GEOSEARCH, GEOSEARCHSTORE and the older GEORADIUS, GEORADIUSBYMEMBER with their _RO forms.

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "command/breather.h"
#include "resp/errors.h"
#include "types/geo/geo_access.h"
#include "types/geo/geo_commands.h"
#include "types/geo/geo_search.h"

namespace torc {
namespace {

enum class SearchForm : uint8_t {
  kSearch,          // GEOSEARCH
  kSearchStore,     // GEOSEARCHSTORE
  kRadius,          // GEORADIUS
  kRadiusRo,        // GEORADIUS_RO
  kRadiusMember,    // GEORADIUSBYMEMBER
  kRadiusMemberRo,  // GEORADIUSBYMEMBER_RO
};

bool IsSearch(SearchForm form) {
  return form == SearchForm::kSearch || form == SearchForm::kSearchStore;
}
bool MayStore(SearchForm form) {
  return form == SearchForm::kRadius || form == SearchForm::kRadiusMember;
}

enum class GeoOrder : uint8_t { kNone, kNearestFirst, kFarthestFirst };

struct GeoQuery {
  GeoShape shape;
  double unit = 1;
  bool with_distance = false;
  bool with_hash = false;
  bool with_point = false;
  bool any = false;
  int64_t count = 0;  // 0: all
  GeoOrder order = GeoOrder::kNone;
  std::optional<std::string_view> store_key;
  bool store_distance = false;
  // Of GEOSEARCH: what has been given.
  bool from_member = false;
  bool from_point = false;
  bool by_radius = false;
  bool by_box = false;
};

// Reads the arguments of one call; errors are latched.
class GeoQueryReader {
 public:
  // entry: the set that is searched, null if there is none.
  GeoQueryReader(SearchForm form, const Entry* entry, ArgCursor* args)
      : form_(form), entry_(entry), args_(*args) {}

  GeoQuery Read(std::string_view command_name) {
    if (form_ == SearchForm::kRadius || form_ == SearchForm::kRadiusRo) {
      query_.shape.center = TakePoint(args_);
      if (args_.ok()) TakeRadius();
    } else if (!IsSearch(form_)) {
      TakeRadiusOfMember();
    }
    while (args_.ok() && !args_.AtEnd()) {
      if (!TakeReplyOption() && !TakeStoreOption() && !TakeShapeOption()) args_.FailSyntax();
    }
    if (args_.ok()) Check(command_name);
    return query_;
  }

 private:
  void TakeRadius() {
    query_.shape.kind = GeoShape::Kind::kCircle;
    query_.shape.radius = args_.Double("ERR need numeric radius");
    if (args_.ok() && query_.shape.radius < 0) args_.Fail("ERR radius cannot be negative");
    if (args_.ok()) query_.unit = TakeUnit(args_);
    query_.shape.radius *= query_.unit;
  }

  void TakeBox() {
    query_.shape.kind = GeoShape::Kind::kBox;
    query_.shape.width = args_.Double("ERR need numeric width");
    if (args_.ok()) query_.shape.height = args_.Double("ERR need numeric height");
    if (args_.ok() && (query_.shape.width < 0 || query_.shape.height < 0)) {
      args_.Fail("ERR height or width cannot be negative");
    }
    if (args_.ok()) query_.unit = TakeUnit(args_);
    query_.shape.width *= query_.unit;
    query_.shape.height *= query_.unit;
  }

  void TakeMember() {
    const std::string_view member = args_.Next();
    if (entry_ == nullptr) return;
    const auto point = PointOf(*entry_, member);
    if (!point) return args_.Fail("ERR could not decode requested zset member");
    query_.shape.center = *point;
  }

  // Of a set that is not there the radius is not even looked at.
  void TakeRadiusOfMember() {
    TakeMember();
    if (!args_.ok()) return;
    if (entry_ != nullptr) return TakeRadius();
    args_.Next();
    args_.Next();
  }

  bool TakeReplyOption() {
    if (args_.Take("WITHDIST")) return query_.with_distance = true;
    if (args_.Take("WITHHASH")) return query_.with_hash = true;
    if (args_.Take("WITHCOORD")) return query_.with_point = true;
    if (args_.Take("ANY")) return query_.any = true;
    if (args_.Take("ASC")) {
      query_.order = GeoOrder::kNearestFirst;
      return true;
    }
    if (args_.Take("DESC")) {
      query_.order = GeoOrder::kFarthestFirst;
      return true;
    }
    if (!args_.TakeWith("COUNT", 1)) return false;
    query_.count = args_.Integer();
    if (args_.ok() && query_.count <= 0) args_.Fail("ERR COUNT must be > 0");
    return true;
  }

  bool TakeStoreOption() {
    if (form_ == SearchForm::kSearchStore && args_.Take("STOREDIST")) {
      return query_.store_distance = true;
    }
    if (!MayStore(form_)) return false;
    const bool plain = args_.TakeWith("STORE", 1);
    if (!plain && !args_.TakeWith("STOREDIST", 1)) return false;
    query_.store_key = args_.Key();
    query_.store_distance = !plain;
    return true;
  }

  bool TakeShapeOption() {
    if (!IsSearch(form_)) return false;
    if (!query_.from_point && args_.TakeWith("FROMMEMBER", 1)) {
      query_.from_member = true;
      TakeMember();
    } else if (!query_.from_member && args_.TakeWith("FROMLONLAT", 2)) {
      query_.from_point = true;
      query_.shape.center = TakePoint(args_);
    } else if (!query_.by_box && args_.TakeWith("BYRADIUS", 2)) {
      query_.by_radius = true;
      TakeRadius();
    } else if (!query_.by_radius && args_.TakeWith("BYBOX", 3)) {
      query_.by_box = true;
      TakeBox();
    } else {
      return false;
    }
    return true;
  }

  void Check(std::string_view command_name) {
    const std::string name(errors::ShownText(command_name));
    const bool stores = query_.store_key.has_value() || form_ == SearchForm::kSearchStore;
    if (stores && (query_.with_distance || query_.with_hash || query_.with_point)) {
      args_.Fail(form_ == SearchForm::kSearchStore
                     ? "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD "
                       "options"
                     : "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH "
                       "and WITHCOORD options");
    }
    if (IsSearch(form_) && !query_.from_member && !query_.from_point) {
      args_.Fail("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + name);
    }
    if (IsSearch(form_) && !query_.by_radius && !query_.by_box) {
      args_.Fail("ERR exactly one of BYRADIUS and BYBOX can be specified for " + name);
    }
    if (query_.any && query_.count == 0) {
      args_.Fail("ERR the ANY argument requires COUNT argument");
    }
  }

  SearchForm form_;
  const Entry* entry_;
  ArgCursor& args_;
  GeoQuery query_;
};

// Leaves the first `count` of the matches in this order; those equally far keep theirs.
void OrderMatches(GeoOrder order, uint64_t count, std::vector<GeoMatch>* matches, Pace& pace) {
  constexpr uint64_t kUnitsOfComparison = 4;
  constexpr uint64_t kUnitsOfMove = 8;
  std::vector<uint32_t> places;
  places.reserve(matches->size());
  for (uint32_t i = 0; i < matches->size(); ++i) {
    places.push_back(i);
    pace.Step(1);
  }
  const auto before = [order, matches, &pace](uint32_t a, uint32_t b) {
    pace.Step(kUnitsOfComparison);
    const double x = (*matches)[a].distance;
    const double y = (*matches)[b].distance;
    if (x == y) return a < b;
    return order == GeoOrder::kNearestFirst ? x < y : x > y;
  };
  if (count < places.size()) {
    std::partial_sort(places.begin(), places.begin() + static_cast<int64_t>(count), places.end(),
                      before);
  } else {
    count = places.size();
    std::sort(places.begin(), places.end(), before);
  }
  std::vector<GeoMatch> ordered;
  ordered.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    ordered.push_back(std::move((*matches)[places[i]]));
    pace.Step(kUnitsOfMove);
  }
  matches->swap(ordered);
  FreeInSlices(ordered, pace);
  FreeInSlices(places, pace);
}

// What the query finds, in the order and number it asks for.
std::vector<GeoMatch> Found(const GeoQuery& query, const Entry& entry, Pace& pace) {
  const auto count = static_cast<uint64_t>(query.count);
  std::vector<GeoMatch> matches =
      FindWithin(ZsetView(entry), query.shape, query.any ? count : 0, pace);
  GeoOrder order = query.order;
  // The first few of no order would be of little use.
  if (order == GeoOrder::kNone && count != 0 && !query.any) order = GeoOrder::kNearestFirst;
  const uint64_t wanted = count == 0 ? matches.size() : count;
  if (order != GeoOrder::kNone) OrderMatches(order, wanted, &matches, pace);
  for (; matches.size() > wanted; matches.pop_back()) pace.Step(1);
  return matches;
}

void ReplyMatches(ReplyWriter& reply, const GeoQuery& query, const std::vector<GeoMatch>& matches) {
  const size_t parts = 1U + (query.with_distance ? 1U : 0U) + (query.with_hash ? 1U : 0U) +
                       (query.with_point ? 1U : 0U);
  reply.Array(matches.size());
  for (const GeoMatch& match : matches) {
    if (parts > 1) reply.Array(parts);
    reply.Bulk(match.member);
    if (query.with_distance) ReplyDistance(reply, match.distance / query.unit);
    if (query.with_hash) reply.Integer(static_cast<int64_t>(match.score));
    if (query.with_point) ReplyPoint(reply, match.point);
  }
}

void StoreMatches(CommandContext& context, const GeoQuery& query, SearchForm form,
                  std::vector<GeoMatch> matches, Breather& breather) {
  const auto score_of = [&query](const GeoMatch& match) {
    return query.store_distance ? match.distance / query.unit : match.score;
  };
  const KeyRef target = context.Key(*query.store_key);
  Keyspace& owner = context.Owner(target);
  const size_t count = matches.size();
  std::vector<ScoredText> elements;
  std::optional<PrivateValue> large;
  if (!breather.IsLong(count)) {
    for (const GeoMatch& match : matches) elements.push_back({match.member, score_of(match)});
    SortScored(&elements);
  } else {
    large.emplace(&owner, ValueType::kSortedSet, static_cast<uint8_t>(ZsetEncoding::kSkiplist),
                  NewLargeZset(owner.options().hash_seed));
    LargeZset& into = ZsetView(*large->entry()).large();
    for (const GeoMatch& match : matches) {
      LargeZset::Place place = into.Find(match.member);
      into.Insert(place, match.member, score_of(match));
      breather.Step(kZsetChangeUnits);
    }
    FreeInSlices(matches, breather);
  }
  const Keyspace::Found found = context.Find(target);
  if (count > 0) {
    large ? StoreLargeZset(owner, context.session.db, target, found, *large)
          : StoreZset(owner, context.session.db, target, found, elements);
    context.Changed(EventClass::kSortedSet, IsSearch(form) ? "geosearchstore" : "georadiusstore",
                    target.text, count);
  } else if (found) {
    owner.Remove(context.session.db, target, found);
    context.Changed(EventClass::kGeneric, "del", target.text);
  }
  context.reply.Integer(static_cast<int64_t>(count));
}

void Search(CommandContext& context, ArgCursor args, SearchForm form) {
  std::optional<std::string_view> target;
  if (form == SearchForm::kSearchStore) target = args.Key();
  const GeoKey geo = ReadGeo(context, context.Key(args.Key()));
  if (geo.wrong_type) return;
  GeoQuery query = GeoQueryReader(form, geo.entry, &args).Read(context.argv[0]);
  if (!args.Done(context.reply)) return;
  if (target) query.store_key = target;
  Breather breather(context);
  std::vector<GeoMatch> matches;
  if (geo.entry != nullptr) matches = Found(query, *geo.entry, breather);
  if (query.store_key) return StoreMatches(context, query, form, std::move(matches), breather);
  ReplyMatches(context.reply, query, matches);
}

void Geosearch(CommandContext& context, ArgCursor args) {
  Search(context, args, SearchForm::kSearch);
}

constexpr CommandSpec kGeosearch = {
    .name = "geosearch",
    .arity = AtLeast(7),
    .group = Group::kGeo,
    .since = "6.2.0",
    .flags = kReadonly | kMayPause,
    .acl = kAclGeo,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax =
        "key <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M | KM | FT | "
        "MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count [ANY]] [WITHCOORD] "
        "[WITHDIST] [WITHHASH]",
    .complexity = "O(N + log M) with N the members in the cells that cover the shape, of M in all",
    .summary = "Answers members within a circle or a box."};

void Geosearchstore(CommandContext& context, ArgCursor args) {
  Search(context, args, SearchForm::kSearchStore);
}

constexpr CommandSpec kGeosearchstore = {
    .name = "geosearchstore",
    .arity = AtLeast(8),
    .group = Group::kGeo,
    .since = "6.2.0",
    .flags = kWrite | kDenyOom | kMayPause,
    .acl = kAclGeo,
    .keys = {OneKey(1, kKeyOverwrite | kKeyUpdate), OneKey(2, kKeyReadOnly | kKeyAccess)},
    .syntax =
        "destination source <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius "
        "<M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count "
        "[ANY]] [STOREDIST]",
    .complexity = "O(N + log M) with N the members in the cells that cover the shape, of M in all",
    .summary = "Stores members within a circle or a box."};

void Georadius(CommandContext& context, ArgCursor args) {
  Search(context, args, SearchForm::kRadius);
}

constexpr CommandSpec kGeoradius = {
    .name = "georadius",
    .arity = AtLeast(6),
    .group = Group::kGeo,
    .since = "3.2.0",
    .flags = kWrite | kDenyOom | kMovableKeys | kMayPause,
    .acl = kAclGeo,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess),
             KeysAfter("STORE", 6, 0, 1, 0, kKeyOverwrite | kKeyUpdate),
             KeysAfter("STOREDIST", 6, 0, 1, 0, kKeyOverwrite | kKeyUpdate)},
    .syntax =
        "key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT "
        "count [ANY]] [ASC | DESC] [STORE storekey | STOREDIST storedistkey]",
    .complexity = "O(N + log M) with N the members in the cells that cover the circle, of M in all",
    .summary = "Answers or stores members within a circle.",
    .deprecated_since = "6.2.0",
    .replaced_by = "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument"};

void GeoradiusRo(CommandContext& context, ArgCursor args) {
  Search(context, args, SearchForm::kRadiusRo);
}

constexpr CommandSpec kGeoradiusRo = {
    .name = "georadius_ro",
    .arity = AtLeast(6),
    .group = Group::kGeo,
    .since = "3.2.10",
    .flags = kReadonly | kMayPause,
    .acl = kAclGeo,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax =
        "key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT "
        "count [ANY]] [ASC | DESC]",
    .complexity = "O(N + log M) with N the members in the cells that cover the circle, of M in all",
    .summary = "Answers members within a circle.",
    .deprecated_since = "6.2.0",
    .replaced_by = "`GEOSEARCH` with the `BYRADIUS` argument"};

void Georadiusbymember(CommandContext& context, ArgCursor args) {
  Search(context, args, SearchForm::kRadiusMember);
}

constexpr CommandSpec kGeoradiusbymember = {
    .name = "georadiusbymember",
    .arity = AtLeast(5),
    .group = Group::kGeo,
    .since = "3.2.0",
    .flags = kWrite | kDenyOom | kMovableKeys | kMayPause,
    .acl = kAclGeo,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess),
             KeysAfter("STORE", 5, 0, 1, 0, kKeyOverwrite | kKeyUpdate),
             KeysAfter("STOREDIST", 5, 0, 1, 0, kKeyOverwrite | kKeyUpdate)},
    .syntax =
        "key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count "
        "[ANY]] [ASC | DESC] [STORE storekey | STOREDIST storedistkey]",
    .complexity = "O(N + log M) with N the members in the cells that cover the circle, of M in all",
    .summary = "Answers or stores members within a circle around another one.",
    .deprecated_since = "6.2.0",
    .replaced_by =
        "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments"};

void GeoradiusbymemberRo(CommandContext& context, ArgCursor args) {
  Search(context, args, SearchForm::kRadiusMemberRo);
}

constexpr CommandSpec kGeoradiusbymemberRo = {
    .name = "georadiusbymember_ro",
    .arity = AtLeast(5),
    .group = Group::kGeo,
    .since = "3.2.10",
    .flags = kReadonly | kMayPause,
    .acl = kAclGeo,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax =
        "key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count "
        "[ANY]] [ASC | DESC]",
    .complexity = "O(N + log M) with N the members in the cells that cover the circle, of M in all",
    .summary = "Answers members within a circle around another one.",
    .deprecated_since = "6.2.0",
    .replaced_by = "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments"};

}  // namespace

void RegisterGeoSearchCommands(CommandRegistry& registry) {
  registry.Add(kGeosearch, Geosearch);
  registry.Add(kGeosearchstore, Geosearchstore);
  registry.Add(kGeoradius, Georadius);
  registry.Add(kGeoradiusRo, GeoradiusRo);
  registry.Add(kGeoradiusbymember, Georadiusbymember);
  registry.Add(kGeoradiusbymemberRo, GeoradiusbymemberRo);
}

}  // namespace torc
