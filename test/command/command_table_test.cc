// Our command specs beside what Redis 7.2 says of its commands. Facts of commands that both have
// must be equal; none is missing but those that README.md lists with the reason.

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "command/command_registry.h"
#include "command/doc_syntax.h"
#include "engine/all_rooms.h"
#include "features/admin/command_description.h"

namespace torc {
namespace {

// One command's facts, by column of the table.
using Facts = std::map<std::string, std::string, std::less<>>;

std::map<std::string, Facts, std::less<>> ReadTable() {
  std::map<std::string, Facts, std::less<>> table;
  std::ifstream file(TORC_TEST_DIR "/command/data/redis_7_2_commands.tsv");
  REQUIRE_MESSAGE(file, "the table of facts can be read");
  std::string line;
  std::vector<std::string> columns;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    const auto cells = Split(line, '\t');
    if (columns.empty()) {
      columns.assign(cells.begin(), cells.end());
      continue;
    }
    Facts facts;
    for (size_t i = 0; i < columns.size(); ++i) {
      facts[columns[i]] = i < cells.size() ? std::string(cells[i]) : std::string();
    }
    table[facts["name"]] = facts;
  }
  return table;
}

// What Redis 7.2 has and Torc has not, subcommands included; README.md says why. A command leaves
// this list in the commit that brings it.
constexpr std::string_view kAbsent[] = {
    // Torc's cluster will have names and words of its own, and Redis's where clients read them.
    "cluster", "cluster|addslots", "cluster|addslotsrange", "cluster|bumpepoch",
    "cluster|count-failure-reports", "cluster|countkeysinslot", "cluster|delslots",
    "cluster|delslotsrange", "cluster|failover", "cluster|flushslots", "cluster|forget",
    "cluster|getkeysinslot", "cluster|help", "cluster|info", "cluster|keyslot", "cluster|links",
    "cluster|meet", "cluster|myid", "cluster|myshardid", "cluster|nodes", "cluster|replicas",
    "cluster|replicate", "cluster|reset", "cluster|saveconfig", "cluster|set-config-epoch",
    "cluster|setslot", "cluster|shards", "cluster|slaves", "cluster|slots",
    // Replication, and moving keys to another server.
    "failover", "migrate", "psync", "replconf", "replicaof", "slaveof", "sync",
    // Modules are C libraries for Redis's own inside.
    "module|load", "module|loadex", "module|unload"};

std::string Sorted(std::vector<std::string> words, std::string_view separator = ",") {
  std::sort(words.begin(), words.end());
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += separator;
    out += word;
  }
  return out;
}

std::string SortedList(std::string_view list) {
  if (list.empty()) return {};
  const auto words = Split(list, ',');
  return Sorted({words.begin(), words.end()});
}

// All flags of Redis, those that COMMAND does not show included.
std::string DeclaredFlags(uint32_t flags) {
  std::vector<std::string> words;
  for (const std::string_view name : FlagNames(flags & ~uint32_t{kMovableKeys})) {
    words.push_back(Uppercase(name));
  }
  if ((flags & kMayReplicate) != 0) words.emplace_back("MAY_REPLICATE");
  if ((flags & kProtected) != 0) words.emplace_back("PROTECTED");
  if ((flags & kTouchesArbitraryKeys) != 0) words.emplace_back("TOUCHES_ARBITRARY_KEYS");
  return Sorted(words);
}

std::string KeySpecText(const KeySpec& keys) {
  std::string out;
  if (keys.begin == KeySpec::Begin::kIndex) out = Format("pos %d; ", keys.index);
  if (keys.begin == KeySpec::Begin::kKeyword) {
    out = "after " + std::string(keys.keyword) + Format(" from %d; ", keys.index);
  }
  if (keys.begin == KeySpec::Begin::kUnknown) out = "unknown; ";
  if (keys.find == KeySpec::Find::kRange) {
    out += Format("last %d step %d limit %d", keys.last, keys.step, keys.limit);
  } else if (keys.find == KeySpec::Find::kKeyNum) {
    out +=
        Format("numkeys at +%d first +%d step %d", keys.key_count_at, keys.first_key_at, keys.step);
  } else {
    out += "unknown";
  }
  std::string use;
  for (const std::string_view name : KeyUseNames(keys.use)) {
    if (!use.empty()) use += ' ';
    use += Uppercase(name);
  }
  return out + " [" + use + "]";
}

std::string KeySpecsText(const CommandSpec& spec) {
  std::string out;
  for (const KeySpec& keys : spec.keys) {
    if (keys.begin == KeySpec::Begin::kNone) break;
    if (!out.empty()) out += " / ";
    out += KeySpecText(keys);
  }
  return out;
}

// The order of a specification's flags carries nothing: they are compared sorted.
std::string WithSortedUse(std::string_view specs) {
  std::string out;
  while (!specs.empty()) {
    const size_t open = specs.find('[');
    const size_t close = specs.find(']');
    if (open == std::string_view::npos) break;
    const auto words = Split(specs.substr(open + 1, close - open - 1), ' ');
    out += std::string(specs.substr(0, open + 1)) + Sorted({words.begin(), words.end()}) + "]";
    specs.remove_prefix(close + 1);
  }
  return out;
}

