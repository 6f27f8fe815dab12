// cmsgpack.*: MessagePack as Redis's scripts have it: no binary and no extension types; a number
// that is whole is an integer; a table with the keys 1 to n is an array, others are maps; nesting
// deeper than 16 is written as nil.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/text.h"
#include "features/scripting/lua_entry.h"
#include "features/scripting/sandbox.h"

namespace torc {
namespace {

constexpr int kNestingMax = 16;

template <typename T>
T BigEndian(T value) {
  if constexpr (sizeof(T) == 1) return value;
  if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(value));
  if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(value));
  if constexpr (sizeof(T) == 8) return static_cast<T>(__builtin_bswap64(value));
}

// --- Packing

class Packer {
 public:
  Packer(lua_State* lua, LuaVm& vm) : lua_(lua), vm_(vm) {}

  std::string& out() { return out_; }
  // False: it would take more memory than there is.
  bool fits() const { return vm_.Fits(out_.size()); }

  // Packs the stack's top and pops it.
  void Pack(int level) {
    lua_checkstack(lua_, LUA_MINSTACK);
    const int type = lua_type(lua_, -1);
    if (!fits()) {
      // Raised at the end.
    } else if (type == LUA_TSTRING) {
      PackText(TextAt(lua_, -1));
    } else if (type == LUA_TBOOLEAN) {
      Byte(lua_toboolean(lua_, -1) != 0 ? 0xC3 : 0xC2);
    } else if (type == LUA_TNUMBER) {
      PackNumber(lua_tonumber(lua_, -1));
    } else if (type == LUA_TTABLE && level < kNestingMax) {
      PackTable(level);
    } else {
      Byte(0xC0);
    }
    lua_pop(lua_, 1);
  }

 private:
  void Byte(int byte) { out_.push_back(static_cast<char>(byte)); }
  template <typename T>
  void Tagged(int tag, T value) {
    Byte(tag);
    char bytes[sizeof(T)];
    StoreLe(bytes, BigEndian(value));
    out_.append(bytes, sizeof(bytes));
  }

  void PackText(std::string_view text) {
    if (text.size() < 32) {
      Byte(0xA0 | static_cast<int>(text.size()));
    } else if (text.size() <= 0xFF) {
      Tagged(0xD9, static_cast<uint8_t>(text.size()));
    } else if (text.size() <= 0xFFFF) {
      Tagged(0xDA, static_cast<uint16_t>(text.size()));
    } else {
      Tagged(0xDB, static_cast<uint32_t>(text.size()));
    }
    out_.append(text);
  }

  void PackNumber(lua_Number number) {
    constexpr lua_Number kLimit = 9223372036854775808.0;
    const bool in_range = number >= -kLimit && number < kLimit;
    if (in_range && std::floor(number) == number) {
      return PackInteger(static_cast<int64_t>(number));
    }
    const auto narrow = static_cast<float>(number);
    if (static_cast<lua_Number>(narrow) == number) {
      return Tagged(0xCA, std::bit_cast<uint32_t>(narrow));
    }
    Tagged(0xCB, std::bit_cast<uint64_t>(number));
  }

  void PackInteger(int64_t number) {
    const auto bits = static_cast<uint64_t>(number);
    if (number >= 0) {
      if (number <= 0x7F) return Byte(static_cast<int>(number));
      if (number <= 0xFF) return Tagged(0xCC, static_cast<uint8_t>(bits));
      if (number <= 0xFFFF) return Tagged(0xCD, static_cast<uint16_t>(bits));
      if (number <= 0xFFFFFFFF) return Tagged(0xCE, static_cast<uint32_t>(bits));
      return Tagged(0xCF, bits);
    }
    if (number >= -32) return Byte(static_cast<int>(bits & 0xFF));
    if (number >= INT8_MIN) return Tagged(0xD0, static_cast<uint8_t>(bits));
    if (number >= INT16_MIN) return Tagged(0xD1, static_cast<uint16_t>(bits));
    if (number >= INT32_MIN) return Tagged(0xD2, static_cast<uint32_t>(bits));
    Tagged(0xD3, bits);
  }

  void PackTable(int level) {
    bool array = true;
    size_t count = 0;
    lua_Number last = 0;
    lua_pushnil(lua_);
    while (lua_next(lua_, -2) != 0) {
      lua_pop(lua_, 1);
      ++count;
      if (lua_type(lua_, -1) != LUA_TNUMBER) {
        array = false;
        continue;
      }
      const lua_Number key = lua_tonumber(lua_, -1);
      array = array && key > 0 && std::floor(key) == key;
      last = std::max(last, key);
    }
    if (array && last == static_cast<lua_Number>(count)) return PackArray(count, level);
    PackMap(count, level);
  }

  void PackArray(size_t count, int level) {
    if (count < 16) {
      Byte(0x90 | static_cast<int>(count));
    } else if (count <= 0xFFFF) {
      Tagged(0xDC, static_cast<uint16_t>(count));
    } else {
      Tagged(0xDD, static_cast<uint32_t>(count));
    }
    for (size_t i = 1; i <= count; ++i) {
      lua_rawgeti(lua_, -1, static_cast<int>(i));
      Pack(level + 1);
    }
  }

