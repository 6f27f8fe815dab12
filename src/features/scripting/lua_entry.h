#pragma once

// The border between C++ and Lua: see lua_vm.h.

#include <lua.hpp>
#include <string_view>

#include "features/scripting/lua_vm.h"

namespace torc {

// What an entry returns to have the value on the stack's top raised as an error.
inline constexpr int kRaise = -1;

template <int (*F)(lua_State*)>
int LuaEntry(lua_State* lua) {
  int results = 0;
  {
    const LuaVm::Grace grace(LuaVm::Of(lua));
    results = F(lua);
  }
  return results == kRaise ? lua_error(lua) : results;
}

inline void PushText(lua_State* lua, std::string_view text) {
  lua_pushlstring(lua, text.data(), text.size());
}
// The string at `index`, which must be one; lives as long as the value is on the stack.
inline std::string_view TextAt(lua_State* lua, int index) {
  size_t size_bytes = 0;
  const char* text = lua_tolstring(lua, index, &size_bytes);
  return {text, size_bytes};
}
// Sets a field of the table on the stack's top; no metamethods.
inline void SetField(lua_State* lua, const char* name, lua_CFunction function) {
  lua_pushstring(lua, name);
  lua_pushcclosure(lua, function, 0);
  lua_rawset(lua, -3);
}
inline void SetField(lua_State* lua, const char* name, std::string_view text) {
  lua_pushstring(lua, name);
  PushText(lua, text);
  lua_rawset(lua, -3);
}
inline void SetNumberField(lua_State* lua, const char* name, double value) {
  lua_pushstring(lua, name);
  lua_pushnumber(lua, value);
  lua_rawset(lua, -3);
}
// Pushes the field of the table at `index` without metamethods; returns its type.
inline int PushRawField(lua_State* lua, int index, const char* name) {
  lua_pushstring(lua, name);
  const bool from_top = index < 0 && index > LUA_REGISTRYINDEX;
  lua_rawget(lua, from_top ? index - 1 : index);
  return lua_type(lua, -1);
}
// Pushes an error as Redis's functions raise them, a table {err = "ERR …"}: `text` brings its code
// word.
inline int PushErrorTable(lua_State* lua, std::string_view text) {
  lua_createtable(lua, 0, 3);
  SetField(lua, "err", text);
  return kRaise;
}
// Pushes a text with the script's name and line before it, as Lua's own functions raise them.
inline int PushErrorText(lua_State* lua, std::string_view text) {
  luaL_where(lua, 1);
  PushText(lua, text);
  lua_concat(lua, 2);
  return kRaise;
}

}  // namespace torc
