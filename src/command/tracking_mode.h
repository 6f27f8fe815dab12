#pragma once

// How a session's keys are tracked for client-side caching: CLIENT TRACKING's settings.

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"

namespace torc {

struct TrackingMode {
  // What CLIENT CACHING said about the next command.
  enum class Caching : uint8_t { kUnsaid, kYes, kNo };

  bool broadcast = false;
  bool opt_in = false;
  bool opt_out = false;
  bool no_loop = false;
  bool redirect_broken = false;  // the client redirected to is gone
  Caching caching = Caching::kUnsaid;
  ClientId redirect{};                // 0: messages go to the client itself
  std::vector<std::string> prefixes;  // with broadcast; one empty prefix means every key
};

}  // namespace torc
