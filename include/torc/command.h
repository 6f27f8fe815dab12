#pragma once

// The command spec: everything the world may ask about a command, declared once beside its handler.
// COMMAND, COMMAND DOCS, ACL categories, key extraction, arity errors, routing, and which
// partitions a call touches all come from it.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace torc {

// Redis's command groups, as COMMAND DOCS names them.
enum class Group : uint8_t {
  kGeneric,
  kString,
  kList,
  kSet,
  kSortedSet,
  kHash,
  kPubsub,
  kTransactions,
  kConnection,
  kServer,
  kScripting,
  kHyperLogLog,
  kCluster,
  kGeo,
  kStream,
  kBitmap,
};

// Flags, with Redis's meaning. Those up to kNoMulti are shown by COMMAND.
enum CommandFlag : uint32_t {
  kWrite = 1U << 0,
  kReadonly = 1U << 1,
  kDenyOom = 1U << 2,
  kAdmin = 1U << 3,
  kPubsub = 1U << 4,
  kNoScript = 1U << 5,
  kBlocking = 1U << 6,
  kLoading = 1U << 7,
  kStale = 1U << 8,
  kSkipMonitor = 1U << 9,
  kSkipSlowlog = 1U << 10,
  kAsking = 1U << 11,
  kFast = 1U << 12,
  kNoAuth = 1U << 13,
  kMayReplicate = 1U << 14,
  kNoMandatoryKeys = 1U << 15,
  kProtected = 1U << 16,
  kNoAsyncLoading = 1U << 17,
  kNoMulti = 1U << 18,
  kAllowBusy = 1U << 19,
  kTouchesArbitraryKeys = 1U << 20,
  kMovableKeys = 1U << 21,
  // Shown by COMMAND DOCS only: not meant for applications.
  kSystemCommand = 1U << 23,
  // Torc's own: reads or writes every partition (FLUSHALL, SCAN, DBSIZE), or changes what all
  // shards read (ACL SETUSER): its plan is all of them.
  kAllPartitions = 1U << 22,
  // Torc's own: runs at once inside MULTI, where others are queued.
  kNeverQueued = 1U << 24,
  // Torc's own: may be used while subscribed under RESP2.
  kWhileSubscribed = 1U << 26,
  // Torc's own: EXEC.
  kRunsQueue = 1U << 25,
  // Torc's own: it may take long and pauses then, so that others run (command/breather.h).
  kMayPause = 1U << 27,
  // Torc's own: without keys it reads or changes nothing but its own session and constants, so that
  // any shard may run it while the others go on.
  kOwnSession = 1U << 30,
};

// ACL categories a spec declares itself; the others follow from flags (see AclCategories).
enum AclCategory : uint32_t {
  kAclKeyspace = 1U << 0,
  kAclRead = 1U << 1,
  kAclWrite = 1U << 2,
  kAclSet = 1U << 3,
  kAclSortedSet = 1U << 4,
  kAclList = 1U << 5,
  kAclHash = 1U << 6,
  kAclString = 1U << 7,
  kAclBitmap = 1U << 8,
  kAclHyperLogLog = 1U << 9,
  kAclGeo = 1U << 10,
  kAclStream = 1U << 11,
  kAclPubsub = 1U << 12,
  kAclAdmin = 1U << 13,
  kAclFast = 1U << 14,
  kAclSlow = 1U << 15,
  kAclBlocking = 1U << 16,
  kAclDangerous = 1U << 17,
  kAclConnection = 1U << 18,
  kAclTransaction = 1U << 19,
  kAclScripting = 1U << 20,
};

// What a command does with a key it names.
enum KeyUse : uint16_t {
  kKeyReadOnly = 1U << 0,    // RO
  kKeyReadWrite = 1U << 1,   // RW
  kKeyOverwrite = 1U << 2,   // OW
  kKeyRemove = 1U << 3,      // RM
  kKeyAccess = 1U << 4,      // user data is returned or used
  kKeyUpdate = 1U << 5,      // user data is changed
  kKeyInsert = 1U << 6,      // user data is added
  kKeyDelete = 1U << 7,      // user data is removed
  kKeyNotKey = 1U << 8,      // not a key, but routed like one (shard channels)
  kKeyIncomplete = 1U << 9,  // this spec may miss keys
  kKeyVariable = 1U << 10,   // flags depend on the arguments
};

