#pragma once

// What a script says about itself: the flags of a "#!lua" line, or of a function.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torc {

enum ScriptFlag : uint32_t {
  kScriptNoWrites = 1U << 0,
  kScriptAllowOom = 1U << 1,
  kScriptAllowStale = 1U << 2,
  kScriptNoCluster = 1U << 3,
  kScriptAllowCrossSlotKeys = 1U << 4,
  // Torc's own, "only-declared-keys": its commands touch no keys but those it was given as KEYS
  // (others are refused), so that it needs no more than their shards.
  kScriptOnlyDeclaredKeys = 1U << 5,
};

// Redis's names, in the order in which FUNCTION LIST shows them; nothing for an unknown one.
std::optional<uint32_t> ScriptFlagOf(std::string_view name);
std::vector<std::string_view> ScriptFlagNames(uint32_t flags);

// The flags of a command that runs a script which says these of itself: instead of whatever the
// command says of writing and memory, as Redis judges it before it runs.
uint32_t CommandFlagsOfScript(uint32_t command_flags, uint32_t script_flags);

// Whether a library or a function may be called so.
bool ValidFunctionName(std::string_view name);

// A script of EVAL: what stands in its first line, and where the text that Lua compiles begins.
struct ScriptHeader {
  bool has_shebang = false;  // without, a script has the rights it had before there were flags
  uint32_t flags = 0;
  size_t code_begin = 0;
  std::string error;  // Redis's text; empty if all is well
};
ScriptHeader ParseScriptHeader(std::string_view body);

// A library's first line.
struct LibraryHeader {
  std::string name;
  std::string engine;
  size_t code_begin = 0;
  std::string error;
};
LibraryHeader ParseLibraryHeader(std::string_view code);

}  // namespace torc
