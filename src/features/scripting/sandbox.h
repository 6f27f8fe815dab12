#pragma once

// What a script finds when it looks round: Lua's libraries without what reaches outside, Redis's
// own, and none of it to be changed.
//
// Stock Lua has no read-only tables. So a script never gets hold of a library's table: it gets an
// empty one whose metatable looks everything up in the real one and refuses every assignment. The
// functions that pass metatables by (rawset, rawget, next, pairs, setmetatable, getmetatable,
// table.insert) know such tables (lua_guards.cc). Globals are one of them.

#include <cstddef>

struct lua_State;

namespace torc {

class LuaVm;

inline constexpr const char* kReadOnlyText = "Attempt to modify a readonly table";

// What compiling bytecode says instead of running it: Lua's complaint about this text.
inline constexpr const char* kBinarySample = " \x1b";
inline constexpr size_t kBinarySampleBytes = 2;

// Fills a new interpreter; leaves its stack as it was.
void BuildSandbox(LuaVm& vm);

// --- For guards
// Replaces the table on the stack's top by a read-only view of it. With `strict`, a look-up of what
// is not there is an error.
void MakeReadOnly(lua_State* lua, bool strict = false);
// If the value at `index` is such a view, pushes what it is a view of.
bool PushViewed(lua_State* lua, int index);
// If the value at `index` has a metatable that scripts must not get, pushes what they are shown
// instead (nil for most).
bool PushShownMetatable(lua_State* lua, int index);

// --- Libraries: each pushes its table.
void PushRedisLibrary(lua_State* lua, bool for_scripts);
// What redis.* is while a library of functions is loaded.
void PushLoadingLibrary(lua_State* lua);
void PushBitLibrary(lua_State* lua);
void PushStructLibrary(lua_State* lua);
void PushMessagePackLibrary(lua_State* lua);
void PushJsonLibrary(lua_State* lua);

// Replace what Lua's own libraries have by what knows the sandbox's rules.
void GuardBaseLibrary(lua_State* lua);
void GuardStringLibrary(lua_State* lua);
void GuardTableLibrary(lua_State* lua);
void GuardMathLibrary(lua_State* lua);

}  // namespace torc
