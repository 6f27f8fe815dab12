#include "redis-tests/differential/mutate.h"

#include <iterator>
#include <string>
#include <utility>

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
}

}  // namespace torc::differential
