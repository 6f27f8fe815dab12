#include "command/key_extraction.h"

#include <algorithm>

#include "base/key_slot.h"

namespace torc {
namespace {

// A keyword with one key behind it may be given again: the last one counts then, and every one is
// looked at. A run of keys has its keyword once.
bool MayRepeat(const KeySpec& spec) {
  return spec.begin == KeySpec::Begin::kKeyword && spec.find == KeySpec::Find::kRange &&
         spec.last == 0 && spec.index > 0;
}

// Where the spec's keys begin, or nothing if its keyword is absent.
std::optional<int64_t> BeginOf(const KeySpec& spec, Argv argv) {
  const auto argc = static_cast<int64_t>(argv.size());
  if (spec.begin == KeySpec::Begin::kIndex) return spec.index;
  const int64_t step = spec.index < 0 ? -1 : 1;
  for (int64_t i = spec.index < 0 ? argc + spec.index : spec.index; i > 0 && i < argc; i += step) {
    if (EqualsIgnoreCase(argv[static_cast<size_t>(i)], spec.keyword)) return i + 1;
  }
  return std::nullopt;
}

// The word behind each of the keywords. A keyword that is the last word has none: it is somebody
// else's argument (GEORADIUS … STOREDIST store).
void AddKeysAfter(const KeySpec& spec, Argv argv, std::vector<KeyArgument>* out) {
  for (size_t i = static_cast<size_t>(spec.index); i + 1 < argv.size(); ++i) {
    if (!EqualsIgnoreCase(argv[i], spec.keyword)) continue;
    out->push_back({static_cast<uint32_t>(++i), spec.use});
  }
}

struct KeyRun {
  int64_t first = 0;
  int64_t last = -1;
  int64_t step = 1;
  bool valid = true;
};

KeyRun RunOf(const KeySpec& spec, Argv argv, int64_t begin) {
  const auto argc = static_cast<int64_t>(argv.size());
  if (spec.find == KeySpec::Find::kRange) {
    int64_t last = begin + spec.last;
    if (spec.last < 0) {
      const int64_t rest = argc - begin;
      last = spec.limit <= 1 ? argc + spec.last : begin + rest / spec.limit - 1 + (spec.last + 1);
    }
    return {begin, last, spec.step, true};
  }
  const int64_t count_at = begin + spec.key_count_at;
  if (count_at >= argc) return {.valid = false};
  const auto count = ParseInt64(argv[static_cast<size_t>(count_at)]);
  const int64_t first = begin + spec.first_key_at;
  if (!count || *count < 0 || *count > (argc - first) / spec.step) return {.valid = false};
  return {first, first + (*count - 1) * spec.step, spec.step, true};
}

}  // namespace

std::optional<std::vector<KeyArgument>> KeysOf(const Command& command, Argv argv) {
  std::vector<KeyArgument> out;
  const auto argc = static_cast<int64_t>(argv.size());
  for (const KeySpec& spec : command.spec.keys) {
    if (spec.begin == KeySpec::Begin::kNone) break;
    if (spec.begin == KeySpec::Begin::kUnknown) {
      const uint32_t at = spec.locate == nullptr ? 0 : spec.locate(argv);
      if (at != 0) out.push_back({at, spec.use});
      continue;
    }
    if (MayRepeat(spec)) {
      AddKeysAfter(spec, argv, &out);
      continue;
    }
    const auto begin = BeginOf(spec, argv);
    if (!begin) continue;
    const KeyRun run = RunOf(spec, argv, *begin);
    if (!run.valid || run.last >= argc) return std::nullopt;
    uint16_t use = spec.use;
    if ((use & kKeyVariable) != 0 && command.spec.variable_use != nullptr) {
      use = command.spec.variable_use(argv);
    }
    for (int64_t i = run.first; i <= run.last; i += run.step) {
      if (i <= 0 || i >= argc) return std::nullopt;
      out.push_back({static_cast<uint32_t>(i), use});
    }
  }
  return out;
}

CommandPlan PlanOf(const Command& command, Argv argv, int partition_count) {
  CommandPlan plan;
  if (command.Has(kAllPartitions)) {
    plan.scope = CommandPlan::Scope::kAllPartitions;
    return plan;
  }
  const auto keys = KeysOf(command, argv);
  if (!keys || keys->empty()) return plan;
  plan.scope = CommandPlan::Scope::kPartitions;
  for (const KeyArgument& key : *keys) {
    plan.partitions.push_back(PartitionOf(KeySlot(argv[key.position]), partition_count));
  }
  std::sort(plan.partitions.begin(), plan.partitions.end());
  plan.partitions.erase(std::unique(plan.partitions.begin(), plan.partitions.end()),
                        plan.partitions.end());
  return plan;
}

}  // namespace torc
