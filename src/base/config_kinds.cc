// The kinds of ConfigRegistry: how each reads, checks and shows its values.

#include <algorithm>
#include <charconv>
#include <cinttypes>

#include "base/config.h"
#include "base/config_words.h"
#include "base/text.h"

namespace torc {
namespace {

Status CheckRange(int64_t value, int64_t min, int64_t max) {
  if (value >= min && value <= max) return Status::Ok();
  return Status::InvalidArgument(
      Format("argument must be between %" PRId64 " and %" PRId64 " inclusive", min, max));
}

std::optional<int64_t> ParseOctal(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string OctalText(int64_t value) {
  return Format("%" PRIo64, static_cast<uint64_t>(value));
}

std::string JoinWords(ConfigWords words) {
  std::string joined;
  for (const std::string& word : words) {
    if (!joined.empty()) joined += ' ';
    joined += word;
  }
  return joined;
}

Status NotAChoice(std::span<const ConfigChoice> choices) {
  std::string message = "argument(s) must be one of the following: ";
  for (size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) message += ", ";
    message += choices[i].name;
  }
  return Status::InvalidArgument(message);
}

std::optional<int> ValueOf(std::span<const ConfigChoice> choices, std::string_view name) {
  for (const ConfigChoice& choice : choices) {
    if (EqualsIgnoreCase(choice.name, name)) return choice.value;
  }
  return std::nullopt;
}

std::string NameOf(std::span<const ConfigChoice> choices, int64_t value) {
  for (const ConfigChoice& choice : choices) {
    if (choice.value == value) return std::string(choice.name);
  }
  return "unknown";
}

std::string NamesOfBits(std::span<const ConfigChoice> choices, int bits) {
  std::string names;
  for (const ConfigChoice& choice : choices) {
    if (choice.value == 0 || (bits & choice.value) != choice.value) continue;
    bits &= ~choice.value;
    if (!names.empty()) names += ' ';
    names += choice.name;
  }
  return names.empty() ? NameOf(choices, 0) : names;
}

std::optional<int64_t> ParsePercent(std::string_view text) {
  if (text.size() < 2 || text.back() != '%') return std::nullopt;
  return ParseInt64(text.substr(0, text.size() - 1));
}

Status SetMemoryOrPercent(const ParameterSpec& spec, std::string_view word, int64_t* field) {
  if (const auto percent = ParsePercent(word); percent && *percent >= 0) {
    if (*percent > 100) {
      return Status::InvalidArgument("percentage argument must be less or equal to 100");
    }
    *field = -*percent;
    return Status::Ok();
  }
  const auto size_bytes = ParseMemory(word);
  if (!size_bytes || *size_bytes > static_cast<uint64_t>(INT64_MAX)) {
    return Status::InvalidArgument("argument must be a memory or percent value");
  }
  TORC_RETURN_IF_ERROR(CheckRange(static_cast<int64_t>(*size_bytes), spec.min, spec.max));
  *field = static_cast<int64_t>(*size_bytes);
  return Status::Ok();
}

}  // namespace

void ConfigRegistry::YesNo(const ParameterSpec& spec, bool* field, ConfigApply apply) {
  const auto get = [field]() -> std::string { return *field ? "yes" : "no"; };
  const auto set = [field](ConfigWords words, ConfigSource) {
    const bool yes = EqualsIgnoreCase(words[0], "yes");
    if (!yes && !EqualsIgnoreCase(words[0], "no")) {
      return Status::InvalidArgument("argument must be 'yes' or 'no'");
    }
    *field = yes;
    return Status::Ok();
  };
  Add({.spec = spec,
       .set = set,
       .get = get,
       .lines = [get] { return std::vector{get()}; },
       .apply = std::move(apply),
       .default_value = {}});
}

void ConfigRegistry::AddInteger(const ParameterSpec& spec, const NumberBinding& field,
                                ConfigApply apply) {
  const int64_t min = std::max(spec.min, field.min);
  const int64_t max = std::min(spec.max, field.max);
  const bool octal = spec.octal;
  const auto get = [read = field.read, octal] {
    return octal ? OctalText(read()) : std::to_string(read());
  };
  const auto set = [write = field.write, min, max, octal](ConfigWords words, ConfigSource) {
    const auto value = octal ? ParseOctal(words[0]) : ParseInt64(words[0]);
    if (!value) {
      return Status::InvalidArgument(octal ? "argument couldn't be parsed as an octal number"
                                           : "argument couldn't be parsed into an integer");
    }
    TORC_RETURN_IF_ERROR(CheckRange(*value, min, max));
    write(*value);
    return Status::Ok();
  };
  Add({.spec = spec,
       .set = set,
       .get = get,
       .lines = [get] { return std::vector{get()}; },
       .apply = std::move(apply),
       .default_value = {}});
}

void ConfigRegistry::AddMemory(const ParameterSpec& spec, const NumberBinding& field,
                               bool whole_range, ConfigApply apply) {
  const int64_t min = std::max(spec.min, field.min);
  const int64_t max = std::min(spec.max, field.max);
  whole_range = whole_range && max == INT64_MAX;
  const auto read = [read = field.read] { return static_cast<uint64_t>(read()); };
  const auto set = [write = field.write, min, max, whole_range](ConfigWords words, ConfigSource) {
    // As in Redis, what stands behind a zero byte is not looked at.
    const std::string_view text = words[0].c_str();
    const auto value = text.empty() ? 0 : ParseMemory(text);
    if (!value) return Status::InvalidArgument("argument must be a memory value");
    // Above int64 everything is out of range, unless all 64 bits are allowed.
    const bool is_huge = *value > static_cast<uint64_t>(INT64_MAX);
    if (!(is_huge && whole_range)) {
      TORC_RETURN_IF_ERROR(
          CheckRange(is_huge ? INT64_MIN : static_cast<int64_t>(*value), min, max));
    }
    write(static_cast<int64_t>(*value));
    return Status::Ok();
  };
  Add({.spec = spec,
       .set = set,
       .get = [read] { return std::to_string(read()); },
       .lines = [read] { return std::vector{ConfigMemoryText(read())}; },
       .apply = std::move(apply),
       .default_value = {}});
}

void ConfigRegistry::MemoryOrPercent(const ParameterSpec& spec, int64_t* field, ConfigApply apply) {
  const auto get = [field] {
    return *field < 0 ? std::to_string(-*field) + "%" : std::to_string(*field);
  };
  const auto lines = [field, get] {
    return std::vector{*field < 0 ? get() : ConfigMemoryText(static_cast<uint64_t>(*field))};
  };
  const auto set = [spec, field](ConfigWords words, ConfigSource) {
    return SetMemoryOrPercent(spec, words[0], field);
  };
  Add({.spec = spec,
       .set = set,
       .get = get,
       .lines = lines,
       .apply = std::move(apply),
       .default_value = {}});
}

void ConfigRegistry::AddChoice(const ParameterSpec& spec, std::span<const ConfigChoice> choices,
                               const NumberBinding& field, ConfigApply apply) {
  const auto get = [read = field.read, choices] { return NameOf(choices, read()); };
  const auto set = [write = field.write, choices](ConfigWords words, ConfigSource) {
    const auto value = ValueOf(choices, words[0]);
    if (!value) return NotAChoice(choices);
    write(*value);
    return Status::Ok();
  };
  Add({.spec = spec,
       .set = set,
       .get = get,
       .lines = [get] { return std::vector{get()}; },
       .apply = std::move(apply),
       .default_value = {}});
}

void ConfigRegistry::FlagSet(const ParameterSpec& spec, std::span<const ConfigChoice> choices,
                             int* field, ConfigApply apply) {
  const auto get = [field, choices] { return NamesOfBits(choices, *field); };
  const auto set = [field, choices](ConfigWords words, ConfigSource) {
    int bits = 0;
    for (const std::string& word : words) {
      const auto value = ValueOf(choices, word);
      if (!value) return NotAChoice(choices);
      bits |= *value;
    }
    if (words.empty()) return NotAChoice(choices);
    *field = bits;
    return Status::Ok();
  };
  Add({.spec = spec,
       .takes_many_words = true,
       .set = set,
       .get = get,
       .lines = [get] { return std::vector{get()}; },
       .apply = std::move(apply),
       .default_value = {}});
}

void ConfigRegistry::Text(const ParameterSpec& spec, std::string* field, ConfigApply apply,
                          TextCheck check) {
  const auto set = [field, check = std::move(check)](ConfigWords words, ConfigSource) {
    if (check) TORC_RETURN_IF_ERROR(check(words[0]));
    *field = words[0];
    return Status::Ok();
  };
  Add({.spec = spec,
       .set = set,
       .get = [field] { return *field; },
       .lines = [field] { return std::vector{QuoteConfigWord(*field)}; },
       .apply = std::move(apply),
       .default_value = {}});
}

void ConfigRegistry::Words(const ParameterSpec& spec, std::vector<std::string>* field,
                           ConfigApply apply, WordsCheck check) {
  const auto set = [field, check = std::move(check)](ConfigWords words, ConfigSource) {
    if (words.size() == 1 && words[0].empty()) words = {};
    if (check) TORC_RETURN_IF_ERROR(check(words));
    field->assign(words.begin(), words.end());
    return Status::Ok();
  };
  const auto lines = [field] {
    std::vector<std::string> quoted;
    for (const std::string& word : *field) quoted.push_back(QuoteConfigWordIfNeeded(word));
    return std::vector{quoted.empty() ? std::string("\"\"") : JoinWords(quoted)};
  };
  Add({.spec = spec,
       .takes_many_words = true,
       .set = set,
       .get = [field] { return JoinWords(*field); },
       .lines = lines,
       .apply = std::move(apply),
       .default_value = {}});
}

void ConfigRegistry::Custom(const ParameterSpec& spec, CustomParameter parameter,
                            ConfigApply apply) {
  if (!parameter.lines) {
    parameter.lines = [get = parameter.get, one_word = parameter.one_word] {
      const std::string value = get();
      return std::vector{one_word || value.empty() ? QuoteConfigWord(value) : value};
    };
  }
  Add({.spec = spec,
       .takes_many_words = !parameter.one_word,
       .set = std::move(parameter.set),
       .get = std::move(parameter.get),
       .lines = std::move(parameter.lines),
       .apply = std::move(apply),
       .default_value = {}});
}

void ConfigRegistry::Directive(std::string_view name, FileDirective directive) {
  const auto set = [load = std::move(directive.load)](ConfigWords words, ConfigSource) {
    return load(words);
  };
  Add({.spec = {.name = name},
       .takes_many_words = true,
       .file_only = true,
       .set = set,
       .get = {},
       .lines = std::move(directive.lines),
       .apply = {},
       .default_value = {}});
}

}  // namespace torc
