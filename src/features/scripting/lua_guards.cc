// Lua's own functions where the sandbox has something to say. They raise errors as Lua's own do, so
// they hold plain values only.

#include <cstring>

#include "features/scripting/lua_entry.h"
#include "features/scripting/sandbox.h"

namespace torc {
namespace {

// As C functions of Redis raise it: without the script's line.
int RaiseReadOnly(lua_State* lua) {
  lua_pushstring(lua, kReadOnlyText);
  return lua_error(lua);
}

// --- Tables that are views

int RawSet(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  luaL_checkany(lua, 2);
  luaL_checkany(lua, 3);
  if (PushViewed(lua, 1)) return RaiseReadOnly(lua);
  lua_settop(lua, 3);
  lua_rawset(lua, 1);
  return 1;
}

int RawGet(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  luaL_checkany(lua, 2);
  if (PushViewed(lua, 1)) lua_replace(lua, 1);
  lua_settop(lua, 2);
  lua_rawget(lua, 1);
  return 1;
}

int Next(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  if (PushViewed(lua, 1)) lua_replace(lua, 1);
  lua_settop(lua, 2);
  if (lua_next(lua, 1) != 0) return 2;
  lua_pushnil(lua);
  return 1;
}

// Upvalue 1: the guarded next, 2: Lua's own, which is enough for what is no view.
int Pairs(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  const bool view = PushViewed(lua, 1);
  lua_pushvalue(lua, lua_upvalueindex(view ? 1 : 2));
  lua_pushvalue(lua, 1);
  lua_pushnil(lua);
  return 3;
}

int GetMetatable(lua_State* lua) {
  luaL_checkany(lua, 1);
  if (PushShownMetatable(lua, 1)) return 1;
  if (lua_getmetatable(lua, 1) == 0) {
    lua_pushnil(lua);
    return 1;
  }
  luaL_getmetafield(lua, 1, "__metatable");
  return 1;  // that field, or the metatable
}

int SetMetatable(lua_State* lua) {
  const int type = lua_type(lua, 2);
  luaL_checktype(lua, 1, LUA_TTABLE);
  luaL_argcheck(lua, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table expected");
  if (PushViewed(lua, 1)) return RaiseReadOnly(lua);
  if (luaL_getmetafield(lua, 1, "__metatable") != 0) {
    return luaL_error(lua, "cannot change a protected metatable");
  }
  lua_settop(lua, 2);
  lua_setmetatable(lua, 1);
  return 1;
}

// Upvalue 1: Lua's own table.insert, which moves every place from the given one up, be there
// anything or not, and hears of nothing meanwhile.
int TableInsert(lua_State* lua) {
  constexpr lua_Number kLowestPlace = -1000;
  if (PushViewed(lua, 1)) return RaiseReadOnly(lua);
  if (lua_gettop(lua) == 3 && lua_tonumber(lua, 2) < kLowestPlace) {
    return luaL_error(lua, "position out of bounds");
  }
  return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

// --- Code from texts

// The chunk, or nil and why there is none. The collector rests meanwhile: see LuaVm::Compile.
int LoadText(lua_State* lua, const char* text, size_t text_bytes, const char* chunk) {
  const bool binary = text_bytes > 0 && text[0] == LUA_SIGNATURE[0];
  if (binary) {
    text = kBinarySample;
    text_bytes = kBinarySampleBytes;
  }
  lua_gc(lua, LUA_GCSTOP, 0);
  const int failed = luaL_loadbuffer(lua, text, text_bytes, chunk);
  lua_gc(lua, LUA_GCRESTART, 0);
  if (failed == 0) return 1;
  lua_pushnil(lua);
  lua_insert(lua, -2);
  return 2;
}

int LoadString(lua_State* lua) {
  size_t text_bytes = 0;
  const char* text = luaL_checklstring(lua, 1, &text_bytes);
  return LoadText(lua, text, text_bytes, luaL_optstring(lua, 2, text));
}

// All pieces first: nothing of the script runs while Lua compiles.
int Load(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  const char* chunk = luaL_optstring(lua, 2, "=(load)");
  lua_settop(lua, 2);
  luaL_Buffer pieces;
  luaL_buffinit(lua, &pieces);
  for (;;) {
    luaL_checkstack(lua, 2, "too many nested functions");
    lua_pushvalue(lua, 1);
    lua_call(lua, 0, 1);
    if (lua_isnil(lua, -1)) break;
    if (lua_isstring(lua, -1) == 0) {
      return luaL_error(lua, "reader function must return a string");
    }
    if (lua_objlen(lua, -1) == 0) break;
    const bool binary = lua_tostring(lua, -1)[0] == LUA_SIGNATURE[0];
    luaL_addvalue(&pieces);
    if (binary) return LoadText(lua, LUA_SIGNATURE, 1, chunk);
  }
  lua_pop(lua, 1);
  luaL_pushresult(&pieces);
  size_t text_bytes = 0;
  const char* text = lua_tolstring(lua, -1, &text_bytes);
  return LoadText(lua, text, text_bytes, chunk);
}

// --- Errors

// As Lua's, but an error of redis.call is its text.
int ProtectedCall(lua_State* lua) {
  luaL_checkany(lua, 1);
  const int failed = lua_pcall(lua, lua_gettop(lua) - 1, LUA_MULTRET, 0);
  lua_pushboolean(lua, failed == 0 ? 1 : 0);
  lua_insert(lua, 1);
  if (failed == 0) return lua_gettop(lua);
  if (lua_istable(lua, 2) && PushRawField(lua, 2, "err") == LUA_TSTRING) lua_replace(lua, 2);
  lua_settop(lua, 2);
  return 2;
}

// The handler is called when the stack has been unwound: within the error itself Lua lets no hook
// run, and a handler that never ends could not be stopped.
int HandledCall(lua_State* lua) {
  luaL_checkany(lua, 2);
  lua_settop(lua, 2);
  lua_insert(lua, 1);
  const int failed = lua_pcall(lua, 0, LUA_MULTRET, 0);
  if (failed != 0 && failed != LUA_ERRMEM) {
    lua_pushvalue(lua, 1);
    lua_insert(lua, -2);
    lua_pcall(lua, 1, 1, 0);  // an error of the handler takes the place of what it was given
  }
  lua_pushboolean(lua, failed == 0 ? 1 : 0);
  lua_replace(lua, 1);
  return lua_gettop(lua);
}

// --- What is bounded

// Scripts may look at the collector and have it run; it cannot be stopped or made idle.
int CollectGarbage(lua_State* lua) {
  static const char* const kOptions[] = {"stop", "restart",  "collect",    "count",
                                         "step", "setpause", "setstepmul", nullptr};
  const char* option = kOptions[luaL_checkoption(lua, 1, "collect", kOptions)];
  luaL_optint(lua, 2, 0);
  if (std::strcmp(option, "count") == 0) {
    lua_pushnumber(lua, lua_gc(lua, LUA_GCCOUNT, 0) + lua_gc(lua, LUA_GCCOUNTB, 0) / 1024.0);
  } else if (std::strcmp(option, "step") == 0) {
    lua_pushboolean(lua, lua_gc(lua, LUA_GCSTEP, 0));
  } else {
    if (std::strcmp(option, "collect") == 0) lua_gc(lua, LUA_GCCOLLECT, 0);
    lua_pushnumber(lua, 0);
  }
  return 1;
}

int Unpack(lua_State* lua) {
  constexpr lua_Integer kResultsMax = 8000;  // what Lua's stack has room for
  luaL_checktype(lua, 1, LUA_TTABLE);
  const lua_Integer first = luaL_optint(lua, 2, 1);
  const lua_Integer last = lua_isnoneornil(lua, 3)
                               ? static_cast<lua_Integer>(lua_objlen(lua, 1))
                               : static_cast<lua_Integer>(luaL_checkint(lua, 3));
  if (first > last) return 0;
  const lua_Integer count = last - first + 1;
  if (count > kResultsMax || lua_checkstack(lua, static_cast<int>(count)) == 0) {
    return luaL_error(lua, "too many results to unpack");
  }
  for (lua_Integer i = first; i <= last; ++i) lua_rawgeti(lua, 1, static_cast<int>(i));
  return static_cast<int>(count);
}

// Replaces the field of the table on the stack's top by `function`, which gets the old one as its
// upvalue.
void Wrap(lua_State* lua, const char* name, lua_CFunction function) {
  lua_pushstring(lua, name);
  PushRawField(lua, -2, name);
  lua_pushcclosure(lua, function, 1);
  lua_rawset(lua, -3);
}

}  // namespace

void GuardBaseLibrary(lua_State* lua) {
  lua_pushliteral(lua, "pairs");
  lua_pushcclosure(lua, Next, 0);
  PushRawField(lua, -3, "next");
  lua_pushcclosure(lua, Pairs, 2);
  lua_rawset(lua, -3);
  SetField(lua, "next", Next);
  SetField(lua, "rawset", RawSet);
  SetField(lua, "rawget", RawGet);
  SetField(lua, "getmetatable", GetMetatable);
  SetField(lua, "setmetatable", SetMetatable);
  SetField(lua, "load", Load);
  SetField(lua, "loadstring", LoadString);
  SetField(lua, "pcall", ProtectedCall);
  SetField(lua, "xpcall", HandledCall);
  SetField(lua, "collectgarbage", CollectGarbage);
  SetField(lua, "unpack", Unpack);
}

void GuardTableLibrary(lua_State* lua) {
  Wrap(lua, "insert", TableInsert);
}

}  // namespace torc
