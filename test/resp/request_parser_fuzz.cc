// Any bytes, cut in any way: the parser must give the same commands, or the same error, as for the
// whole input at once, read nothing outside the bytes it has, and hold no more than the input is
// long. The first two bytes seed the cuts and choose the limits.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/rng.h"
#include "resp/parser_support.h"

namespace {

constexpr size_t kInputBytesMax = 1 << 16;

std::vector<std::string_view> Cut(std::string_view input, torc::Rng* rng,
                                  uint64_t piece_bytes_max) {
  std::vector<std::string_view> pieces;
  while (!input.empty()) {
    pieces.push_back(input.substr(0, 1 + rng->Below(piece_bytes_max)));
    input.remove_prefix(pieces.back().size());
  }
  return pieces;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  if (size_bytes < 2 || size_bytes > kInputBytesMax) return 0;
  const uint8_t seed = data[0];
  torc::ParseLimits limits;
  limits.authenticated = (data[1] & 1) != 0;
  if ((data[1] & 2) != 0) {
    limits.args_max = 20;
    limits.bulk_bytes_max = 100;
    limits.inline_bytes_max = 64;
  }
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size_bytes - 2);
  const torc::ParseOutcome whole = torc::ParseWhole(input, limits);
  size_t argument_bytes = 0;
  for (const auto& command : whole.commands) {
    TORC_CHECK(!command.empty(), "a command has a name");
    for (const auto& arg : command) argument_bytes += arg.size();
  }
  TORC_CHECK(argument_bytes <= input.size(), "arguments are no longer than what was sent");
  torc::Rng rng(seed);
  // Every piece is parsed with all that is kept before it: short inputs may be cut finely, long
  // ones not.
  const uint64_t piece_bytes_max = 1 + input.size() / 40;
  TORC_CHECK(torc::ParseInPieces(Cut(input, &rng, piece_bytes_max), limits) == whole,
             "fine cuts change nothing");
  TORC_CHECK(torc::ParseInPieces(Cut(input, &rng, 1 + input.size() / 3), limits) == whole,
             "coarse cuts change nothing");
  return 0;
}
