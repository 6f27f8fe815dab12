#pragma once

// ScriptRun: one run of a script or a function: what its calls of Redis's commands may do, what
// they did, and when it has taken so long that others are served meanwhile.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "command/context.h"
#include "features/scripting/script_flags.h"

struct lua_State;
struct lua_Debug;

namespace torc {

class Scripting;

// What is run.
struct ScriptIdentity {
  enum class Kind : uint8_t { kEval, kFunction };
  Kind kind = Kind::kEval;
  std::string_view name;   // SHA1 or the function's name
  uint32_t flags = 0;      // ScriptFlag
  bool read_only = false;  // no-writes, or run by a command of the _RO kind
};

class ScriptRun {
 public:
  // How many instructions of Lua go by between two looks at the clock: about a millisecond.
  static constexpr int kInstructionsPerLook = 100000;
  // Lua's hook.
  static void OnInstructions(lua_State* lua, lua_Debug* where);

  // All must outlive the run. `keys` is what the caller declared;
  // `memory_full`: as it was when the script began.
  ScriptRun(Scripting* scripting, CommandContext* context, Session* session,
            const ScriptIdentity& identity, Argv keys, bool memory_full);
  ~ScriptRun();
  ScriptRun(const ScriptRun&) = delete;
  ScriptRun& operator=(const ScriptRun&) = delete;

  // --- redis.call
  // The arguments of the next call, cleared by Execute. Numbers and other texts that Lua does not
  // hold are kept by Keep until then.
  std::vector<std::string_view>& argv() { return argv_; }
  std::string_view Keep(std::string text) { return kept_.emplace_back(std::move(text)); }
  void ForgetArguments() {
    argv_.clear();
    kept_.clear();
  }
  // Runs the command. Empty: the reply is in session().replies. Else why it does not run; the text
  // lives until ForgetArguments.
  std::string_view Execute();

  Session& session() { return *session_; }
  CommandContext& context() { return *context_; }
  const ScriptIdentity& identity() const { return identity_; }
  // --- Stopping it
  enum class KillAnswer : uint8_t { kKilled, kHasWritten };
  KillAnswer Kill();
  int64_t duration_ms() const;
  // A look at the clock; why the script must stop now, or null.
  const char* Look();
  // The error that others get meanwhile.
  std::string_view busy_text() const;

 private:
  std::string_view RefusalOf(const Command& command);
  bool KeysAreDeclared(const Command& command) const;
  void BecomeSlow(int64_t now_ns);

  Scripting* scripting_;
  CommandContext* context_;
  Session* session_;
  ScriptIdentity identity_;
  Argv keys_;
  std::vector<std::string_view> argv_;
  std::deque<std::string> kept_;
  int64_t began_ns_;
  bool memory_full_;
  bool wrote_ = false;
  bool slow_ = false;
  bool killed_ = false;
};

}  // namespace torc
