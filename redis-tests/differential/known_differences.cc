#include "redis-tests/differential/known_differences.h"

#include <string>

#include "base/glob.h"
#include "base/text.h"
#include "redis-tests/differential/compare.h"
#include "redis-tests/differential/double_form.h"

namespace torc::differential {
namespace {

constexpr std::string_view kTiesReason =
    "Redis's sort does not keep the order of places equally far away";

constexpr KnownDifference kTable[] = {
    {"OBJECT REFCOUNT *", ":2147483647", ":1", "7.",
     "in Redis a copy of a small integer is not the shared one"},
    {"OBJECT REFCOUNT *", ":1", ":[23]", "7.",
     "in Redis a value made inside a transaction is shared with the queued command, and with what "
     "goes to the log, until EXEC ends"},
    {"OBJECT IDLETIME *", "*", "*", "7.",
     "Redis shares the integers 0 to 9999 between keys, and a shared one is as idle as the server "
     "is old"},
    {"OBJECT ENCODING *", "\"listpack\"", "\"quicklist\"", "7.0.",
     "7.2 keeps a small list in one listpack (release notes, #11303)"},
    {"OBJECT ENCODING *", "\"listpack\"", "\"hashtable\"", "7.0.",
     "7.2 keeps a small set of any members in one listpack (release notes, #11290)"},
    {"OBJECT ENCODING *", "\"listpack\"", "\"hashtable\"", "7.2.",
     "what SUNIONSTORE and SDIFFSTORE make of integers and texts depends on the order in which "
     "Redis "
     "happens to walk its hash tables"},
    {"*", "-NOPERM *", "-NOPERM this user has no permissions *", "7.0.",
     "7.2 names the user and the command"},
    {"EXEC*", "-EXECABORT Transaction discarded because of: NOPERM *",
     "-EXECABORT Transaction discarded because of: NOPERM this user *", "7.0.",
     "7.2 names the user and the command"},
    {"ACL DRYRUN *", "\"User * has no permissions *", "\"This user has no permissions *", "7.0.",
     "7.2 names the user"},
    {"COMMAND GETKEYS *", "-ERR The command has no key arguments",
     "-ERR wrong number of arguments for 'command|getkeys' command", "7.0.",
     "7.2 takes a command without arguments there and looks at it"},
    {"OBJECT ENCODING *", "\"listpack\"", "\"intset\"", "7.0.",
     "7.2 chooses the first encoding of a set by the number of arguments, repeated ones included"},
    {"OBJECT ENCODING *", "\"hashtable\"", "\"intset\"", "7.0.",
     "7.2 chooses the first encoding of a set by the number of arguments, repeated ones included"},
    {"OBJECT ENCODING *", "\"skiplist\"", "\"listpack\"", "7.0.",
     "7.2 chooses the first encoding of a sorted set by the number of arguments, repeated ones "
     "included"},
    {"OBJECT ENCODING *", "\"hashtable\"", "\"listpack\"", "7.0.",
     "7.2 chooses the first encoding of a hash by the number of arguments, repeated ones included"},
    {"OBJECT ENCODING *", "\"listpack\"", "\"skiplist\"", "7.",
     "Redis makes a sorted set large to sort it, even for SORT_RO"},
    {"OBJECT ENCODING *", "\"listpack\"", "\"listpackex\"", "7.4.",
     "Redis makes room for deadlines before it knows whether a field gets one, and keeps it when "
     "none "
     "has one any more"},
    {"*SCAN *", "*", "-ERR invalid cursor", "7.4.", "7.2 reads as much of a cursor as is a number"},
    {"LPOS * RANK -9223372036854775808*", "-ERR value is out of range, value must between *", "*",
     "7.0.", "7.2 refuses the one rank that has no absolute value (release notes, #12167)"},
    {"XREAD*", "-ERR Unbalanced 'xread*", "-ERR Unbalanced XREAD list of streams*", "7.0.",
     "7.2 names the command, and the id that it takes"},
    {"SORT*", "*", "-ERR One or more scores can't be converted into double", "7.",
     "Redis looks at an errno that an earlier number out of range may have left"},
    {"BZ*", kDoubleForm, kDoubleForm, "7.0.",
     "7.2 writes scores with the fewest digits that read back the same (release notes, #10587)"},
    {"Z*", kDoubleForm, kDoubleForm, "7.0.",
     "7.2 writes scores with the fewest digits that read back the same (release notes, #10587); "
     "and a set that is "
     "large from its first ZADD keeps the sign of -0, which 7.0 loses on its way through a "
     "listpack"},
    {"GEO* COUNT *", kTies, kTies, "7.", kTiesReason},
    {"GEO* ASC*", kTies, kTies, "7.", kTiesReason},
    {"GEO* DESC*", kTies, kTies, "7.", kTiesReason},
    {"CLIENT SETNAME *", "-ERR Client names cannot contain *", "+OK", "7.2.",
     "7.2 judges a name up to its first NUL only, and keeps all of it"},
    {"CLIENT GETNAME", "*", "\"\\\\x00*", "7.2.",
     "7.2 judges a name up to its first NUL only, and keeps all of it"},
    {"*", kDoubleForm, kDoubleForm, "7.2.",
     "Redis's search for the fewest digits (Grisu2) finds one or two too many for about one double "
     "in a thousand, and between two ways of so many digits takes either"},
};

// The same elements, and where they tell a distance first, the same distance in each place.
bool SameButForTies(const testing::RespValue& ours, const testing::RespValue& peer) {
  if (Sorted(ours, false) != Sorted(peer, false)) return false;
  for (size_t i = 0; i < ours.items.size(); ++i) {
    const auto& our_item = ours.items[i].items;
    const auto& peer_item = peer.items[i].items;
    if (our_item.size() != peer_item.size()) return false;
    if (our_item.size() > 1 && our_item[1] != peer_item[1]) return false;
  }
  return true;
}

bool Matches(const KnownDifference& known, const testing::RespValue& ours,
             const testing::RespValue& peer) {
  if (known.ours == kDoubleForm) return SameButForDoubleForm(ours, peer);
  if (known.ours == kTies) return SameButForTies(ours, peer);
  return GlobMatch(known.ours, ours.Print()) && GlobMatch(known.peer, peer.Print());
}

}  // namespace

std::span<const KnownDifference> KnownDifferences() {
  return kTable;
}

const KnownDifference* FindKnownDifference(const Command& command, const testing::RespValue& ours,
                                           const testing::RespValue& peer,
                                           std::string_view peer_version) {
  const std::string line = CliLine(command.args);
  for (const KnownDifference& known : kTable) {
    if (!StartsWith(peer_version, known.peer_version)) continue;
    if (!GlobMatch(known.command, line, GlobCase::kInsensitive)) continue;
    if (Matches(known, ours, peer)) return &known;
  }
  return nullptr;
}

}  // namespace torc::differential
