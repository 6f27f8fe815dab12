#include "server/config_file.h"

#include <utility>

#include "base/config_words.h"
#include "base/text.h"
#include "torc/version.h"

namespace torc {
namespace {

// A line, and where it stands: for the message when it is wrong.
struct Place {
  std::string_view where;  // " of /etc/torc.conf", or nothing for the command line
  int line = 0;
};

Status WrongLine(const Place& place, std::string_view text, const std::string& reason) {
  std::string message =
      "*** FATAL CONFIG FILE ERROR (Torc " + std::string(kTorcVersion) + ") ***\n";
  if (place.line > 0) {
    message += "Reading the configuration file, at line " + std::to_string(place.line);
    message += std::string(place.where) + "\n";
  } else {
    message += "Reading the command line\n";
  }
  message += ">>> '" + std::string(text) + "'\n" + reason;
  return Status::InvalidArgument(std::move(message));
}

bool IsGlob(std::string_view path) {
  return path.find_first_of("*?[") != std::string_view::npos;
}

class Loader {
 public:
  Loader(ConfigFiles& files, ConfigRegistry& registry) : files_(files), registry_(registry) {}

  Status File(const std::string& path) {
    StatusOr<std::string> text = files_.Read(path);
    if (!text.ok()) {
      return Status::IoError("Fatal error, can't open config file '" + path +
                             "': " + text.status().message());
    }
    return Text(*text, " of " + path);
  }

  Status Text(const std::string& text, const std::string& where) {
    Place place{.where = where};
    for (const std::string_view raw : Split(text, '\n')) {
      ++place.line;
      const std::string_view line = TrimBlanks(raw);
      if (line.empty() || line.front() == '#') continue;
      const auto words = SplitConfigLine(line);
      if (!words) return WrongLine(place, line, "Unbalanced quotes in configuration line");
      if (words->empty()) continue;
      TORC_RETURN_IF_ERROR(Directive(*words, line, place));
    }
    return Status::Ok();
  }

  Status Directive(ConfigWords words, std::string_view text, const Place& place) {
    if (EqualsIgnoreCase(words[0], "include") && words.size() == 2) {
      return Include(words[1], text, place);
    }
    const Status loaded = registry_.Load(words);
    if (!loaded.ok()) return WrongLine(place, text, loaded.message());
    return Status::Ok();
  }

 private:
  Status Include(const std::string& pattern, std::string_view text, const Place& place) {
    if (depth_ == kConfigIncludeDepthMax) {
      return WrongLine(place, text,
                       "include nests deeper than " + std::to_string(kConfigIncludeDepthMax) +
                           " files: does a file include itself?");
    }
    ++depth_;
    Status status;
    const auto paths = IsGlob(pattern) ? files_.Match(pattern) : std::vector{pattern};
    for (const std::string& path : paths) {
      status = File(path);
      if (!status.ok()) break;
    }
    --depth_;
    return status;
  }

  ConfigFiles& files_;
  ConfigRegistry& registry_;
  int depth_ = 0;
};

// As the operator may recognise it: the name as it was given, the words in quotes.
std::string DirectiveText(ConfigWords words) {
  std::string text = words[0];
  for (const std::string& word : words.subspan(1)) text += " " + QuoteConfigWord(word);
  return text;
}

bool IsOption(std::string_view argument) {
  return argument.size() > 2 && argument.starts_with("--");
}

bool TakeSwitch(std::string_view argument, CommandLine& line) {
  if (argument == "-h" || argument == "--help") {
    line.wants_help = true;
  } else if (argument == "-v" || argument == "--version") {
    line.wants_version = true;
  } else if (argument == "--check-config") {
    line.only_checks_config = true;
  } else {
    return false;
  }
  return true;
}

}  // namespace

StatusOr<CommandLine> ParseCommandLine(std::span<const std::string> arguments) {
  CommandLine line;
  bool value_expected = false;
  for (const std::string& argument : arguments) {
    const bool ends_save =
        value_expected && IsOption(argument) && EqualsIgnoreCase(line.directives.back()[0], "save");
    if (value_expected && !ends_save) {
      line.directives.back().push_back(argument);
      value_expected = false;
    } else if (TakeSwitch(argument, line)) {
      continue;
    } else if (IsOption(argument)) {
      // One argument may hold a whole directive: '--maxmemory 10mb'.
      auto words = SplitConfigLine(std::string_view(argument).substr(2));
      if (!words || words->empty()) {
        return WrongLine({}, argument, "Unbalanced quotes in configuration line");
      }
      value_expected = words->size() == 1;
      line.directives.push_back(std::move(*words));
    } else if (argument == "-") {
      line.reads_standard_input = true;
    } else if (!line.directives.empty()) {
      line.directives.back().push_back(argument);
    } else if (!line.config_path) {
      line.config_path = argument;
    } else {
      return WrongLine({}, argument, "only one configuration file may be named");
    }
  }
  for (auto& directive : line.directives) {
    if (directive.size() == 1 && EqualsIgnoreCase(directive[0], "save")) directive.emplace_back();
  }
  return line;
}

Status LoadConfig(const CommandLine& from, ConfigFiles& files, ConfigRegistry& registry) {
  Loader loader(files, registry);
  registry.BeginLoad();
  if (from.config_path) TORC_RETURN_IF_ERROR(loader.File(*from.config_path));
  if (from.reads_standard_input) {
    StatusOr<std::string> text = files.ReadStandardInput();
    if (!text.ok()) {
      return Status::IoError("Fatal error, can't read config from standard input: " +
                             text.status().message());
    }
    TORC_RETURN_IF_ERROR(loader.Text(*text, " of standard input"));
  }
  for (const auto& directive : from.directives) {
    TORC_RETURN_IF_ERROR(loader.Directive(directive, DirectiveText(directive), {}));
  }
  return Status::Ok();
}

}  // namespace torc
