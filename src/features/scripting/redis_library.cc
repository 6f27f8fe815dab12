// redis.*: what scripts call Redis by.

#include <algorithm>
#include <string>

#include "base/log.h"
#include "base/sha1.h"
#include "base/text.h"
#include "command/access.h"
#include "command/context.h"
#include "command/key_extraction.h"
#include "features/scripting/function_library.h"
#include "features/scripting/lua_entry.h"
#include "features/scripting/reply_conversion.h"
#include "features/scripting/sandbox.h"
#include "features/scripting/scripting.h"
#include "resp/double_text.h"
#include "torc/version.h"

namespace torc {
namespace {

constexpr int kReplAof = 1;
constexpr int kReplReplica = 2;
constexpr int kReplAll = kReplAof | kReplReplica;

enum class OnError : uint8_t { kRaise, kReturn };

// A number as an argument: whole ones without a point, others by their shortest digits.
std::string NumberText(lua_Number number) {
  if (number == 0) return "0";
  return std::string(DoubleText(number).view());
}

// The arguments of a call into the run's argv; false if one is neither text nor number.
bool GatherArguments(lua_State* lua, ScriptRun& run) {
  std::vector<std::string_view>& argv = run.argv();
  run.ForgetArguments();
  const int count = lua_gettop(lua);
  for (int i = 1; i <= count; ++i) {
    switch (lua_type(lua, i)) {
      case LUA_TSTRING:
        argv.push_back(TextAt(lua, i));
        break;
      case LUA_TNUMBER:
        argv.push_back(run.Keep(NumberText(lua_tonumber(lua, i))));
        break;
      default:
        return false;
    }
  }
  return true;
}

int Refuse(lua_State* lua, std::string_view text, OnError on_error, bool counted) {
  lua_settop(lua, 0);
  PushErrorTable(lua, text);
  lua_pushliteral(lua, "ignore_error_stats_update");
  lua_pushboolean(lua, counted ? 1 : 0);
  if (counted) {
    lua_rawset(lua, -3);
  } else {
    lua_pop(lua, 2);
  }
  return on_error == OnError::kRaise ? kRaise : 1;
}

int CallCommand(lua_State* lua, OnError on_error) {
  ScriptRun* const run = LuaVm::Of(lua).run;
  if (run == nullptr) {
    return PushErrorTable(lua,
                          "ERR redis.call/pcall can only be called inside a script invocation");
  }
  if (lua_gettop(lua) == 0) {
    return Refuse(lua, "ERR Please specify at least one argument for this redis lib call", on_error,
                  false);
  }
  if (!GatherArguments(lua, *run)) {
    return Refuse(lua, "ERR Lua redis lib command arguments must be strings or integers", on_error,
                  false);
  }
  const std::string_view refusal = run->Execute();
  if (!refusal.empty()) {
    CommandStats* const stats = run->context().services.stats;
    if (stats != nullptr) stats->CountError(refusal);
    return Refuse(lua, refusal, on_error, true);
  }
  ReplyQueue& replies = run->session().replies;
  const std::string_view reply = replies.bytes().view();
  const bool error = reply.empty() || reply[0] == '-';
  lua_settop(lua, 0);
  if (reply.empty()) {
    lua_pushboolean(lua, 0);
    return 1;
  }
  PushReply(lua, reply);
  replies.Consume(reply.size());
  return error && on_error == OnError::kRaise ? kRaise : 1;
}

int Call(lua_State* lua) {
  return CallCommand(lua, OnError::kRaise);
}

int ProtectedCall(lua_State* lua) {
  return CallCommand(lua, OnError::kReturn);
}

int WrongReplyArguments(lua_State* lua) {
  PushErrorTable(lua, "ERR wrong number or type of arguments");
  return 1;
}

// An error's text has a code word, which is ERR if nothing else is said; a '-' before it may be
// there.
int ErrorReply(lua_State* lua) {
  if (lua_gettop(lua) != 1 || lua_type(lua, 1) != LUA_TSTRING) return WrongReplyArguments(lua);
  std::string_view given = TextAt(lua, 1);
  if (!given.empty() && given[0] == '-') given.remove_prefix(1);
  const bool has_code = given.find(' ') != std::string_view::npos;
  const std::string text = (has_code ? "" : "ERR ") + std::string(given);
  PushErrorTable(lua, text);
  return 1;
}

int StatusReply(lua_State* lua) {
  if (lua_gettop(lua) != 1 || lua_type(lua, 1) != LUA_TSTRING) return WrongReplyArguments(lua);
  lua_createtable(lua, 0, 1);
  SetField(lua, "ok", TextAt(lua, 1));
  return 1;
}

int Sha1(lua_State* lua) {
  if (lua_gettop(lua) != 1) return PushErrorTable(lua, "ERR wrong number of arguments");
  const bool text = lua_isstring(lua, 1) != 0;
  const auto digest = Sha1Hex(text ? TextAt(lua, 1) : std::string_view());
  PushText(lua, {digest.data(), digest.size()});
  return 1;
}

int WriteLog(lua_State* lua) {
  const int count = lua_gettop(lua);
  if (count < 2) {
    return PushErrorTable(lua, "ERR redis.log() requires two arguments or more.");
  }
  if (lua_type(lua, 1) != LUA_TNUMBER) {
    return PushErrorTable(lua, "ERR First argument must be a number (log level).");
  }
  const lua_Number level = lua_tonumber(lua, 1);
  if (!(level >= static_cast<int>(LogLevel::kDebug) &&
        level < static_cast<int>(LogLevel::kWarning) + 1)) {
    return PushErrorTable(lua, "ERR Invalid debug level.");
  }
  std::string text;
  for (int i = 2; i <= count; ++i) {
    if (lua_isstring(lua, i) == 0) continue;
    if (i > 2) text += ' ';
    text += TextAt(lua, i);
  }
  Log(static_cast<LogLevel>(static_cast<int>(level)), "%s", text.c_str());
  return 0;
}

int SetProtocol(lua_State* lua) {
  if (lua_gettop(lua) != 1) {
    return PushErrorTable(lua, "ERR redis.setresp() requires one argument.");
  }
  const lua_Number protocol = lua_tonumber(lua, 1);
  if (protocol != 2 && protocol != 3) {
    return PushErrorTable(lua, "ERR RESP version must be 2 or 3.");
  }
  if (ScriptRun* const run = LuaVm::Of(lua).run) {
    run->session().protocol = static_cast<int>(protocol);
  }
  return 0;
}

// Whether what the script writes goes into the log (and to replicas, which get what is logged).
int SetRepl(lua_State* lua) {
  if (lua_gettop(lua) != 1) {
    return PushErrorTable(lua, "ERR redis.set_repl() requires one argument.");
  }
  const lua_Number flags = lua_tonumber(lua, 1);
  if (!(flags >= 0 && flags <= kReplAll)) {
    return PushErrorTable(lua,
                          "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or "
                          "REPL_NONE.");
  }
  if (ScriptRun* const run = LuaVm::Of(lua).run) {
    run->session().unlogged = (static_cast<int>(flags) & kReplAof) == 0;
  }
  return 0;
}

int ReplicateCommands(lua_State* lua) {
  lua_pushboolean(lua, 1);
  return 1;
}

// There is no debugger: a breakpoint is not one, and what is said to it is not heard.
int Breakpoint(lua_State* lua) {
  lua_pushboolean(lua, 0);
  return 1;
}

int Nothing(lua_State* /*lua*/) {
  return 0;
}

// Whether the script's user may run a command.
int AclCheckCommand(lua_State* lua) {
  ScriptRun* const run = LuaVm::Of(lua).run;
  if (run == nullptr) {
    return PushErrorTable(lua, "ERR redis.acl_check_cmd can only be called inside a script");
  }
  if (lua_gettop(lua) == 0) {
    return PushErrorTable(lua, "ERR Please specify at least one argument for this redis lib call");
  }
  const bool texts = GatherArguments(lua, *run);
  const std::vector<std::string_view> argv = run->argv();
  const Command* command = texts ? run->context().services.commands->Find(argv[0]) : nullptr;
  if (command != nullptr && !command->subcommands.empty() && argv.size() > 1) {
    command = CommandRegistry::FindSub(*command, argv[1]);
  }
  if (!texts) {
    return PushErrorTable(lua, "ERR Lua redis lib command arguments must be strings or integers");
  }
  if (command == nullptr) {
    return PushErrorTable(lua, "ERR Invalid command passed to redis.acl_check_cmd()");
  }
  lua_pushboolean(lua, CheckAccess(run->session(), *command, argv).allowed() ? 1 : 0);
  return 1;
}

// --- redis.register_function

std::string_view TakeFlags(lua_State* lua, int table, uint32_t* flags) {
  for (int i = 1;; ++i) {
    lua_rawgeti(lua, table, i);
    const int type = lua_type(lua, -1);
    if (type == LUA_TNIL) break;
    const auto flag = type == LUA_TSTRING ? ScriptFlagOf(TextAt(lua, -1)) : std::nullopt;
    lua_pop(lua, 1);
    if (!flag) return "ERR unknown flag given";
    *flags |= *flag;
  }
  lua_pop(lua, 1);
  return {};
}

// One named argument, whose value is on the stack's top. Keeps the callback at stack index 2.
std::string_view TakeNamed(lua_State* lua, std::string_view name, ScriptFunction* function) {
  const int value = lua_gettop(lua);
  const bool text = lua_isstring(lua, value) != 0;
  if (name == "function_name") {
    if (!text)
      return "ERR function_name argument given to redis.register_function must be a string";
    function->name = std::string(TextAt(lua, value));
  } else if (name == "description") {
    if (!text) return "ERR description argument given to redis.register_function must be a string";
    function->description = std::string(TextAt(lua, value));
    function->has_description = true;
  } else if (name == "callback") {
    if (!lua_isfunction(lua, value)) {
      return "ERR callback argument given to redis.register_function must be a function";
    }
    lua_pushvalue(lua, value);
    lua_replace(lua, 2);
  } else if (name == "flags") {
    if (!lua_istable(lua, value)) {
      return "ERR flags argument to redis.register_function must be a table representing function "
             "flags";
    }
    return TakeFlags(lua, value, &function->flags);
  } else {
    return "ERR unknown argument given to redis.register_function";
  }
  return {};
}

std::string_view TakeNamedArguments(lua_State* lua, ScriptFunction* function) {
  lua_settop(lua, 1);
  lua_pushnil(lua);  // the callback
  lua_pushnil(lua);
  while (lua_next(lua, 1) != 0) {
    const bool named = lua_type(lua, -2) == LUA_TSTRING;
    const std::string_view error = named ? TakeNamed(lua, TextAt(lua, -2), function)
                                         : "ERR named argument key given to "
                                           "redis.register_function is not a string";
    if (!error.empty()) return error;
    lua_pop(lua, 1);
  }
  if (function->name.empty())
    return "ERR redis.register_function must get a function name argument";
  if (lua_isnil(lua, 2)) return "ERR redis.register_function must get a callback argument";
  return {};
}

std::string_view TakeArguments(lua_State* lua, ScriptFunction* function) {
  const int count = lua_gettop(lua);
  if (count < 1 || count > 2) return "ERR wrong number of arguments to redis.register_function";
  if (count == 1) {
    if (lua_istable(lua, 1)) return TakeNamedArguments(lua, function);
    return "ERR calling redis.register_function with a single argument is only applicable to Lua "
           "table (representing named arguments).";
  }
  if (lua_isstring(lua, 1) == 0) {
    return "ERR first argument to redis.register_function must be a string";
  }
  function->name = std::string(TextAt(lua, 1));
  if (!lua_isfunction(lua, 2)) {
    return "ERR second argument to redis.register_function must be a function";
  }
  return {};
}

int RegisterFunction(lua_State* lua) {
  LuaVm& vm = LuaVm::Of(lua);
  if (vm.draft == nullptr) {
    return PushErrorTable(
        lua, "ERR redis.register_function can only be called on FUNCTION LOAD command");
  }
  ScriptFunction function;
  std::string_view error = TakeArguments(lua, &function);
  if (error.empty() && !ValidFunctionName(function.name)) {
    error =
        "ERR Library names can only contain letters, numbers, or underscores(_) and must be at "
        "least one character long";
  }
  if (error.empty()) {
    lua_settop(lua, 2);
    function.function = luaL_ref(lua, LUA_REGISTRYINDEX);
    const int reference = function.function;
    error = vm.draft->Add(std::move(function));
    if (!error.empty()) vm.Release(reference);
  }
  return error.empty() ? 0 : PushErrorTable(lua, error);
}

void SetConstants(lua_State* lua) {
  SetField(lua, "REDIS_VERSION", std::string_view(kRedisVersion));
  SetNumberField(lua, "REDIS_VERSION_NUM", kRedisVersionNumber);
  SetNumberField(lua, "LOG_DEBUG", static_cast<int>(LogLevel::kDebug));
  SetNumberField(lua, "LOG_VERBOSE", static_cast<int>(LogLevel::kVerbose));
  SetNumberField(lua, "LOG_NOTICE", static_cast<int>(LogLevel::kNotice));
  SetNumberField(lua, "LOG_WARNING", static_cast<int>(LogLevel::kWarning));
  SetField(lua, "log", LuaEntry<WriteLog>);
}

}  // namespace

void PushRedisLibrary(lua_State* lua, bool for_scripts) {
  lua_createtable(lua, 0, 26);
  SetConstants(lua);
  SetField(lua, "call", LuaEntry<Call>);
  SetField(lua, "pcall", LuaEntry<ProtectedCall>);
  SetField(lua, "error_reply", LuaEntry<ErrorReply>);
  SetField(lua, "status_reply", LuaEntry<StatusReply>);
  SetField(lua, "sha1hex", LuaEntry<Sha1>);
  SetField(lua, "setresp", LuaEntry<SetProtocol>);
  SetField(lua, "set_repl", LuaEntry<SetRepl>);
  SetNumberField(lua, "REPL_NONE", 0);
  SetNumberField(lua, "REPL_AOF", kReplAof);
  SetNumberField(lua, "REPL_REPLICA", kReplReplica);
  SetNumberField(lua, "REPL_SLAVE", kReplReplica);
  SetNumberField(lua, "REPL_ALL", kReplAll);
  SetField(lua, "acl_check_cmd", LuaEntry<AclCheckCommand>);
  if (!for_scripts) return;
  SetField(lua, "replicate_commands", LuaEntry<ReplicateCommands>);
  SetField(lua, "breakpoint", LuaEntry<Breakpoint>);
  SetField(lua, "debug", LuaEntry<Nothing>);
}

void PushLoadingLibrary(lua_State* lua) {
  lua_createtable(lua, 0, 8);
  SetConstants(lua);
  SetField(lua, "register_function", LuaEntry<RegisterFunction>);
}

}  // namespace torc
