// cjson.*: Debian's lua-cjson. It counts bytes in ints and ends the process when a buffer cannot
// grow, so what would become too long is refused before it is asked.

#include <cstddef>

#include "features/scripting/lua_entry.h"
#include "features/scripting/sandbox.h"

// Debian's header does not know C++.
extern "C" {
#include <lua-cjson.h>
}

namespace torc {
namespace {

// The longest text that may come out, with every character escaped.
constexpr size_t kTextBytesMax = size_t{1} << 30;
constexpr size_t kEscapedBytesMax = 6;
constexpr size_t kNumberBytesMax = 32;
// cjson itself complains of less.
constexpr int kNestingMax = 2000;

// Adds what the value at the stack's top may need; stops early when that is too much.
void Measure(lua_State* lua, int level, size_t* bytes) {
  *bytes += kNumberBytesMax;
  if (*bytes > kTextBytesMax || level > kNestingMax) return;
  const int type = lua_type(lua, -1);
  if (type == LUA_TSTRING) *bytes += lua_objlen(lua, -1) * kEscapedBytesMax;
  if (type != LUA_TTABLE || lua_checkstack(lua, 4) == 0) return;
  lua_pushnil(lua);
  while (lua_next(lua, -2) != 0) {
    Measure(lua, level + 1, bytes);
    lua_pop(lua, 1);
    if (lua_type(lua, -1) == LUA_TSTRING) *bytes += lua_objlen(lua, -1) * kEscapedBytesMax;
  }
}

// Upvalue 1: cjson's settings, 2: its own encode, which looks for them in its first upvalue.
int Encode(lua_State* lua) {
  if (lua_gettop(lua) == 1) {
    size_t bytes = 0;
    Measure(lua, 0, &bytes);
    if (bytes > kTextBytesMax) return luaL_error(lua, "Cannot serialise: the text is too long");
  }
  return lua_tocfunction(lua, lua_upvalueindex(2))(lua);
}

int New(lua_State* lua);

// Puts ours in the place of a module's functions, the module on the stack's top.
void Guard(lua_State* lua) {
  lua_pushliteral(lua, "encode");
  PushRawField(lua, -2, "encode");  // module, name, function
  lua_getupvalue(lua, -1, 1);
  lua_insert(lua, -2);
  lua_pushcclosure(lua, Encode, 2);
  lua_rawset(lua, -3);
  SetField(lua, "new", New);
}

int New(lua_State* lua) {
  lua_settop(lua, 0);
  luaopen_cjson(lua);
  Guard(lua);
  return 1;
}

}  // namespace

void PushJsonLibrary(lua_State* lua) {
  lua_pushcclosure(lua, New, 0);
  lua_call(lua, 0, 1);
}

}  // namespace torc
