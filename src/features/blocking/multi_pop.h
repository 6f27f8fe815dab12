#pragma once

// BLMPOP and BZMPOP: a time to wait, then exactly what LMPOP and ZMPOP take.

#include <string_view>

#include "command/context.h"
#include "store/type_ops.h"

namespace torc {

void PopSeveralOrWait(CommandContext& context, ArgCursor args, std::string_view plain,
                      ValueType type);

}  // namespace torc
