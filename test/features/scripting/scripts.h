#pragma once

// An engine whose client runs scripts.

#include <string>
#include <string_view>
#include <vector>

#include "support/engine_harness.h"

namespace torc {

class Scripts {
 public:
  std::string Eval(std::string_view script, std::vector<std::string_view> keys = {},
                   std::vector<std::string_view> args = {}) {
    const std::string count = std::to_string(keys.size());
    std::vector<std::string_view> argv = {"EVAL", script, count};
    argv.insert(argv.end(), keys.begin(), keys.end());
    argv.insert(argv.end(), args.begin(), args.end());
    return engine.client().RunArgs(argv);
  }
  // The error's text without the script's name and place.
  std::string Error(std::string_view script) {
    const std::string reply = Eval(script);
    const size_t begin = reply.find("(error) ");
    if (begin != 0) return reply;
    return reply.substr(8, reply.find(" script: ") - 8);
  }
  EngineHarness engine;
};

}  // namespace torc
