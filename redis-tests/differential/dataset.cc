#include "redis-tests/differential/dataset.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace torc::differential {
namespace {

constexpr int kDatabases = 16;

Command Compared(std::vector<std::string> args, Check check = Check::kExact,
                 int64_t tolerance = 0) {
  Command command;
  command.args = std::move(args);
  command.check = check;
  command.tolerance = tolerance;
  return command;
}

// The commands that read all of a value of this type.
std::vector<Command> Readers(const std::string& type, const std::string& key) {
  if (type == "string") return {Compared({"GET", key})};
  if (type == "list") return {Compared({"LRANGE", key, "0", "-1"})};
  if (type == "set") return {Compared({"SMEMBERS", key}, Check::kUnordered)};
  if (type == "hash") return {Compared({"HGETALL", key}, Check::kUnorderedPairs)};
  if (type == "zset") return {Compared({"ZRANGE", key, "0", "-1", "WITHSCORES"})};
  if (type == "stream")
    return {Compared({"XRANGE", key, "-", "+"}), Compared({"XINFO", "STREAM", key}),
            Compared({"XINFO", "STREAM", key, "FULL", "COUNT", "0"}, Check::kStream)};
  return {};
}

std::set<std::string> Keys(const testing::RespValue& reply) {
  std::set<std::string> keys;
  for (const auto& key : reply.items) keys.insert(key.text);
  return keys;
}

// Asks for each key by name, so that the difference names one.
std::optional<Difference> CompareKeys(Duel* duel) {
  const auto ours = Keys(duel->AskOurs({"KEYS", "*"}));
  const auto peers = Keys(duel->AskPeer({"KEYS", "*"}));
  if (ours != peers) {
    std::vector<Command> commands;
    for (const auto& key : ours) commands.push_back(Compared({"EXISTS", key}));
    for (const auto& key : peers) commands.push_back(Compared({"EXISTS", key}));
    if (auto difference = duel->RunControl(std::move(commands))) return difference;
  }
  return duel->RunControl({Compared({"KEYS", "*"}, Check::kUnordered), Compared({"DBSIZE"})});
}

std::optional<Difference> CompareDatabase(Duel* duel) {
  if (auto difference = CompareKeys(duel)) return difference;
  const testing::RespValue keys = duel->AskPeer({"KEYS", "*"});
  std::vector<Command> commands;
  for (const auto& key : keys.items) {
    commands.push_back(Compared({"TYPE", key.text}));
    commands.push_back(Compared({"OBJECT", "ENCODING", key.text}));
    commands.push_back(Compared({"PEXPIRETIME", key.text}, Check::kNear, 5000));
    const std::string type = duel->AskPeer({"TYPE", key.text}).text;
    for (auto& reader : Readers(type, key.text)) commands.push_back(std::move(reader));
  }
  return duel->RunControl(std::move(commands));
}

}  // namespace

std::optional<Difference> CompareDatasets(Duel* duel) {
  for (int db = 0; db < kDatabases; ++db) {
    const Command select = Compared({"SELECT", std::to_string(db)});
    auto difference = duel->RunControl({select});
    if (!difference.has_value()) difference = CompareDatabase(duel);
    if (!difference.has_value()) continue;
    difference->what = "the data sets differ in database " + std::to_string(db);
    difference->prelude = {select};
    return difference;
  }
  return std::nullopt;
}

}  // namespace torc::differential