  void PackMap(size_t count, int level) {
    if (count < 16) {
      Byte(0x80 | static_cast<int>(count));
    } else if (count <= 0xFFFF) {
      Tagged(0xDE, static_cast<uint16_t>(count));
    } else {
      Tagged(0xDF, static_cast<uint32_t>(count));
    }
    lua_pushnil(lua_);
    while (lua_next(lua_, -2) != 0) {
      lua_pushvalue(lua_, -2);
      Pack(level + 1);  // a copy of the key
      Pack(level + 1);
    }
  }

  lua_State* lua_;
  LuaVm& vm_;
  std::string out_;
};

int Pack(lua_State* lua) {
  const int count = lua_gettop(lua);
  if (count == 0) {
    return PushErrorText(lua, "bad argument #0 to 'pack' (MessagePack pack needs input.)");
  }
  if (lua_checkstack(lua, LUA_MINSTACK) == 0) {
    return PushErrorText(lua, "Too many arguments for MessagePack pack.");
  }
  Packer packer(lua, LuaVm::Of(lua));
  for (int i = 1; i <= count; ++i) {
    lua_pushvalue(lua, i);
    packer.Pack(0);
  }
  if (!packer.fits()) return PushErrorText(lua, "not enough memory");
  PushText(lua, packer.out());
  return 1;
}

// --- Unpacking

class Unpacker {
 public:
  Unpacker(lua_State* lua, std::string_view bytes) : lua_(lua), rest_(bytes) {}

  std::string_view rest() const { return rest_; }
  // Why unpacking failed; null if it has not.
  const char* error() const { return error_; }
  // An error that Lua itself would raise, without a line.
  bool error_of_lua() const { return error_of_lua_; }

  // Pushes the next value.
  bool Push() {
    if (rest_.empty()) return Fail(kMissing);
    if (lua_checkstack(lua_, 3) == 0) {
      return Fail("stack overflow (in function mp_decode_to_lua_type)");
    }
    const auto tag = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    if (tag <= 0x7F) return Number(tag);
    if (tag >= 0xE0) return Number(static_cast<int8_t>(tag));
    if (tag <= 0x8F) return PushMap(tag & 15);
    if (tag <= 0x9F) return PushArray(tag & 15);
    if (tag <= 0xBF) return PushBytes(tag & 31);
    return PushTagged(tag);
  }

 private:
  static constexpr const char* kMissing = "Missing bytes in input.";

  bool PushTagged(unsigned char tag) {
    switch (tag) {
      case 0xC0:
        lua_pushnil(lua_);
        return true;
      case 0xC2:
      case 0xC3:
        lua_pushboolean(lua_, tag & 1);
        return true;
      case 0xCA:
        return PushFloat<float, uint32_t>();
      case 0xCB:
        return PushFloat<double, uint64_t>();
      case 0xCC:
        return PushInteger<uint8_t>();
      case 0xCD:
        return PushInteger<uint16_t>();
      case 0xCE:
        return PushInteger<uint32_t>();
      case 0xCF:  // Lua's integers have a sign
      case 0xD3:
        return PushInteger<uint64_t, int64_t>();
      case 0xD0:
        return PushInteger<uint8_t, int8_t>();
      case 0xD1:
        return PushInteger<uint16_t, int16_t>();
      case 0xD2:
        return PushInteger<uint32_t, int32_t>();
      default:
        return PushSized(tag);
    }
  }
  bool PushSized(unsigned char tag) {
    const int size_class = tag == 0xD9                                 ? 1
                           : tag == 0xDA || tag == 0xDC || tag == 0xDE ? 2
                           : tag == 0xDB || tag == 0xDD || tag == 0xDF ? 4
                                                                       : 0;
    if (size_class == 0) return Fail("Bad data format in input.");
    uint64_t count = 0;
    if (rest_.size() < static_cast<size_t>(size_class)) return Fail(kMissing);
    for (int i = 0; i < size_class; ++i) {
      count = count << 8 | static_cast<unsigned char>(rest_[static_cast<size_t>(i)]);
    }
    rest_.remove_prefix(static_cast<size_t>(size_class));
    if (tag <= 0xDB) return PushBytes(count);
    return tag <= 0xDD ? PushArray(count) : PushMap(count);
  }

