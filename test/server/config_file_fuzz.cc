// Any text as a configuration file: it loads or is refused, and what CONFIG REWRITE makes of the
// values then loads to the same values, whatever file it started from.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "fake_config_files.h"
#include "server/config_accepted.h"
#include "server/config_file.h"
#include "server/config_rewrite.h"

namespace torc {
namespace {

struct Configuration {
  ConfigRegistry registry;
  AcceptedConfig accepted{registry};

  bool Load(const std::string& text) {
    FakeConfigFiles files;
    files.files["t"] = text;
    return LoadConfig({.config_path = "t"}, files, registry).ok();
  }
  std::string Values() {
    std::string all;
    const std::string_view everything = "*";
    for (const auto& [name, value] : registry.Get({&everything, 1}))
      all += name + "=" + value + "\n";
    return all;
  }
};

}  // namespace
}  // namespace torc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  const std::string text(reinterpret_cast<const char*>(data), size_bytes);
  torc::Configuration first;
  // A refused line leaves what came before it in force, so both outcomes give values to write.
  const bool loaded = first.Load(text);
  const std::string from_nothing = torc::RewriteConfig("", first.registry);
  torc::Configuration second;
  TORC_CHECK(second.Load(from_nothing), "a rewritten file loads");
  TORC_CHECK(second.Values() == first.Values(), "a rewritten file holds every value");
  if (loaded && text.find("include") == std::string::npos) {
    torc::Configuration third;
    TORC_CHECK(third.Load(torc::RewriteConfig(text, first.registry)), "a rewritten file loads");
    TORC_CHECK(third.Values() == first.Values(), "a rewritten file holds every value");
  }
  return 0;
}