Facts FactsOf(const Command& command) {
  const CommandSpec& spec = command.spec;
  const LegacyKeyRange keys = LegacyKeys(spec);
  Facts facts;
  facts["name"] = command.full_name;
  facts["group"] = std::string(GroupName(spec.group));
  facts["since"] = std::string(spec.since);
  facts["arity"] = std::to_string(spec.arity.value);
  facts["flags"] = DeclaredFlags(spec.flags);
  const auto shown = FlagNames(spec.flags);
  facts["shown_flags"] = Sorted({shown.begin(), shown.end()});
  std::vector<std::string> categories;
  for (const std::string_view name : AclCategoryNames(command.acl_categories)) {
    categories.emplace_back(name.substr(1));
  }
  facts["acl"] = Sorted(categories);
  facts["first_last_step"] = Format("%d,%d,%d", keys.first, keys.last, keys.step);
  facts["keys"] = WithSortedUse(KeySpecsText(spec));
  facts["tips"] = SortedList(spec.tips);
  facts["doc_flags"] =
      command.Has(kSystemCommand) ? "SYSCMD" : (spec.deprecated_since.empty() ? "" : "DEPRECATED");
  facts["deprecated_since"] = std::string(spec.deprecated_since);
  facts["replaced_by"] = std::string(spec.replaced_by);
  return facts;
}

Facts Comparable(const Facts& row) {
  Facts facts = row;
  for (const char* list : {"flags", "shown_flags", "acl", "tips"}) {
    facts[list] = SortedList(row.at(list));
  }
  facts["keys"] = WithSortedUse(row.at("keys"));
  return facts;
}

TEST_CASE("facts of commands are Redis 7.2's") {
  CommandRegistry registry;
  RegisterAllCommands(registry);
  const auto table = ReadTable();
  for (const Command& command : registry.all()) {
    const auto row = table.find(command.full_name);
    if (row == table.end()) continue;
    const Facts theirs = Comparable(row->second);
    for (const auto& [column, ours] : FactsOf(command)) {
      INFO(command.full_name, ": ", column);
      CHECK(ours == theirs.at(column));
    }
  }
}

TEST_CASE("no command of Redis 7.2 is missing but those that are so on purpose") {
  CommandRegistry registry;
  RegisterAllCommands(registry);
  std::set<std::string, std::less<>> missing;
  for (const auto& [name, facts] : ReadTable()) {
    if (registry.FindFull(name) == nullptr) missing.insert(name);
  }
  for (const std::string_view name : kAbsent) {
    INFO(name, " is there, and may leave the list");
    CHECK(missing.erase(std::string(name)) == 1);
  }
  for (const std::string& name : missing) FAIL_CHECK("missing: " << name);
}

TEST_CASE("commands beyond Redis 7.2 are those we mean to have") {
  CommandRegistry registry;
  RegisterAllCommands(registry);
  const auto table = ReadTable();
  std::set<std::string> beyond;
  for (const Command& command : registry.all()) {
    if (table.find(command.full_name) == table.end()) beyond.insert(command.full_name);
  }
  CHECK(beyond == std::set<std::string>{"delifeq", "msetex",
                                        // Redis 7.4: deadlines of fields
                                        "hexpire", "hexpireat", "hexpiretime", "hpersist",
                                        "hpexpire", "hpexpireat", "hpexpiretime", "hpttl", "httl",
                                        // Redis 8.0
                                        "hgetdel", "hgetex", "hsetex",
                                        // Redis 8.4
                                        "delex", "digest",
                                        // Redis 8.6
                                        "hotkeys", "hotkeys|get", "hotkeys|help", "hotkeys|reset",
                                        "hotkeys|start", "hotkeys|stop"});
}

TEST_CASE("every command says what it is for, and its syntax can be read") {
  CommandRegistry registry;
  RegisterAllCommands(registry);
  for (const Command& command : registry.all()) {
    CAPTURE(command.full_name);
    CAPTURE(command.spec.syntax);
    CHECK_FALSE(command.spec.summary.empty());
    CHECK_FALSE(command.spec.complexity.empty());
    const auto arguments = ParseSyntax(command.spec);
    REQUIRE(arguments.has_value());
    CHECK(SyntaxText(*arguments) == command.spec.syntax);
  }
}

// The first key of a plain key specification, found in the argument tree as well.
const DocArgument* KeyArgumentOf(const std::vector<DocArgument>& arguments, int spec_index) {
  for (const DocArgument& argument : arguments) {
    if (argument.key_spec_index == spec_index) return &argument;
    if (const DocArgument* inner = KeyArgumentOf(argument.arguments, spec_index)) return inner;
  }
  return nullptr;
}

TEST_CASE("the argument tree knows the keys that the key specifications find") {
  CommandRegistry registry;
  RegisterAllCommands(registry);
  for (const Command& command : registry.all()) {
    const auto arguments = ParseSyntax(command.spec);
    REQUIRE(arguments.has_value());
    for (int i = 0; i < static_cast<int>(command.spec.keys.size()); ++i) {
      const KeySpec& keys = command.spec.keys[static_cast<size_t>(i)];
      if (keys.begin == KeySpec::Begin::kNone) break;
      if (keys.begin == KeySpec::Begin::kUnknown) continue;
      CAPTURE(command.full_name);
      const DocArgument* key = KeyArgumentOf(*arguments, i);
      REQUIRE(key != nullptr);
      CHECK(key->kind == DocArgument::Kind::kKey);
    }
  }
}

}  // namespace
}  // namespace torc
