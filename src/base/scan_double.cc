#include "base/scan_double.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <string>

namespace torc {

std::optional<ScannedDouble> ScanDouble(std::string_view text) {
  const std::string ended(text);
  char* end = nullptr;
  errno = 0;
  const double value = std::strtod(ended.c_str(), &end);
  if (*end != '\0' || std::isnan(value)) return std::nullopt;
  return ScannedDouble{value, errno == ERANGE};
}

}  // namespace torc
