#pragma once

// What a SORT asks for, as its arguments say it, and the order it puts elements in.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/pace.h"
#include "command/arg_cursor.h"
#include "types/sort/sort_pattern.h"

namespace torc {

struct SortQuery {
  std::optional<SortPattern> by;
  std::vector<SortPattern> gets;
  int64_t offset = 0;
  int64_t count = -1;  // negative: all
  bool descending = false;
  bool alpha = false;
  std::optional<std::string_view> target;  // STORE

  // BY a constant: the elements stay in the order they have.
  bool unsorted() const { return by && by->constant(); }

  // Which of so many elements are answered: [first, last).
  struct Range {
    uint64_t first;
    uint64_t last;
  };
  Range RangeOf(uint64_t size) const;
};

enum class SortStore : uint8_t { kAllowed, kRefused };
// Which keys the caller may read. BY and GET name keys that nobody knows beforehand: who may not
// read all of them may not use these options.
enum class SortAccess : uint8_t { kAllKeys, kSomeKeys };
// Reads everything behind the key; errors are latched in `args`.
SortQuery ReadSortQuery(ArgCursor& args, SortStore store, SortAccess access);

// An element with what it is ordered by.
struct SortItem {
  std::string text;
  double score = 0;               // numeric order
  std::optional<std::string> by;  // alphabetic order by a pattern: nothing comes first
};

// Gives each item what the query orders by. False if one that should be a number is none.
bool WeighItems(CommandContext& context, const SortQuery& query, std::vector<SortItem>* items,
                Pace& pace);
// Leaves those of the range, in their order. What compares equal keeps its order. Alphabetic order
// is that of the locale, but for what is stored: there it is that of bytes.
void OrderItems(const SortQuery& query, SortQuery::Range range, std::vector<SortItem>* items,
                Pace& pace);

}  // namespace torc
