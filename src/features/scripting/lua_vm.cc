#include "features/scripting/lua_vm.h"

#include <cstring>

#include "base/check.h"
#include "base/memory.h"
#include "features/scripting/lua_entry.h"
#include "features/scripting/sandbox.h"
#include "features/scripting/script_run.h"

namespace torc {
namespace {

// Where the handler of errors lies in every interpreter's stack.
constexpr int kHandlerIndex = 1;

int Panic(lua_State* lua) {
  TORC_CHECK(false, "an error of Lua outside of any protected call");
  return lua == nullptr ? 1 : 0;
}

// Turns what was raised into {err = text, source = chunk, line = number}: where the script was when
// it happened. Lua calls it before the stack is unwound. What was raised may be any table, also one
// that all scripts share: it is left as it is.
int DescribeError(lua_State* lua) {
  lua_settop(lua, 1);
  lua_createtable(lua, 0, 4);
  if (lua_type(lua, 1) == LUA_TTABLE) {
    for (const char* name : {"err", "ignore_error_stats_update"}) {
      lua_pushstring(lua, name);
      PushRawField(lua, 1, name);
      lua_rawset(lua, 2);
    }
  } else {
    lua_pushliteral(lua, "err");
    lua_pushliteral(lua, "ERR ");
    if (lua_isstring(lua, 1) != 0) {
      lua_pushvalue(lua, 1);
    } else {
      lua_pushstring(lua, luaL_typename(lua, 1));
    }
    lua_concat(lua, 2);
    lua_rawset(lua, 2);
  }
  lua_Debug where;
  bool known = lua_getstack(lua, 1, &where) != 0 && lua_getinfo(lua, "Sl", &where) != 0;
  if (known && std::strcmp(where.what, "C") == 0) {
    known = lua_getstack(lua, 2, &where) != 0 && lua_getinfo(lua, "Sl", &where) != 0;
  }
  if (known) {
    SetField(lua, "source", std::string_view(where.source));
    SetNumberField(lua, "line", where.currentline);
  }
  return 1;
}

}  // namespace

LuaVm::LuaVm(Kind kind, const int64_t* memory_bytes_max)
    : kind_(kind), memory_bytes_max_(memory_bytes_max) {
  const Grace grace(*this);
  lua_ = lua_newstate(Allocate, this);
  TORC_CHECK(lua_ != nullptr, "an interpreter fits into memory");
  lua_atpanic(lua_, Panic);
  lua_pushcclosure(lua_, LuaEntry<DescribeError>, 0);
  BuildSandbox(*this);
  TORC_CHECK(lua_gettop(lua_) == kHandlerIndex, "only the handler is left on the stack");
  lua_sethook(lua_, ScriptRun::OnInstructions, LUA_MASKCOUNT, ScriptRun::kInstructionsPerLook);
}

LuaVm::~LuaVm() {
  const Grace grace(*this);
  lua_close(lua_);
}

LuaVm& LuaVm::Of(lua_State* lua) {
  void* vm = nullptr;
  lua_getallocf(lua, &vm);
  return *static_cast<LuaVm*>(vm);
}

void* LuaVm::Allocate(void* vm, void* block, size_t old_bytes, size_t new_bytes) {
  LuaVm& self = *static_cast<LuaVm*>(vm);
  const size_t counted_bytes = block == nullptr ? 0 : old_bytes;
  if (new_bytes == 0) {
    Free(block);
    self.allocated_bytes_ -= counted_bytes;
    return nullptr;
  }
  const auto max_bytes = static_cast<uint64_t>(*self.memory_bytes_max_);
  const uint64_t bytes = self.allocated_bytes_ - counted_bytes + new_bytes;
  if (new_bytes > counted_bytes && max_bytes != 0 && bytes > max_bytes && self.graces_ == 0) {
    return nullptr;
  }
  self.allocated_bytes_ = bytes;
  return block == nullptr ? torc::Allocate(new_bytes) : Reallocate(block, new_bytes);
}

int LuaVm::Compile(const char* text, size_t text_bytes, const char* chunk) {
  const Grace grace(*this);
  // While Lua 5.1 compiles, its collector may take what the compiler still needs.
  lua_gc(lua_, LUA_GCSTOP, 0);
  const bool binary = text_bytes > 0 && text[0] == LUA_SIGNATURE[0];
  const int failed = binary ? luaL_loadbuffer(lua_, kBinarySample, kBinarySampleBytes, chunk)
                            : luaL_loadbuffer(lua_, text, text_bytes, chunk);
  lua_gc(lua_, LUA_GCRESTART, 0);
  return failed != 0 ? kNoRef : luaL_ref(lua_, LUA_REGISTRYINDEX);
}

void LuaVm::Release(int reference) {
  const Grace grace(*this);
  luaL_unref(lua_, LUA_REGISTRYINDEX, reference);
}

void LuaVm::PaceCollector() {
  constexpr int kUsualPause = 200;
  constexpr int kShortPause = 110;
  const auto max_bytes = static_cast<uint64_t>(*memory_bytes_max_);
  const bool close = max_bytes != 0 && allocated_bytes_ > max_bytes / 2;
  lua_gc(lua_, LUA_GCSETPAUSE, close ? kShortPause : kUsualPause);
}

bool LuaVm::Call(int argument_count) {
  const int failed = lua_pcall(lua_, argument_count, 1, kHandlerIndex);
  // A script that was stopped has shortened the interval.
  lua_sethook(lua_, ScriptRun::OnInstructions, LUA_MASKCOUNT, ScriptRun::kInstructionsPerLook);
  const auto max_bytes = static_cast<uint64_t>(*memory_bytes_max_);
  if (max_bytes != 0 && allocated_bytes_ > max_bytes / 2) {
    const Grace grace(*this);
    lua_gc(lua_, LUA_GCCOLLECT, 0);
  }
  PaceCollector();
  return failed == 0;
}

}  // namespace torc
