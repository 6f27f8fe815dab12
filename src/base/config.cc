#include "base/config.h"

#include <algorithm>

#include "base/check.h"
#include "base/config_words.h"
#include "base/glob.h"
#include "base/text.h"

namespace torc {
namespace {

Status BadSet(std::string_view name, std::string_view reason) {
  return Status::InvalidArgument(Format(
      "CONFIG SET failed (possibly related to argument '%.*s') - %.*s",
      static_cast<int>(name.size()), name.data(), static_cast<int>(reason.size()), reason.data()));
}

// CONFIG SET gives the words of a many-word parameter as one value.
std::vector<std::string> SplitValue(std::string_view value) {
  std::vector<std::string> words;
  if (value.empty()) return words;
  for (const std::string_view word : Split(value, ' ')) words.emplace_back(word);
  return words;
}

bool HasGlobCharacters(std::string_view pattern) {
  return pattern.find_first_of("[*?") != std::string_view::npos;
}

}  // namespace

// A value to put back.
struct ConfigRegistry::Backup {
  Parameter* parameter;
  std::string value;
};

ConfigRegistry::Parameter& ConfigRegistry::Add(Parameter parameter) {
  auto& added = *parameters_.emplace_back(std::make_unique<Parameter>(std::move(parameter)));
  if (!added.file_only) added.default_value = added.get();
  const bool is_new = by_name_.emplace(Lowercase(added.spec.name), &added).second;
  TORC_CHECK(is_new, "a configuration name is declared once");
  if (!added.spec.alias.empty()) {
    const bool alias_is_new = by_name_.emplace(Lowercase(added.spec.alias), &added).second;
    TORC_CHECK(alias_is_new, "a configuration alias is declared once");
  }
  return added;
}

const ConfigRegistry::Parameter* ConfigRegistry::Find(std::string_view name) const {
  const auto found = by_name_.find(Lowercase(name));
  return found == by_name_.end() ? nullptr : found->second;
}

ConfigRegistry::Parameter* ConfigRegistry::Find(std::string_view name) {
  return const_cast<Parameter*>(std::as_const(*this).Find(name));
}

void ConfigRegistry::BeginLoad() {
  for (const auto& parameter : parameters_) parameter->given = false;
}

Status ConfigRegistry::Load(ConfigWords directive) {
  Parameter* parameter = directive.empty() ? nullptr : Find(directive[0]);
  if (parameter == nullptr) {
    return Status::InvalidArgument("Bad directive or wrong number of arguments");
  }
  ConfigWords words = directive.subspan(1);
  if (!parameter->takes_many_words && words.size() != 1) {
    return Status::InvalidArgument("wrong number of arguments");
  }
  std::vector<std::string> split;
  if (parameter->takes_many_words && !parameter->file_only && words.size() == 1 &&
      !words[0].empty()) {
    split = SplitValue(words[0]);
    words = split;
  }
  const auto source = parameter->given ? ConfigSource::kLaterLine : ConfigSource::kFirstLine;
  TORC_RETURN_IF_ERROR(parameter->set(words, source));
  parameter->given = true;
  return Status::Ok();
}

bool ConfigRegistry::WasGiven(std::string_view name) const {
  const Parameter* parameter = Find(name);
  return parameter != nullptr && parameter->given;
}

bool ConfigRegistry::IsSensitive(std::string_view name) const {
  const Parameter* parameter = Find(name);
  return parameter != nullptr && parameter->spec.sensitive;
}

std::vector<ConfigValue> ConfigRegistry::Get(std::span<const std::string_view> patterns) const {
  std::vector<ConfigValue> values;
  std::map<std::string, bool, std::less<>> answered;
  const auto answer = [&](std::string_view name, const Parameter& parameter) {
    if (answered.emplace(Lowercase(name), true).second) {
      values.push_back({std::string(name), parameter.get()});
    }
  };
  for (const std::string_view pattern : patterns) {
    if (!HasGlobCharacters(pattern)) {
      const Parameter* parameter = Find(pattern);
      if (parameter != nullptr && !parameter->file_only) answer(pattern, *parameter);
      continue;
    }
    for (const auto& parameter : parameters_) {
      if (parameter->spec.hidden || parameter->file_only) continue;
      for (const std::string_view name : {parameter->spec.name, parameter->spec.alias}) {
        if (!name.empty() && GlobMatch(pattern, name, GlobCase::kInsensitive)) {
          answer(name, *parameter);
        }
      }
    }
  }
  return values;
}

Status ConfigRegistry::CheckSettable(std::span<const ConfigPair> pairs,
                                     ProtectedConfigs protected_configs) {
  // An unknown name is said first, wherever it stands.
  for (const ConfigPair& pair : pairs) {
    const Parameter* parameter = Find(pair.name);
    if (parameter == nullptr || parameter->file_only) {
      return Status::InvalidArgument(
          Format("Unknown option or number of arguments for CONFIG SET - '%.*s'",
                 static_cast<int>(pair.name.size()), pair.name.data()));
    }
  }
  for (size_t i = 0; i < pairs.size(); ++i) {
    const Parameter& parameter = *Find(pairs[i].name);
    if (parameter.spec.immutable) return BadSet(pairs[i].name, "can't set immutable config");
    if (parameter.spec.is_protected && protected_configs == ProtectedConfigs::kRefuse) {
      return BadSet(pairs[i].name, "can't set protected config");
    }
    for (const ConfigPair& earlier : pairs.first(i)) {
      if (EqualsIgnoreCase(earlier.name, pairs[i].name)) {
        return BadSet(pairs[i].name, "duplicate parameter");
      }
    }
  }
  return Status::Ok();
}

Status ConfigRegistry::Store(std::span<const ConfigPair> pairs, std::vector<Backup>& backups) {
  for (const ConfigPair& pair : pairs) {
    Parameter& parameter = *Find(pair.name);
    backups.push_back({&parameter, parameter.get()});
    std::vector<std::string> words = {std::string(pair.value)};
    if (parameter.takes_many_words) words = SplitValue(pair.value);
    const Status stored = parameter.set(words, ConfigSource::kCommand);
    if (!stored.ok()) return BadSet(parameter.spec.name, stored.message());
  }
  return Status::Ok();
}

Status ConfigRegistry::ApplyAll(std::vector<Backup>& backups) {
  for (size_t i = 0; i < backups.size(); ++i) {
    const ConfigApply& apply = backups[i].parameter->apply;
    if (!apply) continue;
    const Status applied = apply();
    if (!applied.ok()) {
      Restore(backups, i + 1);
      return BadSet(backups[i].parameter->spec.name, applied.message());
    }
  }
  return Status::Ok();
}

// Newest first, so that two names of one parameter end at its oldest value. The first
// `applied_count` hooks run again: they have seen new values.
void ConfigRegistry::Restore(const std::vector<Backup>& backups, size_t applied_count) {
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
    Parameter& parameter = *backup->parameter;
    std::vector<std::string> words = {backup->value};
    if (parameter.takes_many_words) words = SplitValue(backup->value);
    const Status restored = parameter.set(words, ConfigSource::kCommand);
    TORC_CHECK(restored.ok(), "a parameter takes back the value that it gave");
  }
  for (size_t i = 0; i < applied_count; ++i) {
    const ConfigApply& apply = backups[i].parameter->apply;
    // The old value was in force a moment ago; a hook that refuses it now has already said why.
    if (apply) static_cast<void>(apply());
  }
}

Status ConfigRegistry::Set(std::span<const ConfigPair> pairs, ProtectedConfigs protected_configs) {
  TORC_RETURN_IF_ERROR(CheckSettable(pairs, protected_configs));
  std::vector<Backup> backups;
  Status stored = Store(pairs, backups);
  if (!stored.ok()) {
    Restore(backups, 0);
    return stored;
  }
  return ApplyAll(backups);
}

std::vector<ConfigLines> ConfigRegistry::Lines() const {
  std::vector<ConfigLines> all;
  for (const auto& parameter : parameters_) {
    ConfigLines& entry = all.emplace_back();
    entry.name = parameter->spec.name;
    entry.alias = parameter->spec.alias;
    entry.is_kept_as_is = parameter->file_only && !parameter->lines;
    entry.is_default = parameter->file_only || parameter->get() == parameter->default_value;
    if (entry.is_kept_as_is) continue;
    for (const std::string& words : parameter->lines()) {
      entry.lines.push_back(std::string(entry.name) + " " + words);
    }
    if (parameter->file_only) entry.is_default = entry.lines.empty();
  }
  return all;
}

}  // namespace torc
