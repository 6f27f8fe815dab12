#pragma once

// Numbers and words as Redis reads and writes them. All functions are pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torc {

// A whole string that is exactly the canonical decimal form of an int64: no blanks, no '+', no
// leading zeros, no "-0". Anything else is nothing. This is Redis's rule for integer arguments and
// values.
std::optional<int64_t> ParseInt64(std::string_view text);
std::optional<uint64_t> ParseUint64(std::string_view text);
// A whole string that strtod takes: decimal or hexadecimal, inf/infinity; not NaN, not blank-led,
// not empty, and not an overflow to infinity. Redis's rule for scores and INCRBYFLOAT.
std::optional<double> ParseDouble(std::string_view text);
std::optional<long double> ParseLongDouble(std::string_view text);

// A decimal int64 on the stack: `DecimalText(42).view()`.
class DecimalText {
 public:
  explicit DecimalText(int64_t value);
  static DecimalText Unsigned(uint64_t value);
  std::string_view view() const { return {digits_.data() + begin_, digits_.size() - begin_}; }

 private:
  DecimalText() = default;
  void Write(uint64_t magnitude, bool negative);
  std::array<char, 20> digits_;
  size_t begin_ = 0;
};

// "%.17g" as Redis prints doubles in replies: integers without a point, inf, -inf, nan.
std::string FormatDouble(double value);
// INCRBYFLOAT's form: fixed with 17 decimals, trailing zeros removed; inf and -inf as words.
std::string FormatLongDouble(long double value);

// ASCII case only: bytes above 127 are left alone.
char ToLower(char c);
char ToUpper(char c);
std::string Lowercase(std::string_view text);
std::string Uppercase(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
bool StartsWith(std::string_view text, std::string_view prefix);
// Without blanks, tabs, CR and LF at both ends.
std::string_view TrimBlanks(std::string_view text);
std::vector<std::string_view> Split(std::string_view text, char separator);
// printf into a string.
[[gnu::format(printf, 1, 2)]] std::string Format(const char* format, ...);
// For logs and INFO: bytes outside printable ASCII as \xNN, quotes and backslashes escaped.
std::string Escaped(std::string_view bytes);
std::string Hex(std::string_view bytes);

// "1024", "2kb", "512mb", "1g": redis.conf's memory units (k = 1000, kb = 1024, any case).
// More than 64 bits can say is the most they can say.
std::optional<uint64_t> ParseMemory(std::string_view text);
// "1.50K", "3.21G": INFO's *_human fields.
std::string HumanBytes(uint64_t size_bytes);

}  // namespace torc
