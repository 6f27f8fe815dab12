#include "features/connection/authentication.h"

#include <algorithm>
#include <string>

#include "command/context.h"
#include "resp/errors.h"

namespace torc {

bool SameSecret(std::string_view given, std::string_view secret) {
  // Every byte of `given` is compared with some byte of the secret, wherever the first difference
  // lies.
  size_t difference = given.size() ^ secret.size();
  for (size_t i = 0; i < given.size(); ++i) {
    const char byte = secret.empty() ? '\0' : secret[i % secret.size()];
    difference |= static_cast<unsigned char>(given[i] ^ byte);
  }
  return difference == 0;
}

bool Authenticate(CommandContext& context, std::string_view user, std::string_view password) {
  const std::string& secret = context.services.options->requirepass;
  const bool admitted = user == "default" && (secret.empty() || SameSecret(password, secret));
  if (!admitted) {
    context.reply.Error(errors::kWrongPass);
    return false;
  }
  context.session.user = "default";
  context.session.authenticated = true;
  return true;
}

// A zero byte is no plain byte (7.2 stops looking there; 7.0 did not).
bool IsPlainName(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; });
}

}  // namespace torc
