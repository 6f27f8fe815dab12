#pragma once

#include <string_view>

#include "torc/reply.h"

namespace torc {

// The tree of exactly one reply of our own making; anything else is a bug of ours (checked).
Reply ParseReply(std::string_view bytes);

}  // namespace torc
