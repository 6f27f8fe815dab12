#include "types/sort/sort_query.h"

#include <algorithm>
#include <cstring>

#include "base/scan_double.h"

namespace torc {
namespace {

// What these take, as Pace counts.
constexpr uint64_t kUnitsOfNumber = 8;
constexpr uint64_t kUnitsOfLookup = 64;
constexpr uint64_t kUnitsOfComparison = 8;

std::optional<double> NumberIn(const std::string& text) {
  const auto number = ScanDouble(text);
  if (!number || number->out_of_range) return std::nullopt;
  return number->value;
}

int CompareTexts(const std::string& a, const std::string& b, bool by_bytes) {
  return by_bytes ? a.compare(b) : std::strcoll(a.c_str(), b.c_str());
}

int CompareAlpha(const SortQuery& query, const SortItem& a, const SortItem& b) {
  const bool by_bytes = query.target.has_value();
  if (!query.by) return CompareTexts(a.text, b.text, by_bytes);
  if (!a.by || !b.by)
    return static_cast<int>(a.by.has_value()) - static_cast<int>(b.by.has_value());
  return CompareTexts(*a.by, *b.by, by_bytes);
}

int CompareNumeric(const SortItem& a, const SortItem& b) {
  if (a.score != b.score) return a.score < b.score ? -1 : 1;
  return a.text.compare(b.text);
}

constexpr std::string_view kByDenied =
    "ERR BY option of SORT denied due to insufficient ACL permissions.";
constexpr std::string_view kGetDenied =
    "ERR GET option of SORT denied due to insufficient ACL permissions.";

}  // namespace

SortQuery::Range SortQuery::RangeOf(uint64_t size) const {
  const uint64_t first = std::min(static_cast<uint64_t>(std::max<int64_t>(offset, 0)), size);
  const uint64_t left = size - first;
  return {first, count < 0 ? size : first + std::min(static_cast<uint64_t>(count), left)};
}

SortQuery ReadSortQuery(ArgCursor& args, SortStore store, SortAccess access) {
  SortQuery query;
  while (!args.AtEnd() && args.ok()) {
    if (args.Take("ASC")) {
      query.descending = false;
    } else if (args.Take("DESC")) {
      query.descending = true;
    } else if (args.Take("ALPHA")) {
      query.alpha = true;
    } else if (args.TakeWith("LIMIT", 2)) {
      query.offset = args.Integer();
      query.count = args.Integer();
    } else if (store == SortStore::kAllowed && args.TakeWith("STORE", 1)) {
      query.target = args.Key();
    } else if (args.TakeWith("BY", 1)) {
      query.by.emplace(args.Next());
      if (access == SortAccess::kSomeKeys && !query.by->constant()) args.Fail(kByDenied);
    } else if (args.TakeWith("GET", 1)) {
      query.gets.emplace_back(args.Next());
      if (access == SortAccess::kSomeKeys) args.Fail(kGetDenied);
    } else {
      args.FailSyntax();
    }
  }
  return query;
}

bool WeighItems(CommandContext& context, const SortQuery& query, std::vector<SortItem>* items,
                Pace& pace) {
  if (query.alpha && !query.by) return true;
  for (SortItem& item : *items) {
    pace.Step(query.by ? kUnitsOfLookup : kUnitsOfNumber);
    if (query.by) item.by = query.by->Lookup(context, item.text);
    if (query.alpha || (query.by && !item.by)) continue;
    const auto number = NumberIn(query.by ? *item.by : item.text);
    if (!number) return false;
    item.score = *number;
  }
  return true;
}

// Others run in the middle of sorting, wherever two items are compared.
void OrderItems(const SortQuery& query, SortQuery::Range range, std::vector<SortItem>* items,
                Pace& pace) {
  std::vector<uint32_t> order;
  order.reserve(items->size());
  for (uint32_t i = 0; i < items->size(); ++i) {
    order.push_back(i);
    pace.Step(1);
  }
  const auto before = [&](uint32_t a, uint32_t b) {
    pace.Step(kUnitsOfComparison);
    const SortItem& x = (*items)[a];
    const SortItem& y = (*items)[b];
    const int compared = query.alpha ? CompareAlpha(query, x, y) : CompareNumeric(x, y);
    if (compared == 0) return a < b;
    return query.descending ? compared > 0 : compared < 0;
  };
  const auto last = order.begin() + static_cast<int64_t>(range.last);
  if (last == order.end()) {
    std::sort(order.begin(), last, before);
  } else {
    std::partial_sort(order.begin(), last, order.end(), before);
  }
  std::vector<SortItem> ordered;
  ordered.reserve(range.last - range.first);
  for (size_t i = range.first; i < range.last; ++i) {
    ordered.push_back(std::move((*items)[order[i]]));
    pace.Step(kUnitsOfNumber);
  }
  items->swap(ordered);
  FreeInSlices(ordered, pace);
  FreeInSlices(order, pace);
}

}  // namespace torc
