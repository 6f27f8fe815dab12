#include "base/text.h"

#include <charconv>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace torc {
namespace {

// Decimal digits without a leading zero (except "0" itself), at most `max`.
std::optional<uint64_t> ParseMagnitude(std::string_view digits, uint64_t max) {
  if (digits.empty() || digits.size() > 20) return std::nullopt;
  if (digits[0] == '0') return digits.size() == 1 ? std::optional<uint64_t>(0) : std::nullopt;
  uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (value > (max - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

bool IsBlank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Calls a strtod-like function on a NUL-terminated copy of the text.
template <typename T, typename StrTo>
std::optional<T> ParseFloating(std::string_view text, StrTo str_to) {
  constexpr size_t kLengthMax = 5 * 1024;
  if (text.empty() || text.size() >= kLengthMax || IsBlank(text[0])) return std::nullopt;
  char small[128];
  std::string large;
  const char* begin = small;
  if (text.size() < sizeof(small)) {
    std::memcpy(small, text.data(), text.size());
    small[text.size()] = '\0';
  } else {
    large.assign(text);
    begin = large.c_str();
  }
  char* end = nullptr;
  errno = 0;
  const T value = str_to(begin, &end);
  if (end != begin + text.size() || std::isnan(value)) return std::nullopt;
  if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<int64_t> ParseInt64(std::string_view text) {
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (!text.empty() && text[0] == '-') {
    const auto magnitude = ParseMagnitude(text.substr(1), kMax + 1);
    if (!magnitude || *magnitude == 0) return std::nullopt;
    return static_cast<int64_t>(-*magnitude);
  }
  const auto magnitude = ParseMagnitude(text, kMax);
  if (!magnitude) return std::nullopt;
  return static_cast<int64_t>(*magnitude);
}

std::optional<uint64_t> ParseUint64(std::string_view text) {
  return ParseMagnitude(text, std::numeric_limits<uint64_t>::max());
}

std::optional<double> ParseDouble(std::string_view text) {
  return ParseFloating<double>(text, [](const char* s, char** e) { return std::strtod(s, e); });
}

std::optional<long double> ParseLongDouble(std::string_view text) {
  return ParseFloating<long double>(text,
                                    [](const char* s, char** e) { return std::strtold(s, e); });
}

DecimalText::DecimalText(int64_t value) {
  const bool negative = value < 0;
  const auto bits = static_cast<uint64_t>(value);
  Write(negative ? ~bits + 1 : bits, negative);
}

DecimalText DecimalText::Unsigned(uint64_t value) {
  DecimalText text;
  text.Write(value, false);
  return text;
}

void DecimalText::Write(uint64_t magnitude, bool negative) {
  begin_ = digits_.size();
  do {
    digits_[--begin_] = static_cast<char>('0' + magnitude % 10);
    magnitude /= 10;
  } while (magnitude != 0);
  if (negative) digits_[--begin_] = '-';
}

std::string FormatDouble(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  constexpr double kExactMax = 4503599627370496;  // 2^52
  if (value > -kExactMax && value < kExactMax && value == std::trunc(value)) {
    if (value == 0) return std::signbit(value) ? "-0" : "0";
    return std::string(DecimalText(static_cast<int64_t>(value)).view());
  }
  return Format("%.17g", value);
}

std::string FormatLongDouble(long double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text = Format("%.17Lf", value);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  if (text == "-0") text = "0";
  return text;
}

char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
char ToUpper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

std::string Lowercase(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ToLower(c);
  return out;
}

std::string Uppercase(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ToUpper(c);
  return out;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (ToLower(a[i]) != ToLower(b[i])) return false;
  }
  return true;
}

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string Format(const char* format, ...) {
  va_list args;
  va_start(args, format);
  va_list again;
  va_copy(again, args);
  char small[256];
  const int length = std::vsnprintf(small, sizeof(small), format, args);
  va_end(args);
  std::string out;
  if (length > 0) {
    const auto size = static_cast<size_t>(length);
    if (size < sizeof(small)) {
      out.assign(small, size);
    } else {
      out.resize(size);
      std::vsnprintf(out.data(), size + 1, format, again);
    }
  }
  va_end(again);
  return out;
}

std::string Escaped(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\a':
        out += "\\a";
        break;
      case '\b':
        out += "\\b";
        break;
      default:
        if (c >= 0x20 && c < 0x7f) {
          out += c;
        } else {
          out += Format("\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
  }
  return out;
}

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::optional<uint64_t> ParseMemory(std::string_view text) {
  struct Unit {
    std::string_view name;
    uint64_t size_bytes;
  };
  static constexpr Unit kUnits[] = {
      {"", 1},           {"b", 1},
      {"k", 1000},       {"kb", 1024},
      {"m", 1000000},    {"mb", 1024 * 1024},
      {"g", 1000000000}, {"gb", 1024 * 1024 * 1024},
  };
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, count);
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  if (error == std::errc::result_out_of_range) count = kMost;
  if (error == std::errc::invalid_argument || end != text.data() + digits) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (!EqualsIgnoreCase(text.substr(digits), unit.name)) continue;
    return count > kMost / unit.size_bytes ? kMost : count * unit.size_bytes;
  }
  return std::nullopt;
}

std::string HumanBytes(uint64_t size_bytes) {
  if (size_bytes < 1024) return Format("%lluB", static_cast<unsigned long long>(size_bytes));
  static constexpr char kSuffixes[] = "KMGTPE";
  double scaled = static_cast<double>(size_bytes) / 1024;
  size_t suffix = 0;
  while (scaled >= 1024 && suffix + 2 < sizeof(kSuffixes)) {
    scaled /= 1024;
    ++suffix;
  }
  return Format("%.2f%c", scaled, kSuffixes[suffix]);
}

}  // namespace torc