// Where keys stand among a command's arguments: Redis 7's key specifications.
struct KeySpec {
  enum class Begin : uint8_t { kNone, kIndex, kKeyword, kUnknown };
  enum class Find : uint8_t { kRange, kKeyNum, kUnknown };
  Begin begin = Begin::kNone;
  Find find = Find::kRange;
  uint16_t use = 0;
  int16_t index = 0;  // kIndex: argument index; kKeyword: where to start (negative: from the end)
  std::string_view keyword = {};  // kKeyword
  int16_t last = 0;  // kRange: relative to first; negative: from the end of the arguments
  int16_t step = 1;
  int16_t limit = 0;  // kRange with last -1: 2 means only half of the rest are keys, and so on
  int16_t key_count_at = 0;  // kKeyNum: where the count stands, relative to begin
  int16_t first_key_at = 0;  // kKeyNum: where the first key stands, relative to begin
  // kUnknown: where the one key stands after all (0: the call has none); null: nobody can tell.
  uint32_t (*locate)(std::span<const std::string_view> argv) = nullptr;
};

constexpr KeySpec OneKey(int16_t index, int use) {
  return {.begin = KeySpec::Begin::kIndex, .use = static_cast<uint16_t>(use), .index = index};
}
// Keys from `index` to `last` (negative counts from the end: -1 is the last argument), every
// `step`.
constexpr KeySpec KeyRange(int16_t index, int16_t last, int16_t step, int use) {
  return {.begin = KeySpec::Begin::kIndex,
          .use = static_cast<uint16_t>(use),
          .index = index,
          .last = last,
          .step = step};
}
// A count of keys at `index`, the keys right behind it.
constexpr KeySpec CountedKeys(int16_t index, int use) {
  return {.begin = KeySpec::Begin::kIndex,
          .find = KeySpec::Find::kKeyNum,
          .use = static_cast<uint16_t>(use),
          .index = index,
          .key_count_at = 0,
          .first_key_at = 1};
}
// Keys behind a keyword, searched from argument `start` on (negative: from the end, backwards).
constexpr KeySpec KeysAfter(std::string_view keyword, int16_t start, int16_t last, int16_t step,
                            int16_t limit, int use) {
  return {.begin = KeySpec::Begin::kKeyword,
          .use = static_cast<uint16_t>(use),
          .index = start,
          .keyword = keyword,
          .last = last,
          .step = step,
          .limit = limit};
}
// Keys that no specification describes: of the data (SORT's BY), or, if `locate` is given, of words
// that may stand anywhere (SORT's STORE).
constexpr KeySpec UnknownKeys(int use,
                              uint32_t (*locate)(std::span<const std::string_view>) = nullptr) {
  return {.begin = KeySpec::Begin::kUnknown,
          .find = KeySpec::Find::kUnknown,
          .use = static_cast<uint16_t>(use),
          .locate = locate};
}

// Which arguments are channels, for access checks.
enum class ChannelUse : uint8_t {
  kNone,
  kFirst,        // PUBLISH
  kAll,          // SUBSCRIBE
  kAllPatterns,  // PSUBSCRIBE
};

// Number of arguments, the command's name included (and its subcommand's).
struct Arity {
  int value;  // as Redis has it: n exactly, -n at least
};
constexpr Arity Exactly(int n) {
  return {n};
}
constexpr Arity AtLeast(int n) {
  return {-n};
}

// What a call does with its key where that depends on the arguments (kKeyVariable): KeyUse bits.
using KeyUseOfCall = uint16_t (*)(std::span<const std::string_view> argv);

// How many of its keys' elements a call looks at, of so many: 0 if it will not take long. Of a
// string 64 bytes that it has room for count as one element.
using WorkOfCall = uint64_t (*)(std::span<const std::string_view> argv, uint64_t element_count);

struct CommandSpec {
  std::string_view name = {};    // lower case; of a subcommand: its own word only
  std::string_view parent = {};  // of a subcommand: the container's name
  Arity arity{1};
  Group group = Group::kGeneric;
  std::string_view since = {};
  std::string_view help_since = "5.0.0";  // of a container: since when it has HELP
  uint32_t flags = 0;
  uint32_t acl = 0;               // declared AclCategory bits
  std::array<KeySpec, 3> keys{};  // unused ones have Begin::kNone
  // The argument that names a part (field, member) of its first key's value: where a batch of
  // commands is prefetched, that part is too. 0: none, or none that is worth it.
  uint32_t part = 0;
  KeyUseOfCall variable_use = nullptr;  // with kKeyVariable
  WorkOfCall work = nullptr;            // with kMayPause; null: all of them
  ChannelUse channels = ChannelUse::kNone;
  std::string_view syntax = {};  // behind the name: "key value [NX|XX] [EX seconds]"
  std::string_view complexity = {};
  std::string_view summary = {};
  std::string_view tips = {};  // comma-separated, upper case: "REQUEST_POLICY:MULTI_SHARD"
  std::string_view deprecated_since = {};
  std::string_view replaced_by = {};
};

}  // namespace torc
