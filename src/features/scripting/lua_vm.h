#pragma once

// LuaVm: a Lua 5.1 interpreter with Redis's sandbox around it, and the rule by which C++ lives
// inside it.
//
// Lua raises errors by longjmp, which runs no destructors. So whatever may raise one stays away
// from objects that have any:
//   - Functions of ours that scripts call are written as `int F(lua_State*)` and registered as
//     LuaEntry<F> (lua_entry.h). While F runs, a Grace is alive: no allocation fails, so Lua's API
//     raises nothing as long as F keeps to calls without metamethods and argument checks. F says
//     kRaise to have the value on the stack's top raised after its own frame is gone.
//   - Guards of Lua's own functions (lua_guards.cc) raise directly and hold plain values only.
//
// Memory: Lua's allocations are counted and bounded. Beyond the bound the script gets Lua's error
// "not enough memory"; the process never does.

#include <cstddef>
#include <cstdint>

struct lua_State;

namespace torc {

class ScriptRun;
class LibraryDraft;

class LuaVm {
 public:
  // Which globals there are: Redis keeps EVAL's scripts and functions apart.
  enum class Kind : uint8_t { kScripts, kFunctions };

  // `memory_bytes_max` (0: no bound) must outlive the interpreter.
  LuaVm(Kind kind, const int64_t* memory_bytes_max);
  ~LuaVm();
  LuaVm(const LuaVm&) = delete;
  LuaVm& operator=(const LuaVm&) = delete;

  // The interpreter a state, or a coroutine of it, belongs to.
  static LuaVm& Of(lua_State* lua);
  lua_State* lua() const { return lua_; }
  Kind kind() const { return kind_; }
  size_t allocated_bytes() const { return allocated_bytes_; }

  // Whether so many bytes more are within the bound: for what is built outside of Lua.
  bool Fits(size_t more_bytes) const {
    const auto max_bytes = static_cast<uint64_t>(*memory_bytes_max_);
    return max_bytes == 0 || allocated_bytes_ + more_bytes <= max_bytes;
  }

  // While one lives, allocations go beyond the bound.
  class Grace {
   public:
    explicit Grace(LuaVm& vm) : vm_(&vm) { ++vm_->graces_; }
    ~Grace() { --vm_->graces_; }
    Grace(const Grace&) = delete;
    Grace& operator=(const Grace&) = delete;

   private:
    LuaVm* vm_;
  };

  // Compiles a text; returns a reference to the function (luaL_ref), or kNoRef with Lua's message
  // on the stack's top. `chunk` is what errors call it: "@user_script".
  static constexpr int kNoRef = -2;
  int Compile(const char* text, size_t text_bytes, const char* chunk);
  void Release(int reference);
  // Functions only: which globals the code of a library sees while it is loaded.
  enum class Globals : uint8_t { kAll, kOfLoading };
  void ShowGlobals(Globals globals);
  // KEYS and ARGV are the two tables on the stack's top, which are popped.
  void SetKeysAndArgs();
  // Calls what lies on the stack below its `argument_count` arguments; on success its one result
  // lies there instead, on failure the error as a table (see ErrorToTable) or a text.
  bool Call(int argument_count);

  // Keeps the collector ahead of the bound: from half of it on it rests less between its rounds.
  void PaceCollector();

  ScriptRun* run = nullptr;       // the script that is running
  LibraryDraft* draft = nullptr;  // the library that is being loaded

 private:
  static void* Allocate(void* vm, void* block, size_t old_bytes, size_t new_bytes);

  Kind kind_;
  const int64_t* memory_bytes_max_;
  size_t allocated_bytes_ = 0;
  int graces_ = 0;
  lua_State* lua_ = nullptr;
};

}  // namespace torc
