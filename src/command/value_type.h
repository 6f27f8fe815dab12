#pragma once

// The check that every look-up of a typed value begins with.

#include "command/context.h"
#include "resp/errors.h"

namespace torc {

// Whether there is a value and it is of another type: then WRONGTYPE has been replied.
inline bool RefuseOtherType(CommandContext& context, const Entry* entry, ValueType type) {
  if (entry == nullptr || entry->type() == type) return false;
  context.reply.Error(errors::kWrongType);
  return true;
}

}  // namespace torc
