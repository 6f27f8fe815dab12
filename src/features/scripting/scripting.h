#pragma once

// Scripting: a shard's scripts and functions, and how they are run. EVAL's scripts and functions
// have an interpreter each, made when the first of them is needed.
//
// A script runs as one unit of effects: what it wrote is logged and told, not the script.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "command/context.h"
#include "command/info.h"
#include "features/scripting/function_library.h"
#include "features/scripting/lua_vm.h"
#include "features/scripting/script_cache.h"
#include "features/scripting/script_run.h"
#include "torc/status.h"

namespace torc {

struct ScriptingOptions {
  int64_t busy_reply_threshold_ms = 5000;  // 0: scripts may take as long as they like
  int64_t memory_bytes_max = 512LL << 20;  // of each interpreter; 0: no bound
  int64_t cached_scripts_max = 500;        // of those that EVAL alone knows; 0: no bound
};
void DeclareScriptingOptions(ConfigRegistry& config, ScriptingOptions* options);

class Scripting {
 public:
  // Both must outlive it.
  Scripting(ScriptingOptions* options, const Services* services);
  ~Scripting();
  Scripting(const Scripting&) = delete;
  Scripting& operator=(const Scripting&) = delete;

  ScriptingOptions& options() { return *options_; }
  ScriptCache& scripts() { return scripts_; }
  FunctionLibraries& functions() { return functions_; }
  // What runs at this moment, or null.
  ScriptRun* running() { return running_; }
  Argv running_command() const { return running_command_; }

  // --- Running
  struct Call {
    ScriptIdentity identity;
    int function = LuaVm::kNoRef;  // in the interpreter of that kind
    bool has_flags = false;        // it says what it does; else it is judged call by call
    bool by_read_only_command = false;
    Argv keys;
    Argv args;
  };
  // Runs it and replies.
  void Run(CommandContext& context, const Call& call);
  // How a session whose arguments are EVAL's or FCALL's gives its keys: the number at `args`' next
  // place, the keys, the rest. False: replied why not.
  static bool TakeKeys(CommandContext& context, ArgCursor& args, std::string_view bad_number,
                       Argv* keys, Argv* rest);

  void WriteInfo(InfoWriter& out) const;
  void WriteStatsInfo(InfoWriter& out) const;

 private:
  bool MayRun(CommandContext& context, const Call& call, bool memory_full);
  void PushArguments(LuaVm& vm, const Call& call);
  void ReplyError(CommandContext& context, LuaVm& vm, const ScriptRun& run);

  ScriptingOptions* options_;
  ScriptCache scripts_;
  FunctionLibraries functions_;
  Session session_;  // what the running script's commands run in
  ScriptRun* running_ = nullptr;
  Argv running_command_;
};

// For loaders of snapshots: adds a library. `services` must outlive it.
std::function<Status(std::string_view)> FunctionAdder(
    const Services& services,
    FunctionLibraries::Existing existing = FunctionLibraries::Existing::kReplace);

// INFO's fields of scripts and functions. `services` must outlive them.
void RegisterScriptingInfo(InfoSections& info, const Services* services);

}  // namespace torc
