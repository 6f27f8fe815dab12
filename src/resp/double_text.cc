#include "resp/double_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "resp/decimal.h"

namespace torc {
namespace {

constexpr double kWholeMax = 4611686018427387904;  // 2^62

// value = digits × 10^exponent, without trailing zeros.
struct Shortest {
  char digits[17];
  int count = 0;
  int exponent = 0;
};

// value is finite and above zero.
Shortest ShortestDigits(double value) {
  char text[32];
  const auto end =
      std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific).ptr;
  Shortest out;
  const char* at = text;
  for (; at != end && *at != 'e'; ++at) {
    if (*at != '.') out.digits[out.count++] = *at;
  }
  int scientific = 0;
  const char* sign = at + 1;
  std::from_chars(*sign == '+' ? sign + 1 : sign, end, scientific);
  while (out.count > 1 && out.digits[out.count - 1] == '0') --out.count;
  out.exponent = scientific - (out.count - 1);
  return out;
}

char* Put(char* to, const char* from, int count) {
  std::memcpy(to, from, static_cast<size_t>(count));
  return to + count;
}

char* PutZeros(char* to, int count) {
  std::memset(to, '0', static_cast<size_t>(count));
  return to + count;
}

char* WritePlain(char* to, const Shortest& s) {
  const int whole = s.count + s.exponent;  // digits before the point
  if (s.exponent >= 0) return PutZeros(Put(to, s.digits, s.count), s.exponent);
  if (whole <= 0) {
    to = PutZeros(Put(to, "0.", 2), -whole);
    return Put(to, s.digits, s.count);
  }
  to = Put(to, s.digits, whole);
  *to++ = '.';
  return Put(to, s.digits + whole, s.count - whole);
}

char* WriteScientific(char* to, const Shortest& s) {
  *to++ = s.digits[0];
  if (s.count > 1) {
    *to++ = '.';
    to = Put(to, s.digits + 1, s.count - 1);
  }
  const int exponent = s.exponent + s.count - 1;
  *to++ = 'e';
  *to++ = exponent < 0 ? '-' : '+';
  return WriteDecimal(to, static_cast<uint64_t>(std::abs(exponent)));
}

char* WriteFinite(char* to, double value) {
  if (std::signbit(value)) {
    *to++ = '-';
    value = -value;
  }
  if (value <= kWholeMax && value == std::trunc(value)) {
    return WriteDecimal(to, static_cast<uint64_t>(value));
  }
  const Shortest s = ShortestDigits(value);
  const int magnitude = std::abs(s.exponent + s.count - 1);
  const bool plain = s.exponent >= 0 ? magnitude < s.count + 7 : s.exponent > -7 || magnitude < 4;
  return plain ? WritePlain(to, s) : WriteScientific(to, s);
}

}  // namespace

DoubleText::DoubleText(double value) {
  char* const begin = text_.data();
  char* end;
  if (std::isnan(value)) {
    end = Put(begin, "nan", 3);
  } else if (std::isinf(value)) {
    end = value > 0 ? Put(begin, "inf", 3) : Put(begin, "-inf", 4);
  } else {
    end = WriteFinite(begin, value);
  }
  size_bytes_ = static_cast<size_t>(end - begin);
}

}  // namespace torc
