// PFDEBUG, PFSELFTEST: what Redis's own test suite looks at.

#include <cmath>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "command/command_registry.h"
#include "resp/errors.h"
#include "types/hll/hll_access.h"
#include "types/hll/hll_commands.h"

namespace torc {
namespace {

// Makes the value dense if it is not; false, and a reply, if it is damaged.
bool StoreDense(CommandContext& context, const WritableString& string, std::string* bytes) {
  if (!MakeDense(bytes)) {
    context.reply.Error(kCorruptHyperLogLog);
    return false;
  }
  StoreHyperLogLog(string, *bytes);
  context.ChangedSilently();
  return true;
}

void ReplyRegisters(CommandContext& context, std::string_view bytes) {
  HllRegisters registers{};
  if (!MergeRegisters(bytes, &registers)) return context.reply.Error(kCorruptHyperLogLog);
  context.reply.Array(registers.size());
  for (const uint8_t value : registers) context.reply.Integer(value);
}

void Pfdebug(CommandContext& context, ArgCursor args) {
  const std::string_view what = args.Next();
  const KeyRef key = context.Key(args.Key());
  WritableString string;
  if (!OpenHyperLogLog(context, key, &string)) return;
  if (string.entry() == nullptr) {
    return context.reply.Error("ERR The specified key does not exist");
  }
  std::string bytes(StringView(*string.entry()).text());
  const bool sparse = HllEncodingOf(bytes) == HllEncoding::kSparse;
  if (EqualsIgnoreCase(what, "GETREG")) {
    if (!sparse || StoreDense(context, string, &bytes)) ReplyRegisters(context, bytes);
  } else if (EqualsIgnoreCase(what, "DECODE")) {
    if (!sparse) return context.reply.Error("ERR HLL encoding is not sparse");
    context.reply.Bulk(DescribeSparse(bytes));
  } else if (EqualsIgnoreCase(what, "ENCODING")) {
    context.reply.SimpleString(sparse ? "sparse" : "dense");
  } else if (EqualsIgnoreCase(what, "TODENSE")) {
    if (!sparse || StoreDense(context, string, &bytes)) context.reply.Integer(sparse ? 1 : 0);
  } else {
    context.reply.Error("ERR Unknown PFDEBUG subcommand '" + std::string(errors::ShownText(what)) +
                        "'");
  }
}

constexpr CommandSpec kPfdebug = {.name = "pfdebug",
                                  .arity = Exactly(3),
                                  .group = Group::kHyperLogLog,
                                  .since = "2.8.9",
                                  .flags = kWrite | kDenyOom | kAdmin | kSystemCommand,
                                  .acl = kAclHyperLogLog,
                                  .keys = {OneKey(2, kKeyReadWrite | kKeyAccess)},
                                  .syntax = "subcommand key",
                                  .complexity = "N/A",
                                  .summary = "Shows a HyperLogLog's inside."};

// Adds numbers until there are `count`, comparing the estimate with the truth at powers of ten. An
// empty text: all is well.
std::string TestEstimates(uint64_t count) {
  constexpr double kStandardError = 1.04 / 128;  // 1.04 / sqrt(registers)
  constexpr double kErrorsMax = 6;
  constexpr size_t kSparseBytesMax = 3000;
  std::string bytes = NewHyperLogLog();
  std::string dense = NewHyperLogLog();
  if (!MakeDense(&dense)) return "An empty sparse value is damaged";
  uint64_t checkpoint = 1;
  for (uint64_t n = 1; n <= count; ++n) {
    const HllObservation observation = ObserveElement(std::to_string(n * 0x9e3779b97f4a7c15ULL));
    Observe(&bytes, observation, kSparseBytesMax);
    ObserveDense(dense.data(), observation);
    if (n != checkpoint) continue;
    checkpoint *= 10;
    const auto estimate = EstimateCardinality(bytes);
    if (estimate != EstimateCardinality(dense)) return "Dense and sparse estimates differ";
    const double error = std::abs(static_cast<double>(*estimate) - static_cast<double>(n));
    if (error > std::ceil(kStandardError * kErrorsMax * static_cast<double>(n))) {
      return Format("Too big error. card:%llu abserr:%.0f", static_cast<unsigned long long>(n),
                    error);
    }
  }
  return {};
}

void Pfselftest(CommandContext& context, ArgCursor) {
  constexpr uint64_t kElements = 100000;
  const std::string problem = TestEstimates(kElements);
  if (!problem.empty()) return context.reply.Error("TESTFAILED " + problem);
  context.reply.Ok();
}

constexpr CommandSpec kPfselftest = {.name = "pfselftest",
                                     .arity = Exactly(1),
                                     .group = Group::kHyperLogLog,
                                     .since = "2.8.9",
                                     .flags = kAdmin | kSystemCommand,
                                     .acl = kAclHyperLogLog,
                                     .complexity = "N/A",
                                     .summary = "Tests the HyperLogLog code."};

}  // namespace

void RegisterHyperLogLogDebugCommands(CommandRegistry& registry) {
  registry.Add(kPfdebug, Pfdebug);
  registry.Add(kPfselftest, Pfselftest);
}

}  // namespace torc
