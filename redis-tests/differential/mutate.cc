#include "redis-tests/differential/mutate.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "redis-tests/differential/terms.h"

namespace torc::differential {
namespace {

constexpr double kSpoilChance = 0.04;

// Nothing here is a number that would make a server allocate hundreds of megabytes as an offset.
std::string Nonsense(Rng& rng) {
  static const char* const kTexts[] = {"-1",
                                       "0",
                                       "1",
                                       "abc",
                                       "1.5",
                                       "-0",
                                       "+1",
                                       " 1",
                                       "1 ",
                                       "0x10",
                                       "1e3",
                                       "nan",
                                       "inf",
                                       "-inf",
                                       "*",
                                       "$",
                                       "(",
                                       "[",
                                       "-",
                                       "+",
                                       "#1",
                                       "%s",
                                       "9223372036854775807",
                                       "9223372036854775808",
                                       "-9223372036854775808",
                                       "-9223372036854775809",
                                       "18446744073709551616",
                                       "99999999999999999999999999",
                                       "NX",
                                       "XX",
                                       "GET",
                                       "COUNT",
                                       "LIMIT",
                                       "\r\n",
                                       "with space",
                                       "\xc3\xa9"};
  const uint64_t choice = rng.Below(std::size(kTexts) + 3);
  if (choice == std::size(kTexts)) return {};
  if (choice == std::size(kTexts) + 1) return std::string("\0\xff\n\r\"'\\", 7);
  if (choice == std::size(kTexts) + 2) return std::string(300, 'x');
  return kTexts[choice];
}

// Relative times to live of a few milliseconds or seconds may be over on one side and not yet on
// the other. Behind these words they count from now; by these names too, as the second argument.
constexpr std::string_view kTtlWords[] = {"EX", "PX"};
constexpr std::string_view kTtlCommands[] = {"EXPIRE",  "PEXPIRE", "SETEX",   "PSETEX",
                                             "RESTORE", "HEXPIRE", "HPEXPIRE"};
constexpr int64_t kTtlMin = 100'000;
constexpr int64_t kTtlSpread = 1'000'000;
// A key that SET gives a time in the past is there until its server happens to look at it. The
// grammar sees to that look where it wants such a time.
constexpr std::string_view kAbsoluteWords[] = {"EXAT", "PXAT"};

void MoveTimesAway(Rng& rng, Command* command) {
  const auto is_one_of = [](std::string_view text, auto& words) {
    return std::any_of(std::begin(words), std::end(words),
                       [text](std::string_view word) { return EqualsIgnoreCase(text, word); });
  };
  auto& args = command->args;
  for (size_t i = 1; i < args.size(); ++i) {
    const bool is_ttl =
        is_one_of(args[i - 1], kTtlWords) || (i == 2 && is_one_of(args[0], kTtlCommands));
    const bool is_absolute = is_one_of(args[i - 1], kAbsoluteWords);
    const auto time = is_ttl || is_absolute ? ParseInt64(args[i]) : std::nullopt;
    if (!time || *time <= 0 || *time >= (is_ttl ? kTtlMin : kAbsoluteTimesFromSeconds)) continue;
    // Beyond all that the grammar makes, in seconds and in milliseconds; and far from each other.
    args[i] = std::to_string((20 + rng.Between(0, kTtlSpread)) * 1'000'000'007);
  }
}

}  // namespace

void MaybeSpoil(Rng& rng, Command* command) {
  if (!rng.Chance(kSpoilChance)) return;
  auto& args = command->args;
  const size_t at = static_cast<size_t>(rng.Below(args.size()));
  const auto offset = static_cast<std::ptrdiff_t>(at);
  switch (rng.Below(8)) {
    case 0:
      if (args.size() > 1) args.pop_back();
      break;
    case 1:
      args.resize(1);
      break;
    case 2:
      args.push_back(Nonsense(rng));
      break;
    case 3:
      args.insert(args.begin() + offset + 1, args[at]);
      break;
    case 4:
      if (at > 0) std::swap(args[at], args[1 + rng.Below(args.size() - 1)]);
      break;
    case 5:
      if (rng.Chance(0.1)) args[0] += "X";
      break;
    default:
      if (at > 0) args[at] = Nonsense(rng);
      break;
  }
  MoveTimesAway(rng, command);
}

}  // namespace torc::differential
