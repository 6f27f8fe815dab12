#include "server/config_accepted.h"

#include <array>

#include "base/text.h"

namespace torc {
namespace {

// Log lines are cut at 1024 bytes; a list of names goes on in the next line before that.
constexpr size_t kNoticeBytesMax = 900;

constexpr std::array<const char*, kAcceptedReasonCount> kReasonTexts = {
    "unused pages always go back on a thread of the allocator's",
    "this version runs alone, not in a cluster",
    "nothing depends on it",
    "this version writes snapshots only",
    "how values are freed is not a choice here",
    "there is no such thread or periodic job",
    "this version sends no such messages",
    "whoever starts the server decides it",
    "the process stays as it was started",
    "this version does not replicate",
    "this version runs no scripts",
    "this version does not set it on its sockets",
    "this version speaks TLS with clients only",
    "this version has no such value type, or one form of it only",
};

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  if (text.empty()) return words;
  for (const std::string_view word : Split(text, ' ')) words.emplace_back(word);
  return words;
}

bool AnyNameIsTaken(const ConfigRegistry& registry, const ParameterSpec& spec) {
  return registry.Has(spec.name) || (!spec.alias.empty() && registry.Has(spec.alias));
}

}  // namespace

const char* ReasonText(AcceptedReason reason) {
  return kReasonTexts[static_cast<size_t>(reason)];
}

AcceptedConfig::AcceptedConfig(ConfigRegistry& registry) : registry_(registry) {
  for (const AcceptedRow& row : AcceptedRows()) {
    if (!AnyNameIsTaken(registry, row.spec)) Declare(row);
  }
  // Names of releases before 7.0, which files still carry and Redis skips without a word.
  for (const char* old_name :
       {"list-max-ziplist-entries", "list-max-ziplist-value", "lua-replicate-commands"}) {
    if (registry.Has(old_name)) continue;
    registry.Directive(old_name, {.load = [](ConfigWords words) {
                         return words.size() == 1
                                    ? Status::Ok()
                                    : Status::InvalidArgument("wrong number of arguments");
                       }});
  }
}

void AcceptedConfig::Declare(const AcceptedRow& row) {
  Value& value = values_.emplace_back();
  value.row = &row;
  value.yes = row.text == "yes";
  value.number = row.number;
  value.text = std::string(row.text);
  switch (row.kind) {
    case AcceptedRow::Kind::kYesNo:
      return registry_.YesNo(row.spec, &value.yes);
    case AcceptedRow::Kind::kInteger:
      return registry_.Integer(row.spec, &value.number);
    case AcceptedRow::Kind::kMemory:
      return registry_.Memory(row.spec, &value.number);
    case AcceptedRow::Kind::kText:
      return registry_.Text(row.spec, &value.text);
    case AcceptedRow::Kind::kSavePoints:
      return DeclareSavePoints(registry_, &save_points_);
    case AcceptedRow::Kind::kChoice:
    case AcceptedRow::Kind::kFlags:
      return DeclareChoices(value);
    case AcceptedRow::Kind::kWords:
      value.words = WordsOf(row.text);
      registry_.Words(row.spec, &value.words, {}, [count = row.word_count](ConfigWords words) {
        return count == 0 || words.size() == count
                   ? Status::Ok()
                   : Status::InvalidArgument("wrong number of arguments");
      });
      return;
  }
}

void AcceptedConfig::DeclareChoices(Value& value) {
  const AcceptedRow& row = *value.row;
  const bool are_flags = row.kind == AcceptedRow::Kind::kFlags;
  int next = 0;
  for (const std::string_view name : Split(row.choices, '|')) {
    // Flags: 0, 1, 2, 4, …; choices: 0, 1, 2, 3, …
    value.choices.push_back({name, are_flags && next > 0 ? 1 << (next - 1) : next});
    if (name == row.text) value.number = next;
    ++next;
  }
  if (are_flags) {
    registry_.FlagSet(row.spec, value.choices, &value.flags);
  } else {
    registry_.Enum(row.spec, value.choices, &value.number);
  }
}

std::vector<std::string> AcceptedConfig::Notices() const {
  std::array<std::vector<std::string>, kAcceptedReasonCount> lines;
  for (const Value& value : values_) {
    if (!registry_.WasGiven(value.row->spec.name)) continue;
    auto& group = lines[static_cast<size_t>(value.row->reason)];
    if (group.empty() || group.back().size() > kNoticeBytesMax) {
      group.push_back(std::string("accepted, has no meaning here (") +
                      ReasonText(value.row->reason) + "):");
    } else {
      group.back() += ',';
    }
    group.back() += ' ';
    group.back() += value.row->spec.name;
  }
  std::vector<std::string> all;
  for (const auto& group : lines) all.insert(all.end(), group.begin(), group.end());
  return all;
}

std::vector<std::string> AcceptedConfig::Warnings() const {
  std::vector<std::string> warnings;
  for (const ConfigLines& entry : registry_.Lines()) {
    if (entry.is_default) continue;
    for (const Value& value : values_) {
      if (!value.row->is_relied_on || value.row->spec.name != entry.name) continue;
      for (const std::string& line : entry.lines) {
        warnings.push_back("'" + line + "' has no effect: " + ReasonText(value.row->reason));
      }
    }
  }
  return warnings;
}

}  // namespace torc
