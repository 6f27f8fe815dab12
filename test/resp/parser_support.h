#pragma once

// What the parser's tests and its fuzz target share: running an input through a parser in given
// pieces, the way a connection does, and the outcome as a value that can be compared.

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "resp/request_parser.h"

namespace torc {

struct ParseOutcome {
  std::vector<std::vector<std::string>> commands;
  std::vector<uint64_t> wire_bytes;
  std::string error;
  size_t left_bytes = 0;  // unconsumed at the end
  bool operator==(const ParseOutcome&) const = default;
};

// Feeds `pieces` one after the other. Each is copied to a block of its own size, so that a
// sanitizer sees any read past the bytes that have arrived, and addresses change between calls.
template <typename Pieces>
ParseOutcome ParseInPieces(const Pieces& pieces, const ParseLimits& limits) {
  ParseOutcome outcome;
  RequestParser parser;
  std::string kept;
  for (const std::string_view piece : pieces) {
    kept += piece;
    const std::vector<char> exact(kept.begin(), kept.end());
    std::string_view input(exact.data(), exact.size());
    RequestBatch batch;
    size_t consumed = 0;
    const size_t commands_max = std::numeric_limits<size_t>::max();
    const auto result = parser.Take(input, commands_max, limits, &batch, &consumed);
    input.remove_prefix(consumed);
    if (result == RequestParser::Result::kError) outcome.error = parser.error();
    for (const auto& command : batch.commands) {
      const auto args = batch.Args(command);
      outcome.commands.emplace_back(args.begin(), args.end());
      outcome.wire_bytes.push_back(command.wire_bytes);
    }
    kept.assign(input);
    if (!outcome.error.empty()) break;
  }
  // After an error what is left depends on where the pieces ended.
  outcome.left_bytes = outcome.error.empty() ? kept.size() : 0;
  return outcome;
}

inline ParseOutcome ParseWhole(std::string_view input, const ParseLimits& limits = {}) {
  return ParseInPieces(std::vector<std::string_view>{input}, limits);
}

}  // namespace torc
