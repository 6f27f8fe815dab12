#pragma once

// How COMMAND INFO describes a command: ten elements, made from its spec.

#include <cstdint>
#include <string_view>
#include <vector>

#include "command/command_registry.h"
#include "resp/reply_writer.h"

namespace torc {

// The description, its subcommands' included.
void ReplyDescription(ReplyWriter& reply, const Command& command);

// Where a command's keys are as Redis before 7 told it: argument numbers, `last` negative from the
// end; all 0 if that cannot be said. Made from as many key specifications as one such run can
// cover.
struct LegacyKeyRange {
  int first = 0;
  int last = 0;
  int step = 0;
};
LegacyKeyRange LegacyKeys(const CommandSpec& spec);

// Redis's words for KeyUse bits: "RW", "access", "update".
std::vector<std::string_view> KeyUseNames(uint16_t use);

}  // namespace torc
