#include "redis-tests/differential/double_form.h"

#include <cmath>
#include <cstdlib>
#include <string>

#include "base/text.h"

namespace torc::differential {
namespace {

using testing::RespType;
using testing::RespValue;

// The number as digits × 10^power, without zeros at either end of the digits.
struct Decimal {
  bool negative = false;
  std::string digits;
  int power = 0;
};

// Of a text that is known to be a finite decimal number.
Decimal Taken(std::string_view text) {
  Decimal number;
  bool after_point = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '-') number.negative = true;
    if (c == '.') after_point = true;
    if (c >= '0' && c <= '9') {
      number.digits += c;
      if (after_point) --number.power;
    }
    if (c == 'e') {
      number.power +=
          static_cast<int>(std::strtol(std::string(text.substr(i + 1)).c_str(), nullptr, 10));
      break;
    }
  }
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  while (number.digits.size() > 1 && number.digits.back() == '0') {
    number.digits.pop_back();
    ++number.power;
  }
  return number;
}

// With d digits and power p the decimal point stands after the first e + d digits, e being p.
// Integers get up to seven zeros appended; fractions are written out when p > -7 or the first digit
// is within three places of the point.
std::string Written(const Decimal& number) {
  const int count = static_cast<int>(number.digits.size());
  const int first_place = number.power + count - 1;  // the exponent in scientific notation
  std::string out = number.negative ? "-" : "";
  if (number.power >= 0 && first_place < count + 7) {
    return out + number.digits + std::string(static_cast<size_t>(number.power), '0');
  }
  if (number.power < 0 && (number.power > -7 || std::abs(first_place) < 4)) {
    const int point = count + number.power;  // digits before the point, if positive
    if (point > 0) {
      return out + number.digits.substr(0, static_cast<size_t>(point)) + "." +
             number.digits.substr(static_cast<size_t>(point));
    }
    return out + "0." + std::string(static_cast<size_t>(-point), '0') + number.digits;
  }
  out += number.digits.substr(0, 1);
  if (count > 1) out += "." + number.digits.substr(1);
  return out + Format("e%c%d", first_place < 0 ? '-' : '+', std::abs(first_place));
}

// Integers that fit are written as such, whatever their digits.
bool IsPlainInteger(double value) {
  constexpr double kIntegersBelow = 4'611'686'018'427'387'904.0;  // 2^62
  return std::trunc(value) == value && std::fabs(value) <= kIntegersBelow;
}

bool SameText(const RespValue& ours, const RespValue& peer) {
  if (ours.text == peer.text) return true;
  const auto our_number = ParseDouble(ours.text);
  const auto peer_number = ParseDouble(peer.text);
  if (!our_number || !peer_number || *our_number != *peer_number) return false;
  const bool of_redis = peer.text == Format("%.17g", *peer_number) ||
                        (IsShortDoubleForm(peer.text) && peer.text.size() >= ours.text.size());
  return of_redis && IsShortDoubleForm(ours.text);
}

}  // namespace

bool IsShortDoubleForm(std::string_view text) {
  const auto value = ParseDouble(text);
  if (!value.has_value() || !std::isfinite(*value)) return false;
  if (text == "-0") return true;
  if (IsPlainInteger(*value)) return text == std::to_string(static_cast<int64_t>(*value));
  return text == Written(Taken(text));
}

bool SameButForDoubleForm(const RespValue& ours, const RespValue& peer) {
  if (ours.type != peer.type || ours.is_null != peer.is_null ||
      ours.items.size() != peer.items.size())
    return false;
  if (ours.type == RespType::kBulk || ours.type == RespType::kDouble) return SameText(ours, peer);
  if (!ours.IsAggregate()) return ours == peer;
  for (size_t i = 0; i < ours.items.size(); ++i) {
    if (!SameButForDoubleForm(ours.items[i], peer.items[i])) return false;
  }
  return true;
}

}  // namespace torc::differential
