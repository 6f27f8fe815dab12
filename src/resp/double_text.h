#pragma once

// How Redis 7.2 writes a double in a reply: the shortest digits that read back as the same double,
// then
//   - whole numbers within 2^62 as integers; zero as 0 or -0; inf, -inf, nan as words;
//   - other whole numbers plainly when fewer than 8 zeros follow their digits;
//   - a point among or before the digits when there are at most 6 decimals, or the number lies
//   between
//     1e-3 and 1e4;
//   - else one digit before the point and an exponent with its sign and no padding: 1.5e+20, 1e-7.
// Redis 7.0 wrote %.17g instead. The shortest digits come from std::to_chars, which is exact; where
// Redis's own shortest-digits search (Grisu2) misses the shortest form, about one double in a
// thousand, the two spell the same double differently.

#include <array>
#include <string_view>

namespace torc {

class DoubleText {
 public:
  explicit DoubleText(double value);
  std::string_view view() const { return {text_.data(), size_bytes_}; }

 private:
  // 17 digits, a sign, a point, an exponent of five; or six zeros and a point before 17 digits.
  std::array<char, 40> text_;
  size_t size_bytes_ = 0;
};

}  // namespace torc
