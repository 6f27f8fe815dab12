// math.random and math.randomseed by the generator that POSIX calls lrand48: the same numbers on
// every machine, as scripts have always got them from Redis.

#include <cmath>
#include <cstdint>

#include "features/scripting/lua_entry.h"
#include "features/scripting/sandbox.h"

namespace torc {
namespace {

constexpr uint64_t kMultiplier = 0x5DEECE66D;
constexpr uint64_t kIncrement = 0xB;
constexpr uint64_t kMask = (uint64_t{1} << 48) - 1;
constexpr uint64_t kSeedTail = 0x330E;
constexpr uint64_t kFirstState = 0x1234ABCD0000 | kSeedTail;

// The state is a number in upvalue 1, a table of one element that both functions share.
uint64_t ReadState(lua_State* lua) {
  lua_rawgeti(lua, lua_upvalueindex(1), 1);
  const auto state = static_cast<uint64_t>(lua_tonumber(lua, -1));
  lua_pop(lua, 1);
  return state;
}

void WriteState(lua_State* lua, uint64_t state) {
  lua_pushnumber(lua, static_cast<lua_Number>(state));
  lua_rawseti(lua, lua_upvalueindex(1), 1);
}

// In [0, 1).
lua_Number NextRandom(lua_State* lua) {
  const uint64_t state = (ReadState(lua) * kMultiplier + kIncrement) & kMask;
  WriteState(lua, state);
  constexpr uint64_t kRange = INT32_MAX;
  return static_cast<lua_Number>((state >> 17) % kRange) / static_cast<lua_Number>(kRange);
}

int Random(lua_State* lua) {
  const lua_Number random = NextRandom(lua);
  switch (lua_gettop(lua)) {
    case 0:
      lua_pushnumber(lua, random);
      return 1;
    case 1: {
      const int high = luaL_checkint(lua, 1);
      luaL_argcheck(lua, 1 <= high, 1, "interval is empty");
      lua_pushnumber(lua, std::floor(random * high) + 1);
      return 1;
    }
    case 2: {
      const int low = luaL_checkint(lua, 1);
      const int high = luaL_checkint(lua, 2);
      luaL_argcheck(lua, low <= high, 2, "interval is empty");
      const lua_Number width = static_cast<lua_Number>(high) - low + 1;
      lua_pushnumber(lua, std::floor(random * width) + low);
      return 1;
    }
    default:
      return luaL_error(lua, "wrong number of arguments");
  }
}

int RandomSeed(lua_State* lua) {
  const auto seed = static_cast<uint32_t>(luaL_checkint(lua, 1));
  WriteState(lua, uint64_t{seed} << 16 | kSeedTail);
  return 0;
}

}  // namespace

void GuardMathLibrary(lua_State* lua) {
  lua_createtable(lua, 1, 0);
  lua_pushnumber(lua, static_cast<lua_Number>(kFirstState));
  lua_rawseti(lua, -2, 1);
  lua_pushliteral(lua, "random");
  lua_pushvalue(lua, -2);
  lua_pushcclosure(lua, Random, 1);
  lua_rawset(lua, -4);
  lua_pushliteral(lua, "randomseed");
  lua_pushvalue(lua, -2);
  lua_pushcclosure(lua, RandomSeed, 1);
  lua_rawset(lua, -4);
  lua_pop(lua, 1);
}

}  // namespace torc
