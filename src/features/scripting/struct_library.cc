// struct.*: numbers and strings as C lays them out. The format's letters:
//   > < big or little endian     !n align to at most n (a power of two; 8)    blank: nothing
//   x a byte     b B 1     h H 2     l L T 8     i I 4, or as many as follow (at most 32)
//   f d floating point     cn n bytes (c0: as many as the number before says)     s up to a zero
// Lower-case integers are signed. Errors are raised as Lua's own are: plain values only.

#include <bit>
#include <cctype>
#include <climits>
#include <cstdint>
#include <cstring>

#include "features/scripting/lua_entry.h"
#include "features/scripting/sandbox.h"

namespace torc {
namespace {

constexpr size_t kIntegerBytesMax = 32;
constexpr size_t kAlignmentMax = 8;

struct Layout {
  bool little = true;
  size_t alignment = 1;
};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLetterOrDigit(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// A number in the format, or `otherwise`.
size_t TakeNumber(lua_State* lua, const char** format, size_t otherwise) {
  if (!IsDigit(**format)) return otherwise;
  int number = 0;
  while (IsDigit(**format)) {
    const int digit = *(*format)++ - '0';
    if (number > INT_MAX / 10 || number * 10 > INT_MAX - digit) {
      luaL_error(lua, "integral size overflow");
    }
    number = number * 10 + digit;
  }
  return static_cast<size_t>(number);
}

// The bytes of what an option stands for; 0 for what has none, or none yet.
size_t SizeOf(lua_State* lua, char option, const char** format) {
  switch (option) {
    case 'B':
    case 'b':
    case 'x':
      return 1;
    case 'H':
    case 'h':
      return sizeof(short);
    case 'L':
    case 'l':
      return sizeof(long);
    case 'T':
      return sizeof(size_t);
    case 'f':
      return sizeof(float);
    case 'd':
      return sizeof(double);
    case 'c':
      return TakeNumber(lua, format, 1);
    case 'i':
    case 'I': {
      const size_t size_bytes = TakeNumber(lua, format, sizeof(int));
      if (size_bytes > kIntegerBytesMax) {
        luaL_error(lua, "integral size %d is larger than limit of %d", static_cast<int>(size_bytes),
                   static_cast<int>(kIntegerBytesMax));
      }
      return size_bytes;
    }
    default:
      return 0;
  }
}

// How many bytes come before the next value, which would begin at `at`.
size_t Padding(size_t at, const Layout& layout, char option, size_t size_bytes) {
  if (size_bytes == 0 || option == 'c') return 0;
  const size_t to = size_bytes < layout.alignment ? size_bytes : layout.alignment;
  return to > 1 ? (to - (at & (to - 1))) & (to - 1) : 0;
}

// An option that is no value.
void TakeControl(lua_State* lua, char option, const char** format, Layout* layout) {
  switch (option) {
    case ' ':
      return;
    case '>':
      layout->little = false;
      return;
    case '<':
      layout->little = true;
      return;
    case '!': {
      const size_t alignment = TakeNumber(lua, format, kAlignmentMax);
      if (alignment == 0 || !std::has_single_bit(alignment)) {
        luaL_error(lua, "alignment %d is not a power of 2", static_cast<int>(alignment));
      }
      layout->alignment = alignment;
      return;
    }
    default:
      luaL_argerror(lua, 1, lua_pushfstring(lua, "invalid format option '%c'", option));
  }
}

uint64_t IntegerBits(lua_Number number) {
  constexpr lua_Number kSignedLimit = 9223372036854775808.0;
  if (number < 0) {
    return number >= -kSignedLimit ? static_cast<uint64_t>(static_cast<int64_t>(number))
                                   : uint64_t{1} << 63;
  }
  return number < 2 * kSignedLimit ? static_cast<uint64_t>(number) : 0;
}

void AddInteger(luaL_Buffer* out, uint64_t bits, const Layout& layout, size_t size_bytes) {
  char bytes[kIntegerBytesMax];
  for (size_t i = 0; i < size_bytes; ++i, bits >>= 8) {
    bytes[layout.little ? i : size_bytes - 1 - i] = static_cast<char>(bits & 255);
  }
  luaL_addlstring(out, bytes, size_bytes);
}

void AddDouble(luaL_Buffer* out, lua_Number number, const Layout& layout, size_t size_bytes) {
  const uint64_t bits = size_bytes == sizeof(float)
                            ? std::bit_cast<uint32_t>(static_cast<float>(number))
                            : std::bit_cast<uint64_t>(number);
  AddInteger(out, bits, layout, size_bytes);
}

// Adds one value; returns how many bytes it has.
size_t PackValue(lua_State* lua, luaL_Buffer* out, char option, size_t size_bytes, int* argument,
                 const Layout& layout) {
  switch (option) {
    case 'x':
      luaL_addchar(out, '\0');
      return 1;
    case 'f':
    case 'd':
      AddDouble(out, luaL_checknumber(lua, (*argument)++), layout, size_bytes);
      return size_bytes;
    case 'c':
    case 's': {
      size_t text_bytes = 0;
      const char* text = luaL_checklstring(lua, (*argument)++, &text_bytes);
      const size_t taken_bytes = size_bytes == 0 ? text_bytes : size_bytes;
      luaL_argcheck(lua, text_bytes >= taken_bytes, *argument, "string too short");
      luaL_addlstring(out, text, taken_bytes);
      if (option == 'c') return taken_bytes;
      luaL_addchar(out, '\0');
      return taken_bytes + 1;
    }
    default:
      AddInteger(out, IntegerBits(luaL_checknumber(lua, (*argument)++)), layout, size_bytes);
      return size_bytes;
  }
}

bool IsValue(char option) {
  return option != '\0' && std::strchr("bBhHlLTiIfdcsx", option) != nullptr;
}

int Pack(lua_State* lua) {
  const char* format = luaL_checkstring(lua, 1);
  Layout layout;
  int argument = 2;
  size_t total_bytes = 0;
  lua_pushnil(lua);  // what lies beyond the arguments is nil, not what the buffer keeps there
  luaL_Buffer out;
  luaL_buffinit(lua, &out);
  while (*format != '\0') {
    const char option = *format++;
    const size_t size_bytes = SizeOf(lua, option, &format);
    size_t padding = Padding(total_bytes, layout, option, size_bytes);
    total_bytes += padding;
    while (padding-- > 0) luaL_addchar(&out, '\0');
    if (IsValue(option)) {
      total_bytes += PackValue(lua, &out, option, size_bytes, &argument, layout);
    } else {
      TakeControl(lua, option, &format, &layout);
    }
  }
  luaL_pushresult(&out);
  return 1;
}

lua_Number ReadInteger(const char* bytes, const Layout& layout, bool is_unsigned,
                       size_t size_bytes) {
  uint64_t bits = 0;
  for (size_t i = 0; i < size_bytes; ++i) {
    const size_t at = layout.little ? size_bytes - 1 - i : i;
    bits = bits << 8 | static_cast<unsigned char>(bytes[at]);
  }
  if (is_unsigned) return static_cast<lua_Number>(bits);
  if (size_bytes > 0 && size_bytes < sizeof(bits)) {
    const auto unused_bits = static_cast<unsigned>(64 - size_bytes * 8);
    bits = static_cast<uint64_t>(static_cast<int64_t>(bits << unused_bits) >> unused_bits);
  }
  return static_cast<lua_Number>(static_cast<int64_t>(bits));
}

lua_Number ReadDouble(const char* bytes, const Layout& layout, size_t size_bytes) {
  uint64_t bits = 0;
  for (size_t i = 0; i < size_bytes; ++i) {
    const size_t at = layout.little ? size_bytes - 1 - i : i;
    bits = bits << 8 | static_cast<unsigned char>(bytes[at]);
  }
  if (size_bytes == sizeof(float)) return std::bit_cast<float>(static_cast<uint32_t>(bits));
  return std::bit_cast<double>(bits);
}

struct Data {
  const char* bytes;
  size_t size_bytes;
  size_t at;

  bool Has(size_t wanted_bytes) const {
    return wanted_bytes <= size_bytes && at <= size_bytes - wanted_bytes;
  }
};

void CheckData(lua_State* lua, const Data& data, size_t wanted_bytes) {
  luaL_argcheck(lua, data.Has(wanted_bytes), 2, "data string too short");
}

// How many bytes a 'c' takes: with none said, the last result, which is no result then.
size_t CharsSize(lua_State* lua, const Data& data, size_t size_bytes, int* results) {
  if (size_bytes > 0) return size_bytes;
  if (*results == 0 || lua_isnumber(lua, -1) == 0) {
    luaL_error(lua, "format 'c0' needs a previous size");
  }
  const auto said_bytes = static_cast<size_t>(IntegerBits(lua_tonumber(lua, -1)));
  lua_pop(lua, 1);
  --*results;
  CheckData(lua, data, said_bytes);
  return said_bytes;
}

// Pushes one value; returns how many bytes it takes.
size_t UnpackValue(lua_State* lua, const Data& data, char option, size_t size_bytes, int* results,
                   const Layout& layout) {
  const char* const from = data.bytes + data.at;
  switch (option) {
    case 'x':
      return size_bytes;
    case 'f':
    case 'd':
      lua_pushnumber(lua, ReadDouble(from, layout, size_bytes));
      break;
    case 'c':
      size_bytes = CharsSize(lua, data, size_bytes, results);
      lua_pushlstring(lua, from, size_bytes);
      break;
    case 's': {
      const auto* end =
          static_cast<const char*>(std::memchr(from, '\0', data.size_bytes - data.at));
      if (end == nullptr) luaL_error(lua, "unfinished string in data");
      size_bytes = static_cast<size_t>(end - from) + 1;
      lua_pushlstring(lua, from, size_bytes - 1);
      break;
    }
    default: {
      const bool is_unsigned = std::isupper(static_cast<unsigned char>(option)) != 0;
      lua_pushnumber(lua, ReadInteger(from, layout, is_unsigned, size_bytes));
    }
  }
  ++*results;
  return size_bytes;
}

int Unpack(lua_State* lua) {
  const char* format = luaL_checkstring(lua, 1);
  Data data{};
  data.bytes = luaL_checklstring(lua, 2, &data.size_bytes);
  const lua_Integer begin = luaL_optinteger(lua, 3, 1);
  luaL_argcheck(lua, begin != 0, 3, "offset must be 1 or greater");
  data.at = static_cast<size_t>(begin) - 1;
  Layout layout;
  int results = 0;
  lua_settop(lua, 2);
  while (*format != '\0') {
    const char option = *format++;
    const size_t size_bytes = SizeOf(lua, option, &format);
    const size_t padding = Padding(data.at, layout, option, size_bytes);
    CheckData(lua, data, padding + size_bytes);
    data.at += padding;
    luaL_checkstack(lua, 2, "too many results");
    if (IsValue(option)) {
      data.at += UnpackValue(lua, data, option, size_bytes, &results, layout);
    } else {
      TakeControl(lua, option, &format, &layout);
    }
  }
  lua_pushnumber(lua, static_cast<lua_Number>(data.at + 1));
  return results + 1;
}

int Size(lua_State* lua) {
  const char* format = luaL_checkstring(lua, 1);
  Layout layout;
  size_t total_bytes = 0;
  while (*format != '\0') {
    const char option = *format++;
    const size_t size_bytes = SizeOf(lua, option, &format);
    total_bytes += Padding(total_bytes, layout, option, size_bytes);
    if (option == 's') luaL_argerror(lua, 1, "option 's' has no fixed size");
    if (option == 'c' && size_bytes == 0) luaL_argerror(lua, 1, "option 'c0' has no fixed size");
    if (!IsLetterOrDigit(option)) TakeControl(lua, option, &format, &layout);
    total_bytes += size_bytes;
  }
  lua_pushnumber(lua, static_cast<lua_Number>(total_bytes));
  return 1;
}

}  // namespace

void PushStructLibrary(lua_State* lua) {
  lua_createtable(lua, 0, 3);
  SetField(lua, "pack", Pack);
  SetField(lua, "unpack", Unpack);
  SetField(lua, "size", Size);
}

}  // namespace torc
