// bit.*: operations on numbers as 32 bits, with the results of Lua BitOp: a number is taken modulo
// 2^32 after rounding to the nearest even, a result is signed.

#include <bit>
#include <cstdint>
#include <cstring>

#include "features/scripting/lua_entry.h"
#include "features/scripting/sandbox.h"

namespace torc {
namespace {

constexpr int kHexDigitsMax = 8;

// Adding 2^52 + 2^51 leaves the whole part, rounded, in the low bits of the double.
uint32_t BitsOf(lua_State* lua, int index) {
  constexpr lua_Number kShift = 6755399441055744.0;
  return static_cast<uint32_t>(std::bit_cast<uint64_t>(luaL_checknumber(lua, index) + kShift));
}

int Return(lua_State* lua, uint32_t bits) {
  lua_pushnumber(lua, static_cast<int32_t>(bits));
  return 1;
}

int ToBit(lua_State* lua) {
  return Return(lua, BitsOf(lua, 1));
}

int Not(lua_State* lua) {
  return Return(lua, ~BitsOf(lua, 1));
}

template <typename Operation>
int Fold(lua_State* lua, Operation operation) {
  uint32_t bits = BitsOf(lua, 1);
  for (int i = lua_gettop(lua); i > 1; --i) bits = operation(bits, BitsOf(lua, i));
  return Return(lua, bits);
}

int And(lua_State* lua) {
  return Fold(lua, [](uint32_t a, uint32_t b) { return a & b; });
}

int Or(lua_State* lua) {
  return Fold(lua, [](uint32_t a, uint32_t b) { return a | b; });
}

int Xor(lua_State* lua) {
  return Fold(lua, [](uint32_t a, uint32_t b) { return a ^ b; });
}

template <typename Operation>
int Shift(lua_State* lua, Operation operation) {
  const uint32_t bits = BitsOf(lua, 1);
  return Return(lua, operation(bits, BitsOf(lua, 2) & 31));
}

int ShiftLeft(lua_State* lua) {
  return Shift(lua, [](uint32_t bits, uint32_t by) { return bits << by; });
}

int ShiftRight(lua_State* lua) {
  return Shift(lua, [](uint32_t bits, uint32_t by) { return bits >> by; });
}

int ShiftRightSigned(lua_State* lua) {
  return Shift(lua, [](uint32_t bits, uint32_t by) {
    return static_cast<uint32_t>(static_cast<int32_t>(bits) >> by);
  });
}

int RotateLeft(lua_State* lua) {
  return Shift(lua,
               [](uint32_t bits, uint32_t by) { return std::rotl(bits, static_cast<int>(by)); });
}

int RotateRight(lua_State* lua) {
  return Shift(lua,
               [](uint32_t bits, uint32_t by) { return std::rotr(bits, static_cast<int>(by)); });
}

int SwapBytes(lua_State* lua) {
  return Return(lua, __builtin_bswap32(BitsOf(lua, 1)));
}

// bit.tohex(x [, n]): the last |n| digits, capitals for a negative n.
int ToHex(lua_State* lua) {
  uint32_t bits = BitsOf(lua, 1);
  const auto wanted = lua_isnone(lua, 2) ? kHexDigitsMax : static_cast<int32_t>(BitsOf(lua, 2));
  const char* const digits = wanted < 0 ? "0123456789ABCDEF" : "0123456789abcdef";
  const int64_t count = wanted < 0 ? -static_cast<int64_t>(wanted) : wanted;
  const int shown = count > kHexDigitsMax ? kHexDigitsMax : static_cast<int>(count);
  char text[kHexDigitsMax];
  for (int i = shown - 1; i >= 0; --i, bits >>= 4) text[i] = digits[bits & 15];
  lua_pushlstring(lua, text, static_cast<size_t>(shown));
  return 1;
}

}  // namespace

void PushBitLibrary(lua_State* lua) {
  lua_createtable(lua, 0, 12);
  SetField(lua, "tobit", ToBit);
  SetField(lua, "bnot", Not);
  SetField(lua, "band", And);
  SetField(lua, "bor", Or);
  SetField(lua, "bxor", Xor);
  SetField(lua, "lshift", ShiftLeft);
  SetField(lua, "rshift", ShiftRight);
  SetField(lua, "arshift", ShiftRightSigned);
  SetField(lua, "rol", RotateLeft);
  SetField(lua, "ror", RotateRight);
  SetField(lua, "bswap", SwapBytes);
  SetField(lua, "tohex", ToHex);
}

}  // namespace torc
