// Three tables make up the globals: the view that scripts have (empty), its metatable, and the real
// one, whose own metatable complains of names that are not there. While a library of functions is
// loaded the view looks into another real one, with hardly anything in it.

#include "features/scripting/sandbox.h"

#include "base/check.h"
#include "features/scripting/lua_entry.h"

namespace torc {
namespace {

// Keys that no script can make: addresses as light userdata.
const char kViewedKey = 0;       // in a view's metatable: the real table
const char kShownKey = 0;        // in a metatable: what getmetatable shows
const char kRealGlobalsKey = 0;  // in the registry
const char kLoadingGlobalsKey = 0;
const char kGlobalsMetaKey = 0;

void* KeyOf(const char& key) {
  return const_cast<char*>(&key);
}

void PushFromRegistry(lua_State* lua, const char& key) {
  lua_pushlightuserdata(lua, KeyOf(key));
  lua_rawget(lua, LUA_REGISTRYINDEX);
}

// Keeps a copy of the stack's top in the registry.
void KeepInRegistry(lua_State* lua, const char& key) {
  lua_pushlightuserdata(lua, KeyOf(key));
  lua_pushvalue(lua, -2);
  lua_rawset(lua, LUA_REGISTRYINDEX);
}

int RefuseAssignment(lua_State* lua) {
  return luaL_error(lua, kReadOnlyText);
}

int RefuseUnknownName(lua_State* lua) {
  const int type = lua_type(lua, 2);
  if (type != LUA_TSTRING && type != LUA_TNUMBER) {
    return luaL_error(lua, "Second argument to luaProtectedTableError must be a string or number");
  }
  return luaL_error(lua, "Script attempted to access nonexistent global variable '%s'",
                    lua_tostring(lua, 2));
}

// Gives the table on the stack's top a metatable that complains of unknown names.
void MakeStrict(lua_State* lua) {
  lua_createtable(lua, 0, 1);
  SetField(lua, "__index", RefuseUnknownName);
  lua_setmetatable(lua, -2);
}

// Sets a field of the table at -2 to the value on the stack's top, which is popped.
void PopIntoField(lua_State* lua, const char* name) {
  lua_pushstring(lua, name);
  lua_insert(lua, -2);
  lua_rawset(lua, -3);
}

void OpenLibrary(lua_State* lua, lua_CFunction open, const char* name) {
  lua_pushcclosure(lua, open, 0);
  lua_pushstring(lua, name);
  lua_call(lua, 1, 0);
}

void RemoveGlobals(lua_State* lua) {
  for (const char* name : {"dofile", "getfenv", "loadfile", "newproxy", "print", "setfenv"}) {
    lua_pushstring(lua, name);
    lua_pushnil(lua);
    lua_rawset(lua, LUA_GLOBALSINDEX);
  }
}

// Lua's libraries into the real globals, then what makes them safe.
void OpenLuaLibraries(lua_State* lua) {
  OpenLibrary(lua, luaopen_base, "");
  OpenLibrary(lua, luaopen_table, LUA_TABLIBNAME);
  OpenLibrary(lua, luaopen_string, LUA_STRLIBNAME);
  OpenLibrary(lua, luaopen_math, LUA_MATHLIBNAME);
  RemoveGlobals(lua);
  lua_pushvalue(lua, LUA_GLOBALSINDEX);
  GuardBaseLibrary(lua);
  const struct {
    const char* name;
    void (*guard)(lua_State*);
  } guards[] = {{LUA_TABLIBNAME, GuardTableLibrary},
                {LUA_STRLIBNAME, GuardStringLibrary},
                {LUA_MATHLIBNAME, GuardMathLibrary}};
  for (const auto& [name, guard] : guards) {
    PushRawField(lua, -1, name);
    guard(lua);
    lua_pop(lua, 1);
  }
  lua_pop(lua, 1);
}

// os.clock, and nothing else of that library.
void PushOsLibrary(lua_State* lua) {
  OpenLibrary(lua, luaopen_os, LUA_OSLIBNAME);
  lua_createtable(lua, 0, 1);
  PushRawField(lua, LUA_GLOBALSINDEX, LUA_OSLIBNAME);
  PushRawField(lua, -1, "clock");
  lua_remove(lua, -2);
  PopIntoField(lua, "clock");
}

// The libraries in the table of globals on the stack's top become views.
void ProtectLibraries(lua_State* lua) {
  for (const char* name : {"string", "table", "math", "coroutine", "os", "redis", "cjson",
                           "cmsgpack", "struct", "bit"}) {
    PushRawField(lua, -1, name);
    TORC_CHECK(lua_istable(lua, -1), "every library is there");
    MakeReadOnly(lua);
    PopIntoField(lua, name);
  }
}

// Strings have a metatable of their own, through which methods are found. Scripts are shown a copy.
void ProtectStrings(lua_State* lua) {
  lua_pushliteral(lua, "");
  lua_getmetatable(lua, -1);
  lua_pushlightuserdata(lua, KeyOf(kShownKey));
  lua_createtable(lua, 0, 1);
  PushRawField(lua, -5, "string");  // the table of globals lies below text, metatable, key, copy
  PopIntoField(lua, "__index");
  MakeReadOnly(lua);
  lua_rawset(lua, -3);
  lua_pop(lua, 2);
}

// Makes the view of the globals on the stack's top and puts it in their place everywhere.
void ReplaceGlobals(lua_State* lua) {
  MakeStrict(lua);
  KeepInRegistry(lua, kRealGlobalsKey);
  lua_pushvalue(lua, -1);
  MakeReadOnly(lua);  // real, view
  lua_getmetatable(lua, -1);
  lua_pushlightuserdata(lua, KeyOf(kShownKey));
  lua_createtable(lua, 0, 1);
  SetField(lua, "__index", RefuseUnknownName);
  MakeReadOnly(lua);
  lua_rawset(lua, -3);
  KeepInRegistry(lua, kGlobalsMetaKey);
  lua_pop(lua, 1);  // real, view
  lua_pushvalue(lua, -1);
  lua_insert(lua, -3);  // view, real, view
  PopIntoField(lua, "_G");
  lua_pop(lua, 1);  // view
  lua_replace(lua, LUA_GLOBALSINDEX);
}

void BuildLoadingGlobals(lua_State* lua) {
  lua_createtable(lua, 0, 1);
  PushLoadingLibrary(lua);
  MakeReadOnly(lua, /*strict=*/true);
  PopIntoField(lua, "redis");
  MakeStrict(lua);
  KeepInRegistry(lua, kLoadingGlobalsKey);
  lua_pop(lua, 1);
}

}  // namespace

void MakeReadOnly(lua_State* lua, bool strict) {
  if (strict) MakeStrict(lua);
  lua_createtable(lua, 0, 0);  // real, view
  lua_createtable(lua, 0, 3);  // real, view, metatable
  lua_pushlightuserdata(lua, KeyOf(kViewedKey));
  lua_pushvalue(lua, -4);
  lua_rawset(lua, -3);
  lua_pushvalue(lua, -3);
  PopIntoField(lua, "__index");
  SetField(lua, "__newindex", RefuseAssignment);
  lua_setmetatable(lua, -2);
  lua_remove(lua, -2);
}

bool PushViewed(lua_State* lua, int index) {
  if (lua_type(lua, index) != LUA_TTABLE || lua_getmetatable(lua, index) == 0) return false;
  lua_pushlightuserdata(lua, KeyOf(kViewedKey));
  lua_rawget(lua, -2);
  lua_remove(lua, -2);
  if (lua_istable(lua, -1)) return true;
  lua_pop(lua, 1);
  return false;
}

bool PushShownMetatable(lua_State* lua, int index) {
  if (lua_getmetatable(lua, index) == 0) return false;
  lua_pushlightuserdata(lua, KeyOf(kViewedKey));
  lua_rawget(lua, -2);
  lua_pushlightuserdata(lua, KeyOf(kShownKey));
  lua_rawget(lua, -3);  // metatable, viewed, shown
  const bool hidden = lua_istable(lua, -2) || lua_istable(lua, -1);
  lua_replace(lua, -3);
  lua_pop(lua, 1);
  if (!hidden) lua_pop(lua, 1);
  return hidden;
}

void BuildSandbox(LuaVm& vm) {
  lua_State* const lua = vm.lua();
  OpenLuaLibraries(lua);
  lua_pushvalue(lua, LUA_GLOBALSINDEX);
  PushOsLibrary(lua);
  PopIntoField(lua, "os");
  PushRedisLibrary(lua, vm.kind() == LuaVm::Kind::kScripts);
  PopIntoField(lua, "redis");
  PushBitLibrary(lua);
  PopIntoField(lua, "bit");
  PushStructLibrary(lua);
  PopIntoField(lua, "struct");
  PushMessagePackLibrary(lua);
  PopIntoField(lua, "cmsgpack");
  PushJsonLibrary(lua);
  PopIntoField(lua, "cjson");
  ProtectLibraries(lua);
  ProtectStrings(lua);
  ReplaceGlobals(lua);
  if (vm.kind() == LuaVm::Kind::kFunctions) BuildLoadingGlobals(lua);
}

void LuaVm::ShowGlobals(Globals globals) {
  const Grace grace(*this);
  PushFromRegistry(lua_, kGlobalsMetaKey);
  PushFromRegistry(lua_, globals == Globals::kAll ? kRealGlobalsKey : kLoadingGlobalsKey);
  PopIntoField(lua_, "__index");
  lua_pop(lua_, 1);
}

void LuaVm::SetKeysAndArgs() {
  PushFromRegistry(lua_, kRealGlobalsKey);
  lua_insert(lua_, -3);
  lua_pushliteral(lua_, "ARGV");
  lua_insert(lua_, -2);
  lua_rawset(lua_, -4);
  PopIntoField(lua_, "KEYS");
  lua_pop(lua_, 1);
}

}  // namespace torc
