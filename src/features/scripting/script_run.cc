#include "features/scripting/script_run.h"

#include <algorithm>

#include "base/log.h"
#include "command/access.h"
#include "command/dispatcher.h"
#include "command/key_extraction.h"
#include "features/scripting/function_library.h"
#include "features/scripting/lua_entry.h"
#include "features/scripting/scripting.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr int64_t kNsPerMs = 1000000;
constexpr const char* kKilledText = "ERR Script killed by user with SCRIPT KILL...";
constexpr const char* kStoppedText = "ERR Script stopped: the server shuts down";
constexpr std::string_view kBusyFunction =
    "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.";

}  // namespace

void ScriptRun::OnInstructions(lua_State* lua, lua_Debug* /*where*/) {
  LuaVm& vm = LuaVm::Of(lua);
  vm.PaceCollector();
  const char* stop = nullptr;
  if (vm.run != nullptr) {
    stop = vm.run->Look();
  } else if (vm.draft != nullptr) {
    stop = vm.draft->Look();
  }
  if (stop == nullptr) return;
  // Whoever catches this is interrupted again at its next instruction.
  lua_sethook(lua, OnInstructions, LUA_MASKCOUNT, 1);
  lua_sethook(vm.lua(), OnInstructions, LUA_MASKCOUNT, 1);
  {
    const LuaVm::Grace grace(vm);
    lua_checkstack(lua, LUA_MINSTACK);
    PushErrorTable(lua, stop);
  }
  lua_error(lua);
}

ScriptRun::ScriptRun(Scripting* scripting, CommandContext* context, Session* session,
                     const ScriptIdentity& identity, Argv keys, bool memory_full)
    : scripting_(scripting),
      context_(context),
      session_(session),
      identity_(identity),
      keys_(keys),
      began_ns_(context->services.clock->MonoNs()),
      memory_full_(memory_full) {
  Session& caller = context->session;
  session_->id = caller.id;
  session_->db = caller.db;
  session_->protocol = 2;
  session_->authenticated = true;
  session_->internal = caller.internal;
  session_->no_touch = caller.no_touch;
  session_->user = caller.user;
  session_->name = caller.name;
  session_->script_caller = &caller;
  session_->in_script = true;
  session_->unlogged = false;
}

ScriptRun::~ScriptRun() {
  session_->script_caller = nullptr;
  session_->unlogged = false;
  session_->replies.Consume(session_->replies.bytes().size());
  if (slow_) context_->services.gate->busy = {};
}

bool ScriptRun::KeysAreDeclared(const Command& command) const {
  if (command.Has(kAllPartitions)) return false;
  const auto keys = KeysOf(command, argv_);
  if (!keys) return true;  // the command itself complains
  return std::all_of(keys->begin(), keys->end(), [this](const KeyArgument& key) {
    return std::find(keys_.begin(), keys_.end(), argv_[key.position]) != keys_.end();
  });
}

std::string_view ScriptRun::RefusalOf(const Command& command) {
  if (command.Has(kNoScript) && !context_->services.options->scripts_may_call_all) {
    return "ERR This Redis command is not allowed from script";
  }
  if (!MayDoEverything(*session_)) {
    const AclVerdict verdict = CheckAccess(*session_, command, argv_);
    if (!verdict.allowed()) {
      NoteRefusal(context_->services, *session_, verdict, AclContext::kLua, command, argv_);
      return Keep("NOPERM ACL failure in script: " +
                  RefusalText(verdict, *session_->user, command, argv_, false));
    }
  }
  if (identity_.read_only && (command.spec.flags & (kWrite | kMayReplicate)) != 0) {
    return "ERR Write commands are not allowed from read-only scripts.";
  }
  if (command.Has(kWrite)) {
    const CommandGate& gate = *context_->services.gate;
    if (!session_->internal && !gate.snapshot_failure.empty()) return gate.snapshot_failure;
    if (!session_->internal && !gate.log_failure.empty()) return gate.log_failure;
  }
  // Once it has written it may go on: half of a script is worse than a little too much memory.
  const bool may_grow = wrote_ || session_->internal || (identity_.flags & kScriptAllowOom) != 0;
  if (memory_full_ && command.Has(kDenyOom) && !may_grow) return errors::kOom;
  if ((identity_.flags & kScriptOnlyDeclaredKeys) != 0 && !KeysAreDeclared(command)) {
    return "ERR A script with the flag only-declared-keys can touch no other keys than its KEYS";
  }
  return {};
}

std::string_view ScriptRun::Execute() {
  const CommandRegistry& commands = *context_->services.commands;
  const Command* command = commands.Find(argv_[0]);
  if (command != nullptr && !command->subcommands.empty() && argv_.size() > 1) {
    command = CommandRegistry::FindSub(*command, argv_[1]);
  }
  std::string_view refusal;
  if (command == nullptr) {
    refusal = "ERR Unknown Redis command called from script";
  } else if (!command->ArityFits(argv_.size()) || command->handler == nullptr) {
    refusal = "ERR Wrong number of args calling Redis command from script";
  } else {
    refusal = RefusalOf(*command);
  }
  if (refusal.empty()) {
    wrote_ |= command->Has(kWrite);
    context_->services.dispatcher->RunForScript(*context_, *session_, *command, argv_);
  } else if (command != nullptr && context_->services.stats != nullptr) {
    ++context_->services.stats->by_command[command->index].rejected_calls;
  }
  argv_.clear();
  return refusal;
}

ScriptRun::KillAnswer ScriptRun::Kill() {
  if (wrote_) return KillAnswer::kHasWritten;
  killed_ = true;
  return KillAnswer::kKilled;
}

int64_t ScriptRun::duration_ms() const {
  return (context_->services.clock->MonoNs() - began_ns_) / kNsPerMs;
}

std::string_view ScriptRun::busy_text() const {
  return identity_.kind == ScriptIdentity::Kind::kEval ? errors::kBusyScript : kBusyFunction;
}

void ScriptRun::BecomeSlow(int64_t now_ns) {
  slow_ = true;
  context_->services.gate->busy = busy_text();
  const bool eval = identity_.kind == ScriptIdentity::Kind::kEval;
  Log(LogLevel::kWarning,
      "Slow script detected: still in execution after %lld milliseconds. You can try killing the "
      "script using the %s command. Script name is: %.*s.",
      static_cast<long long>((now_ns - began_ns_) / kNsPerMs),
      eval ? "SCRIPT KILL" : "FUNCTION KILL", static_cast<int>(identity_.name.size()),
      identity_.name.data());
}

const char* ScriptRun::Look() {
  if (killed_) return kKilledText;
  const Services& services = context_->services;
  const int64_t limit_ms = scripting_->options().busy_reply_threshold_ms;
  if (!slow_) {
    const int64_t now_ns = services.clock->MonoNs();
    if (limit_ms == 0 || session_->internal || now_ns - began_ns_ < limit_ms * kNsPerMs) {
      return nullptr;
    }
    BecomeSlow(now_ns);
  }
  if (services.busy_host == nullptr) return nullptr;
  services.busy_host->ServeOthers();
  if (killed_) return kKilledText;
  if (!services.busy_host->stop_requested()) return nullptr;
  services.feed->DropUnit();
  return kStoppedText;
}

}  // namespace torc
