#include "server/locale_settings.h"

#include <clocale>

namespace torc {

Status UseCollation(const std::string& locale) {
  if (std::setlocale(LC_COLLATE, locale.c_str()) != nullptr) return Status::Ok();
  return Status::InvalidArgument("Invalid locale name");
}

}  // namespace torc