  bool Number(int64_t number) {
    lua_pushnumber(lua_, static_cast<lua_Number>(number));
    return true;
  }
  template <typename Bits>
  bool Take(Bits* bits) {
    if (rest_.size() < sizeof(Bits)) return Fail(kMissing);
    *bits = BigEndian(LoadLe<Bits>(rest_.data()));
    rest_.remove_prefix(sizeof(Bits));
    return true;
  }
  template <typename Bits, typename Value = Bits>
  bool PushInteger() {
    Bits bits = 0;
    return Take(&bits) && Number(static_cast<Value>(bits));
  }
  template <typename Value, typename Bits>
  bool PushFloat() {
    Bits bits = 0;
    if (!Take(&bits)) return false;
    lua_pushnumber(lua_, static_cast<lua_Number>(std::bit_cast<Value>(bits)));
    return true;
  }
  bool PushBytes(uint64_t count) {
    if (rest_.size() < count) return Fail(kMissing);
    PushText(lua_, rest_.substr(0, count));
    rest_.remove_prefix(count);
    return true;
  }
  bool PushArray(uint64_t count) {
    lua_createtable(lua_, 0, 0);
    for (uint64_t i = 1; i <= count; ++i) {
      if (!Push()) return false;
      lua_rawseti(lua_, -2, static_cast<int>(i));
    }
    return true;
  }
  bool PushMap(uint64_t count) {
    lua_createtable(lua_, 0, 0);
    for (uint64_t i = 0; i < count; ++i) {
      if (!Push() || !Push()) return false;
      if (lua_isnil(lua_, -2)) return FailInLua("table index is nil");
      const bool nan = lua_type(lua_, -2) == LUA_TNUMBER && std::isnan(lua_tonumber(lua_, -2));
      if (nan) return FailInLua("table index is NaN");
      lua_rawset(lua_, -3);
    }
    return true;
  }

  bool Fail(const char* error) {
    if (error_ == nullptr) error_ = error;
    return false;
  }
  bool FailInLua(const char* error) {
    error_of_lua_ = error_ == nullptr;
    return Fail(error);
  }

  lua_State* lua_;
  std::string_view rest_;
  const char* error_ = nullptr;
  bool error_of_lua_ = false;
};

// Up to `limit` values (0: all) from `offset` on; with a limit, the offset behind them comes first,
// -1 at the end.
int UnpackFrom(lua_State* lua, lua_Integer limit, lua_Integer offset) {
  const std::string_view text = TextAt(lua, 1);
  const auto size = static_cast<lua_Integer>(text.size());
  if (offset < 0 || limit < 0) {
    return PushErrorText(lua, Format("Invalid request to unpack with offset of %d and limit of %d.",
                                     static_cast<int>(offset), static_cast<int>(size)));
  }
  if (offset > size) {
    return PushErrorText(lua, Format("Start offset %d greater than input length %d.",
                                     static_cast<int>(offset), static_cast<int>(size)));
  }
  const bool all = limit == 0;
  lua_settop(lua, 1);
  if (!all) lua_pushnil(lua);
  Unpacker unpacker(lua, text.substr(static_cast<size_t>(offset)));
  int count = 0;
  for (; !unpacker.rest().empty() && (all || count < limit); ++count) {
    if (!unpacker.Push()) {
      if (!unpacker.error_of_lua()) return PushErrorText(lua, unpacker.error());
      PushText(lua, unpacker.error());
      return kRaise;
    }
  }
  if (all) return count;
  const auto left = static_cast<lua_Integer>(unpacker.rest().size());
  lua_pushnumber(lua, static_cast<lua_Number>(left > 0 ? size - left : -1));
  lua_replace(lua, 2);
  return count + 1;
}

int UnpackAllBody(lua_State* lua) {
  return UnpackFrom(lua, 0, 0);
}

int UnpackOneBody(lua_State* lua) {
  return UnpackFrom(lua, 1, lua_tointeger(lua, 2));
}

int UnpackLimitBody(lua_State* lua) {
  return UnpackFrom(lua, lua_tointeger(lua, 2), lua_tointeger(lua, 3));
}

// The arguments are judged as Lua's own functions do: nothing with a destructor may be near.
int UnpackAll(lua_State* lua) {
  luaL_checkstring(lua, 1);
  return LuaEntry<UnpackAllBody>(lua);
}

int UnpackOne(lua_State* lua) {
  luaL_checkstring(lua, 1);
  luaL_optinteger(lua, 2, 0);
  return LuaEntry<UnpackOneBody>(lua);
}

int UnpackLimit(lua_State* lua) {
  luaL_checkstring(lua, 1);
  luaL_checkinteger(lua, 2);
  luaL_optinteger(lua, 3, 0);
  return LuaEntry<UnpackLimitBody>(lua);
}

}  // namespace

void PushMessagePackLibrary(lua_State* lua) {
  lua_createtable(lua, 0, 8);
  SetField(lua, "pack", LuaEntry<Pack>);
  SetField(lua, "unpack", UnpackAll);
  SetField(lua, "unpack_one", UnpackOne);
  SetField(lua, "unpack_limit", UnpackLimit);
  SetField(lua, "_NAME", std::string_view("cmsgpack"));
  SetField(lua, "_VERSION", std::string_view("lua-cmsgpack 0.4.0"));
  SetField(lua, "_COPYRIGHT", std::string_view("Copyright (C) 2012, Salvatore Sanfilippo"));
  SetField(lua, "_DESCRIPTION", std::string_view("MessagePack C implementation for Lua"));
}

}  // namespace torc
