// string.find, match, gmatch and gsub over our own matcher (string_pattern.h), and string.rep. They
// raise errors as Lua's own do, so they hold plain values only.

#include <cctype>
#include <cstring>

#include "features/scripting/lua_entry.h"
#include "features/scripting/sandbox.h"
#include "features/scripting/string_pattern.h"

namespace torc {
namespace {

// A position as Lua counts: from 1, negative ones from the end; here from 0 and within the text.
size_t BeginOf(lua_Integer position, size_t size) {
  const auto signed_size = static_cast<lua_Integer>(size);
  if (position < 0) position += signed_size + 1;
  if (position < 1) return 0;
  return position > signed_size ? size : static_cast<size_t>(position - 1);
}

bool IsPlain(const char* pattern) {
  return std::strpbrk(pattern, "^$*+?.([%-") == nullptr;
}

int FindPlain(lua_State* lua, const char* text, size_t text_bytes, size_t begin, const char* wanted,
              size_t wanted_bytes) {
  const char* const from = text + begin;
  const void* const found =
      wanted_bytes == 0 ? from : memmem(from, text_bytes - begin, wanted, wanted_bytes);
  if (found == nullptr) {
    lua_pushnil(lua);
    return 1;
  }
  const auto at = static_cast<const char*>(found) - text;
  lua_pushinteger(lua, at + 1);
  lua_pushinteger(lua, at + static_cast<lua_Integer>(wanted_bytes));
  return 2;
}

int Search(lua_State* lua, bool find) {
  size_t text_bytes = 0;
  size_t pattern_bytes = 0;
  const char* text = luaL_checklstring(lua, 1, &text_bytes);
  const char* pattern = luaL_checklstring(lua, 2, &pattern_bytes);
  const size_t begin = BeginOf(luaL_optinteger(lua, 3, 1), text_bytes);
  if (find && (lua_toboolean(lua, 4) != 0 || IsPlain(pattern))) {
    return FindPlain(lua, text, text_bytes, begin, pattern, pattern_bytes);
  }
  const bool anchored = *pattern == '^';
  StringPattern match(lua, text, text_bytes, pattern + (anchored ? 1 : 0));
  for (const char* at = text + begin; at <= match.end(); ++at) {
    const char* const end = match.MatchAt(at);
    if (end != nullptr) {
      if (!find) return match.PushCaptures(at, end);
      lua_pushinteger(lua, at - text + 1);
      lua_pushinteger(lua, end - text);
      return match.PushCaptures(nullptr, nullptr) + 2;
    }
    if (anchored) break;
  }
  lua_pushnil(lua);
  return 1;
}

int Find(lua_State* lua) {
  return Search(lua, /*find=*/true);
}

int Match(lua_State* lua) {
  return Search(lua, /*find=*/false);
}

// Upvalues: the text, the pattern, how far it has come.
int NextMatch(lua_State* lua) {
  size_t text_bytes = 0;
  const char* text = lua_tolstring(lua, lua_upvalueindex(1), &text_bytes);
  const char* pattern = lua_tostring(lua, lua_upvalueindex(2));
  StringPattern match(lua, text, text_bytes, pattern);
  const auto begin = static_cast<size_t>(lua_tointeger(lua, lua_upvalueindex(3)));
  for (const char* at = text + begin; at <= match.end(); ++at) {
    const char* const end = match.MatchAt(at);
    if (end == nullptr) continue;
    // An empty match goes one further, or it would come for ever.
    lua_pushinteger(lua, end - text + (end == at ? 1 : 0));
    lua_replace(lua, lua_upvalueindex(3));
    return match.PushCaptures(at, end);
  }
  return 0;
}

int AllMatches(lua_State* lua) {
  luaL_checkstring(lua, 1);
  luaL_checkstring(lua, 2);
  lua_settop(lua, 2);
  lua_pushinteger(lua, 0);
  lua_pushcclosure(lua, NextMatch, 3);
  return 1;
}

// The replacement text with its %0 to %9.
void AddExpanded(lua_State* lua, luaL_Buffer* out, const StringPattern& match, const char* at,
                 const char* end) {
  size_t size = 0;
  const char* with = lua_tolstring(lua, 3, &size);
  for (size_t i = 0; i < size; ++i) {
    if (with[i] != '%') {
      luaL_addchar(out, with[i]);
      continue;
    }
    const char what = ++i < size ? with[i] : '\0';
    if (std::isdigit(static_cast<unsigned char>(what)) == 0) {
      luaL_addchar(out, what);
    } else if (what == '0') {
      luaL_addlstring(out, at, static_cast<size_t>(end - at));
    } else {
      match.PushCapture(what - '1', at, end);
      luaL_addvalue(out);
    }
  }
}

// What a match becomes: by text, by look-up or by call; false and nil leave it.
void AddReplacement(lua_State* lua, luaL_Buffer* out, const StringPattern& match, const char* at,
                    const char* end) {
  switch (lua_type(lua, 3)) {
    case LUA_TFUNCTION: {
      lua_pushvalue(lua, 3);
      const int count = match.PushCaptures(at, end);
      lua_call(lua, count, 1);
      break;
    }
    case LUA_TTABLE:
      match.PushCapture(0, at, end);
      lua_gettable(lua, 3);
      break;
    default:
      return AddExpanded(lua, out, match, at, end);
  }
  if (lua_toboolean(lua, -1) == 0) {
    lua_pop(lua, 1);
    lua_pushlstring(lua, at, static_cast<size_t>(end - at));
  } else if (lua_isstring(lua, -1) == 0) {
    luaL_error(lua, "invalid replacement value (a %s)", luaL_typename(lua, -1));
  }
  luaL_addvalue(out);
}

int Replace(lua_State* lua) {
  size_t text_bytes = 0;
  const char* text = luaL_checklstring(lua, 1, &text_bytes);
  const char* pattern = luaL_checkstring(lua, 2);
  const int type = lua_type(lua, 3);
  luaL_argcheck(
      lua,
      type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
      "string/function/table expected");
  const lua_Integer count_max = lua_isnoneornil(lua, 4)
                                    ? static_cast<lua_Integer>(text_bytes + 1)
                                    : static_cast<lua_Integer>(luaL_checkint(lua, 4));
  const bool anchored = *pattern == '^';
  StringPattern match(lua, text, text_bytes, pattern + (anchored ? 1 : 0));
  lua_settop(lua, 3);
  luaL_Buffer out;
  luaL_buffinit(lua, &out);
  lua_Integer count = 0;
  const char* at = text;
  while (count < count_max) {
    const char* const end = match.MatchAt(at);
    if (end != nullptr) {
      ++count;
      AddReplacement(lua, &out, match, at, end);
    }
    if (end != nullptr && end > at) {
      at = end;
    } else if (at < match.end()) {
      luaL_addchar(&out, *at++);
    } else {
      break;
    }
    if (anchored) break;
  }
  luaL_addlstring(&out, at, static_cast<size_t>(match.end() - at));
  luaL_pushresult(&out);
  lua_pushinteger(lua, count);
  return 2;
}

// Refuses at once what would not fit, instead of building it piece by piece.
int Repeat(lua_State* lua) {
  constexpr double kBytesMax = 1U << 30;
  size_t text_bytes = 0;
  const char* text = luaL_checklstring(lua, 1, &text_bytes);
  const int count = luaL_checkint(lua, 2);
  luaL_Buffer out;
  luaL_buffinit(lua, &out);
  if (static_cast<double>(text_bytes) * count > kBytesMax) {
    return luaL_error(lua, "resulting string too large");
  }
  for (int i = 0; i < count && text_bytes > 0; ++i) luaL_addlstring(&out, text, text_bytes);
  luaL_pushresult(&out);
  return 1;
}

}  // namespace

void GuardStringLibrary(lua_State* lua) {
  SetField(lua, "find", Find);
  SetField(lua, "match", Match);
  SetField(lua, "gmatch", AllMatches);
  SetField(lua, "gfind", AllMatches);
  SetField(lua, "gsub", Replace);
  SetField(lua, "rep", Repeat);
}

}  // namespace torc
