// SORT, SORT_RO: the elements of a list, set or sorted set in another order.

#include "types/sort/sort_commands.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "command/access.h"
#include "command/breather.h"
#include "command/context.h"
#include "resp/errors.h"
#include "store/private_value.h"
#include "types/list/list.h"
#include "types/set/set.h"
#include "types/sort/sort_query.h"
#include "types/zset/zset.h"

namespace torc {
namespace {

// What it takes to copy an element, as Pace counts.
constexpr uint64_t kUnitsOfItem = 8;

uint64_t SizeOf(const Entry& entry) {
  switch (entry.type()) {
    case ValueType::kList:
      return ListView(entry).size();
    case ValueType::kSet:
      return SetView(entry).size();
    default:
      return ZsetView(entry).size();
  }
}

// The elements of the range, in the order in which the value has them, or from its end on.
std::vector<SortItem> ListItems(const Entry& entry, SortQuery::Range range, bool from_end,
                                Pace& pace) {
  std::vector<SortItem> items;
  items.reserve(range.last - range.first);
  const ListView list(entry);
  const uint64_t begin = from_end ? list.size() - 1 - range.first : range.first;
  const auto direction = from_end ? ListWalk::Direction::kBackward : ListWalk::Direction::kForward;
  ListWalk walk(list, begin, direction);
  for (uint64_t i = range.first; i < range.last; ++i, walk.Next()) {
    pace.Step(kUnitsOfItem);
    items.push_back({.text = std::string(PackedText(walk.element()).view()), .by = {}});
  }
  return items;
}

std::vector<SortItem> ZsetItems(const Entry& entry, SortQuery::Range range, bool from_end,
                                Pace& pace) {
  std::vector<SortItem> items;
  items.reserve(range.last - range.first);
  const ZsetView zset(entry);
  const uint64_t begin = from_end ? zset.size() - 1 - range.first : range.first;
  const auto direction = from_end ? ZsetWalk::Direction::kBackward : ZsetWalk::Direction::kForward;
  ZsetWalk walk(zset, begin, direction);
  for (uint64_t i = range.first; i < range.last; ++i, walk.Next()) {
    pace.Step(kUnitsOfItem);
    items.push_back({.text = std::string(CompactText(walk.element().member).view()), .by = {}});
  }
  return items;
}

std::vector<SortItem> SetItems(const Entry& entry, SortQuery::Range range, Pace& pace) {
  std::vector<SortItem> items;
  items.reserve(range.last - range.first);
  uint64_t at = 0;
  SetView(entry).ForEach([&](const CompactElement& member) {
    pace.Step(kUnitsOfItem);
    if (at >= range.first && at < range.last) {
      items.push_back({.text = std::string(CompactText(member).view()), .by = {}});
    }
    return ++at < range.last;
  });
  return items;
}

std::vector<SortItem> ItemsOf(const Entry& entry, SortQuery::Range range, bool from_end,
                              Pace& pace) {
  if (range.first == range.last) return {};
  switch (entry.type()) {
    case ValueType::kList:
      return ListItems(entry, range, from_end, pace);
    case ValueType::kSet:
      return SetItems(entry, range, pace);
    default:
      return ZsetItems(entry, range, from_end, pace);
  }
}

// A set has no order that a copy of it could rely on: what is stored, or used by a script, is
// sorted nevertheless.
bool NeedsSomeOrder(const CommandContext& context, const SortQuery& query, const Entry& entry) {
  return entry.type() == ValueType::kSet && query.unsorted() &&
         (query.target || context.session.in_script);
}

// The elements that the query asks for, in its order; nothing, and an error, if they have none.
std::optional<std::vector<SortItem>> Sorted(CommandContext& context, SortQuery query,
                                            const Entry& entry, Pace& pace) {
  const uint64_t size = SizeOf(entry);
  const SortQuery::Range range = query.RangeOf(size);
  if (NeedsSomeOrder(context, query, entry)) {
    query.by.reset();
    query.alpha = true;
  }
  if (query.unsorted()) return ItemsOf(entry, range, query.descending, pace);
  auto items = ItemsOf(entry, {0, size}, false, pace);
  if (!WeighItems(context, query, &items, pace)) {
    FreeInSlices(items, pace);
    context.reply.Error("ERR One or more scores can't be converted into double");
    return std::nullopt;
  }
  OrderItems(query, range, &items, pace);
  return items;
}

// What is answered for the items: themselves, or what the GET patterns name for each.
std::vector<std::optional<std::string>> ResultOf(CommandContext& context, const SortQuery& query,
                                                 std::vector<SortItem> items, Pace& pace) {
  std::vector<std::optional<std::string>> result;
  result.reserve(items.size() * std::max<size_t>(query.gets.size(), 1));
  for (SortItem& item : items) {
    pace.Step(kUnitsOfItem * (1 + 8 * query.gets.size()));
    for (const SortPattern& get : query.gets) result.push_back(get.Lookup(context, item.text));
    if (query.gets.empty()) result.emplace_back(std::move(item.text));
  }
  FreeInSlices(items, pace);
  return result;
}

void ReplyResult(ReplyWriter& reply, const std::vector<std::optional<std::string>>& result) {
  reply.Array(result.size());
  for (const auto& text : result) text ? reply.Bulk(*text) : reply.Null();
}

void StoreResult(CommandContext& context, const KeyRef& target,
                 std::vector<std::optional<std::string>> result, Pace& pace) {
  Keyspace& owner = context.Owner(target);
  PrivateValue stored(&owner, ValueType::kList, static_cast<uint8_t>(ListEncoding::kListpack),
                      NewBlock(0));
  List list(stored.entry(), {owner.options().limits.list_listpack_size});
  for (const auto& text : result) {
    const std::string_view element = text ? std::string_view(*text) : std::string_view();
    list.MakeRoomFor(element.size(), 1);
    list.Push(ListEnd::kTail, element);
    pace.Step(kUnitsOfItem);
  }
  const auto count = static_cast<int64_t>(result.size());
  FreeInSlices(result, pace);
  const Keyspace::Found found = context.Write(target);
  if (count > 0) {
    stored.PutAt(context.session.db, target, found);
    context.Changed(EventClass::kList, "sortstore", target.text, static_cast<uint64_t>(count));
  } else if (found) {
    owner.Remove(context.session.db, target, found);
    context.Changed(EventClass::kGeneric, "del", target.text);
  }
  context.reply.Integer(count);
}

bool CanBeSorted(const Entry& entry) {
  return entry.type() == ValueType::kList || entry.type() == ValueType::kSet ||
         entry.type() == ValueType::kSortedSet;
}

void SortKey(CommandContext& context, ArgCursor& args, SortStore store) {
  const KeyRef key = context.Key(args.Key());
  const SortQuery query = ReadSortQuery(
      args, store, MayReadAllKeys(context) ? SortAccess::kAllKeys : SortAccess::kSomeKeys);
  if (!args.Done(context.reply)) return;
  const Entry* entry = context.Read(key);
  if (entry != nullptr && !CanBeSorted(*entry)) return context.reply.Error(errors::kWrongType);
  Breather breather(context);
  const bool looks_up = !query.gets.empty() || (query.by && !query.by->constant());
  if (looks_up) breather.HoldEverything();
  std::optional<std::vector<SortItem>> items(std::in_place);
  if (entry != nullptr) items = Sorted(context, query, *entry, breather);
  if (!items) return;
  auto result = ResultOf(context, query, *std::move(items), breather);
  if (!query.target) return ReplyResult(context.reply, result);
  StoreResult(context, context.Key(*query.target), std::move(result), breather);
}

// Where STORE's key stands: the last one counts.
uint32_t TargetPosition(Argv argv) {
  uint32_t target = 0;
  for (size_t i = 2; i < argv.size(); ++i) {
    if (EqualsIgnoreCase(argv[i], "LIMIT")) {
      i += 2;
    } else if (EqualsIgnoreCase(argv[i], "GET") || EqualsIgnoreCase(argv[i], "BY")) {
      i += 1;
    } else if (EqualsIgnoreCase(argv[i], "STORE") && i + 1 < argv.size()) {
      target = static_cast<uint32_t>(++i);
    }
  }
  return target;
}

constexpr uint32_t kSortCategories = kAclSet | kAclSortedSet | kAclList | kAclDangerous;
constexpr std::string_view kSortCost =
    "O(N+M*log(M)) with N the elements of the value and M those that are answered; O(N) if they "
    "are "
    "not sorted";

void Sort(CommandContext& context, ArgCursor args) {
  SortKey(context, args, SortStore::kAllowed);
}
constexpr CommandSpec kSort = {
    .name = "sort",
    .arity = AtLeast(2),
    .group = Group::kGeneric,
    .since = "1.0.0",
    .flags = kWrite | kDenyOom | kMovableKeys | kMayPause,
    .acl = kSortCategories,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess), UnknownKeys(kKeyReadOnly | kKeyAccess),
             UnknownKeys(kKeyOverwrite | kKeyUpdate, TargetPosition)},
    .syntax =
        "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] "
        "[ALPHA] [STORE destination]",
    .complexity = kSortCost,
    .summary = "Answers, or stores, the elements of a list, set or sorted set in order."};

void SortRo(CommandContext& context, ArgCursor args) {
  SortKey(context, args, SortStore::kRefused);
}
constexpr CommandSpec kSortRo = {
    .name = "sort_ro",
    .arity = AtLeast(2),
    .group = Group::kGeneric,
    .since = "7.0.0",
    .flags = kReadonly | kMovableKeys | kMayPause,
    .acl = kSortCategories,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess), UnknownKeys(kKeyReadOnly | kKeyAccess)},
    .syntax =
        "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] "
        "[ALPHA]",
    .complexity = kSortCost,
    .summary = "Answers the elements of a list, set or sorted set in order."};

}  // namespace

void RegisterSortCommands(CommandRegistry& registry) {
  registry.Add(kSort, Sort);
  registry.Add(kSortRo, SortRo);
}

}  // namespace torc
