#include "features/scripting/scripting.h"

#include <limits>

#include "base/text.h"
#include "command/blocking.h"
#include "command/dispatcher.h"
#include "features/scripting/lua_entry.h"
#include "features/scripting/reply_conversion.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr std::string_view kOomAtRun =
    "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'";

// A table of texts on the stack's top.
void PushTexts(lua_State* lua, Argv texts) {
  lua_createtable(lua, static_cast<int>(texts.size()), 0);
  for (size_t i = 0; i < texts.size(); ++i) {
    PushText(lua, texts[i]);
    lua_rawseti(lua, -2, static_cast<int>(i + 1));
  }
}

std::string_view FieldText(lua_State* lua, const char* name) {
  const bool text = PushRawField(lua, -1, name) == LUA_TSTRING;
  const std::string_view out = text ? TextAt(lua, -1) : std::string_view();
  lua_pop(lua, 1);  // the table keeps the string
  return out;
}

// Whether memory is above its limit and nothing more may go. Keys do not leave between the commands
// of a transaction: room was made before it.
bool MemoryIsFull(const CommandContext& context) {
  Eviction& eviction = *context.services.eviction;
  if (!eviction.limited()) return false;
  if (context.session.transaction == nullptr)
    return eviction.MakeRoom(0) == Eviction::Outcome::kFull;
  return eviction.options().policy == EvictionPolicy::kNoEviction &&
         eviction.budget().ExcessBytes() > 0;
}

// Whether the value on the stack's top is an error that a call gave and that was counted then.
bool IsCountedError(lua_State* lua) {
  if (!lua_istable(lua, -1)) return false;
  const bool error = PushRawField(lua, -1, "err") == LUA_TSTRING;
  PushRawField(lua, -2, "ignore_error_stats_update");
  const bool counted = lua_toboolean(lua, -1) != 0;
  lua_pop(lua, 2);
  return error && counted;
}

}  // namespace

void DeclareScriptingOptions(ConfigRegistry& config, ScriptingOptions* options) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  config.Integer({.name = "busy-reply-threshold", .alias = "lua-time-limit", .min = 0, .max = kMax},
                 &options->busy_reply_threshold_ms);
  config.Memory({.name = "script-memory-limit", .min = 0, .max = kMax}, &options->memory_bytes_max);
  config.Integer({.name = "script-cache-size", .min = 0, .max = kMax},
                 &options->cached_scripts_max);
}

Scripting::Scripting(ScriptingOptions* options, const Services* services)
    : options_(options),
      scripts_(&options->cached_scripts_max, &options->memory_bytes_max),
      functions_(&options->memory_bytes_max, services->clock) {}

Scripting::~Scripting() = default;

bool Scripting::TakeKeys(CommandContext& context, ArgCursor& args, std::string_view bad_number,
                         Argv* keys, Argv* rest) {
  const auto count = ParseInt64(args.Next());
  const Argv all = args.Rest();
  std::string_view error;
  if (!count) {
    error = bad_number;
  } else if (*count > static_cast<int64_t>(all.size())) {
    error = "ERR Number of keys can't be greater than number of args";
  } else if (*count < 0) {
    error = "ERR Number of keys can't be negative";
  }
  if (!error.empty()) {
    context.reply.Error(error);
    return false;
  }
  *keys = all.first(static_cast<size_t>(*count));
  *rest = all.subspan(static_cast<size_t>(*count));
  return true;
}

// Whether a script that says what it does may begin. The dispatcher has asked, too, unless the
// script was not known then: one that a transaction loads before it runs it.
bool Scripting::MayRun(CommandContext& context, const Call& call, bool memory_full) {
  if (!call.has_flags || (call.identity.flags & kScriptNoWrites) != 0) return true;
  const CommandGate& gate = *context.services.gate;
  std::string_view error;
  const bool may_grow = context.session.internal || (call.identity.flags & kScriptAllowOom) != 0;
  const bool refused_for_memory = memory_full && !may_grow;
  if (call.by_read_only_command) {
    error = "ERR Can not execute a script with write flag using *_ro command.";
  } else if (!context.session.internal && !gate.snapshot_failure.empty()) {
    error = gate.snapshot_failure;
  } else if (!context.session.internal && !gate.log_failure.empty()) {
    error = gate.log_failure;
  } else if (refused_for_memory) {
    error = kOomAtRun;
  }
  if (!error.empty()) context.reply.Error(error);
  return error.empty();
}

void Scripting::PushArguments(LuaVm& vm, const Call& call) {
  lua_State* const lua = vm.lua();
  PushTexts(lua, call.keys);
  PushTexts(lua, call.args);
  if (call.identity.kind == ScriptIdentity::Kind::kEval) vm.SetKeysAndArgs();
}

