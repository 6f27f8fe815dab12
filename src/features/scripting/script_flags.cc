#include "features/scripting/script_flags.h"

#include <algorithm>

#include "base/config_words.h"
#include "base/text.h"
#include "resp/errors.h"
#include "torc/command.h"

namespace torc {
namespace {

struct NamedFlag {
  std::string_view name;
  uint32_t flag;
};

constexpr NamedFlag kFlags[] = {
    {"no-writes", kScriptNoWrites},
    {"allow-oom", kScriptAllowOom},
    {"allow-stale", kScriptAllowStale},
    {"no-cluster", kScriptNoCluster},
    {"allow-cross-slot-keys", kScriptAllowCrossSlotKeys},
    {"only-declared-keys", kScriptOnlyDeclaredKeys},
};

constexpr std::string_view kShebang = "#!";
constexpr std::string_view kFlagsOption = "flags=";
constexpr std::string_view kNameOption = "name=";

void ParseFlags(std::string_view list, ScriptHeader* header) {
  if (list.empty()) return;
  for (const std::string_view name : Split(list, ',')) {
    const auto flag = ScriptFlagOf(name);
    if (!flag) {
      header->error =
          "ERR Unexpected flag in script shebang: " + std::string(errors::ShownText(name));
      return;
    }
    header->flags |= *flag;
  }
}

std::string TakeLibraryOption(const std::string& word, LibraryHeader* header, bool* named) {
  const bool is_name =
      EqualsIgnoreCase(std::string_view(word).substr(0, kNameOption.size()), kNameOption);
  if (!is_name) return "ERR Invalid metadata value given: " + word;
  if (*named) return "ERR Invalid metadata value, name argument was given multiple times";
  *named = true;
  header->name = word.substr(kNameOption.size());
  return {};
}

}  // namespace

uint32_t CommandFlagsOfScript(uint32_t command_flags, uint32_t script_flags) {
  const bool writes = (script_flags & kScriptNoWrites) == 0;
  uint32_t flags = command_flags & ~(kWrite | kDenyOom | kStale | kMayReplicate);
  if (writes) flags |= kWrite;
  if (writes && (script_flags & kScriptAllowOom) == 0) flags |= kDenyOom;
  if ((script_flags & kScriptAllowStale) != 0) flags |= kStale;
  return flags;
}

bool ValidFunctionName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::optional<uint32_t> ScriptFlagOf(std::string_view name) {
  for (const NamedFlag& flag : kFlags) {
    if (flag.name == name) return flag.flag;
  }
  return std::nullopt;
}

std::vector<std::string_view> ScriptFlagNames(uint32_t flags) {
  std::vector<std::string_view> names;
  for (const NamedFlag& flag : kFlags) {
    if ((flags & flag.flag) != 0) names.push_back(flag.name);
  }
  return names;
}

ScriptHeader ParseScriptHeader(std::string_view body) {
  ScriptHeader header;
  if (!StartsWith(body, kShebang)) return header;
  header.has_shebang = true;
  const size_t end = body.find('\n');
  if (end == std::string_view::npos) {
    header.error = "ERR Invalid script shebang";
    return header;
  }
  header.code_begin = end;  // the line's end stays: Lua counts it
  const auto words = SplitConfigLine(body.substr(0, end));
  if (!words || words->empty()) {
    header.error = "ERR Invalid engine in script shebang";
    return header;
  }
  if (words->front() != "#!lua") {
    header.error = "ERR Unexpected engine in script shebang: " + words->front();
    return header;
  }
  for (size_t i = 1; i < words->size() && header.error.empty(); ++i) {
    const std::string_view word = (*words)[i];
    if (StartsWith(word, kFlagsOption)) {
      ParseFlags(word.substr(kFlagsOption.size()), &header);
    } else {
      header.error = "ERR Unknown lua shebang option: " + std::string(errors::ShownText(word));
    }
  }
  return header;
}

LibraryHeader ParseLibraryHeader(std::string_view code) {
  LibraryHeader header;
  if (!StartsWith(code, kShebang)) {
    header.error = "ERR Missing library metadata";
    return header;
  }
  const size_t end = code.find('\n');
  const auto words = SplitConfigLine(code.substr(0, end));
  if (end == std::string_view::npos || !words || words->empty()) {
    header.error = "ERR Invalid library metadata";
    return header;
  }
  header.code_begin = end;
  header.engine = words->front().substr(kShebang.size());
  bool named = false;
  for (size_t i = 1; i < words->size() && header.error.empty(); ++i) {
    header.error = TakeLibraryOption((*words)[i], &header, &named);
  }
  if (!header.error.empty()) return header;
  if (!named) {
    header.error = "ERR Library name was not given";
  } else if (!ValidFunctionName(header.name)) {
    header.error =
        "ERR Library names can only contain letters, numbers, or underscores(_) and must be at "
        "least one character long";
  } else if (!EqualsIgnoreCase(header.engine, "LUA")) {
    header.error = "ERR Engine '" + header.engine + "' not found";
  }
  return header;
}

}  // namespace torc