void Scripting::Run(CommandContext& context, const Call& call) {
  context.services.dispatcher->AnnounceScript(context);
  const bool memory_full = MemoryIsFull(context);
  if (!MayRun(context, call, memory_full)) return;
  const bool eval = call.identity.kind == ScriptIdentity::Kind::kEval;
  LuaVm& vm = eval ? scripts_.vm() : functions_.vm();
  lua_State* const lua = vm.lua();
  ScriptRun run(this, &context, &session_, call.identity, call.keys, memory_full);
  vm.run = running_ = &run;
  running_command_ = context.argv;
  context.services.feed->BeginUnit();
  {
    const LuaVm::Grace grace(vm);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, call.function);
    PushArguments(vm, call);
  }
  const bool ok = vm.Call(eval ? 0 : 2);
  const LuaVm::Grace grace(vm);
  context.services.feed->EndUnit();
  if (ok) {
    context.session.error_counted = IsCountedError(lua);
    ReplyWithValue(lua, context.reply, session_.protocol);
  } else {
    ReplyError(context, vm, run);
  }
  lua_settop(lua, 1);
  vm.run = running_ = nullptr;
  running_command_ = {};
}

void Scripting::ReplyError(CommandContext& context, LuaVm& vm, const ScriptRun& run) {
  lua_State* const lua = vm.lua();
  std::string text;
  std::string where;
  if (lua_istable(lua, -1)) {
    text = std::string(FieldText(lua, "err"));
    if (text.empty()) text = "ERR unknown error";
    where = std::string(FieldText(lua, "source"));
    PushRawField(lua, -1, "ignore_error_stats_update");
    context.session.error_counted = lua_toboolean(lua, -1) != 0;
    lua_pop(lua, 1);
    PushRawField(lua, -1, "line");
    const DecimalText line(static_cast<int64_t>(lua_tonumber(lua, -1)));
    if (!where.empty()) where.append(":").append(line.view());
    lua_pop(lua, 1);
  } else {
    text = "ERR " + std::string(lua_isstring(lua, -1) != 0 ? TextAt(lua, -1) : "unknown error");
  }
  text.append(" script: ").append(run.identity().name);
  if (!where.empty()) text.append(", on ").append(where).append(".");
  context.reply.Error(text);
}

void Scripting::WriteInfo(InfoWriter& out) const {
  const size_t eval_bytes = scripts_.vm_bytes();
  const size_t function_bytes = functions_.vm_bytes();
  const size_t own_bytes = scripts_.allocated_bytes() + functions_.allocated_bytes();
  const size_t vm_bytes = eval_bytes + function_bytes;
  out.Field("used_memory_lua", uint64_t{eval_bytes});
  out.Field("used_memory_vm_eval", uint64_t{eval_bytes});
  out.Field("used_memory_lua_human", HumanBytes(eval_bytes));
  out.Field("used_memory_scripts_eval", uint64_t{scripts_.allocated_bytes()});
  out.Field("number_of_cached_scripts", uint64_t{scripts_.size()});
  out.Field("number_of_functions", uint64_t{functions_.function_count()});
  out.Field("number_of_libraries", uint64_t{functions_.libraries().size()});
  out.Field("used_memory_vm_functions", uint64_t{function_bytes});
  out.Field("used_memory_vm_total", uint64_t{vm_bytes});
  out.Field("used_memory_vm_total_human", HumanBytes(vm_bytes));
  out.Field("used_memory_functions", uint64_t{functions_.allocated_bytes()});
  out.Field("used_memory_scripts", uint64_t{own_bytes});
  out.Field("used_memory_scripts_human", HumanBytes(own_bytes));
}

void Scripting::WriteStatsInfo(InfoWriter& out) const {
  out.Field("evicted_scripts", scripts_.evicted());
}

std::function<Status(std::string_view)> FunctionAdder(const Services& services,
                                                      FunctionLibraries::Existing existing) {
  return [&services, existing](std::string_view source) {
    std::string error;
    services.scripting->functions().Load(source, existing, &error);
    return error.empty() ? Status::Ok() : Status::Corruption(error);
  };
}

void RegisterScriptingInfo(InfoSections& info, const Services* services) {
  info.Add("memory", InfoSections::Shown::kByDefault,
           [services](InfoWriter& out) { services->scripting->WriteInfo(out); });
  info.Add("stats", InfoSections::Shown::kByDefault,
           [services](InfoWriter& out) { services->scripting->WriteStatsInfo(out); });
}

}  // namespace torc
