#include "redis-tests/differential/follow_up.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "redis-tests/differential/compare.h"

namespace torc::differential {
namespace {

using testing::Connection;
using testing::RespValue;

constexpr int kWalkStepsMax = 20'000;
constexpr uint64_t kCursorMax = uint64_t{1} << 53;  // some clients keep cursors in a double

// Members with their values: pairs in a row (RESP2), pairs as arrays (RESP3) or a map; a value is
// empty where none was asked for.
std::vector<std::pair<std::string, std::string>> Members(const RespValue& reply, bool with_values) {
  if (!reply.IsAggregate()) return {{reply.text, {}}};
  std::vector<std::pair<std::string, std::string>> members;
  const bool nested = !reply.items.empty() && reply.items[0].IsAggregate();
  const size_t stride = with_values && !nested ? 2 : 1;
  for (size_t i = 0; i + stride <= reply.items.size(); i += stride) {
    const RespValue& item = reply.items[i];
    if (nested && item.items.size() == 2) {
      members.emplace_back(item.items[0].text, item.items[1].text);
    } else {
      members.emplace_back(item.text, stride == 2 ? reply.items[i + 1].text : "");
    }
  }
  return members;
}

// Scores as numbers: the peer may write them, and zero's sign, differently (known_differences.cc).
std::string CanonicalScore(const std::string& text) {
  const auto score = ParseDouble(text);
  return score.has_value() ? Format("%.17g", *score + 0.0) : text;
}

bool SameScore(const std::string& a, const std::string& b) {
  return a == b || CanonicalScore(a) == CanonicalScore(b);
}

std::string PrintList(const std::vector<std::string>& elements) {
  std::string out = Format("%zu elements:", elements.size());
  for (const auto& element : elements) out += " " + element;
  return out;
}

}  // namespace

std::optional<Difference> FollowUp::Differ(std::string what, std::string ours,
                                           std::string peer) const {
  return Difference{.command = command_,
                    .what = std::move(what),
                    .ours = std::move(ours),
                    .peer = std::move(peer)};
}

RespValue FollowUp::Call(Connection& connection, const std::vector<std::string>& args) const {
  return connection.Call(args, duel_->options_.reply_timeout_ms);
}

bool FollowUp::Settled(std::optional<Difference>* difference) {
  our_reply_ = Call(ours(), command_.args);
  peer_reply_ = Call(peer(), command_.args);
  if (ours().closed() || peer().closed()) {
    *difference = duel_->Lost(ours(), peer());
    return true;
  }
  const bool comparable =
      our_reply_.type == peer_reply_.type && our_reply_.is_null == peer_reply_.is_null;
  if (comparable && !our_reply_.IsError() && !our_reply_.is_null) return false;
  if (our_reply_ == peer_reply_) return true;
  if (duel_->IsKnown(command_, our_reply_, peer_reply_)) return true;
  *difference = Differ("the replies differ", our_reply_.Print(), peer_reply_.Print());
  return true;
}

std::optional<Difference> FollowUp::Run() {
  if (command_.check == Check::kPop) return Pop();
  if (command_.check == Check::kReload) return Reload();
  std::optional<Difference> difference;
  if (Settled(&difference)) return difference;
  if (SameValue(command_, our_reply_, peer_reply_)) return FollowReply();
  return Differ("the replies differ", our_reply_.Print(), peer_reply_.Print());
}

std::optional<Difference> FollowUp::FollowReply() {
  switch (command_.check) {
    case Check::kScanWalk:
      return ScanWalk();
    case Check::kRandomKey:
      return RandomKey();
    case Check::kRandomMember:
      return RandomMember();
    default:
      return std::nullopt;
  }
}

// SCAN has its cursor first, HSCAN, SSCAN and ZSCAN after the key.
std::optional<Difference> FollowUp::ScanWalk() {
  const size_t cursor_index = CommandName(command_) == "SCAN" ? 1 : 2;
  // From the middle of another walk nothing is promised but an answer.
  if (command_.args[cursor_index] != "0") return std::nullopt;
  const Walk our_walk = WalkAll(ours(), our_reply_, cursor_index);
  const Walk peer_walk = WalkAll(peer(), peer_reply_, cursor_index);
  if (!our_walk.problem.empty())
    return Differ("a walk goes wrong", our_walk.problem, peer_walk.problem);
  if (our_walk.elements == peer_walk.elements) return std::nullopt;
  return Differ("the walks saw different elements", PrintList(our_walk.elements),
                PrintList(peer_walk.elements));
}

FollowUp::Walk FollowUp::WalkAll(Connection& connection, const RespValue& first,
                                 size_t cursor_index) {
  Walk walk;
  RespValue reply = first;
  std::vector<std::string> args = command_.args;
  const bool scores = CommandName(command_) == "ZSCAN";
  const bool pairs = scores || CommandName(command_) == "HSCAN";
  for (int step = 0;; ++step) {
    const bool well_formed = reply.items.size() == 2 &&
                             ParseUint64(reply.items[0].text).has_value() &&
                             reply.items[1].type == testing::RespType::kArray;
    if (!well_formed || step == kWalkStepsMax) {
      walk.problem =
          well_formed ? "the walk does not end" : "not a cursor and an array: " + reply.Print();
      return walk;
    }
    const auto& items = reply.items[1].items;
    const size_t stride = pairs ? 2 : 1;
    for (size_t i = 0; i + stride <= items.size(); i += stride) {
      std::string element = items[i].Print();
      if (pairs)
        element += "=" + (scores ? CanonicalScore(items[i + 1].text) : items[i + 1].Print());
      walk.elements.push_back(std::move(element));
    }
    args[cursor_index] = reply.items[0].text;
    if (args[cursor_index] == "0") break;
    if (&connection == &ours() && *ParseUint64(args[cursor_index]) >= kCursorMax) {
      walk.problem = "cursor beyond 2^53: " + args[cursor_index];
      return walk;
    }
    reply = Call(connection, args);
  }
  std::sort(walk.elements.begin(), walk.elements.end());
  walk.elements.erase(std::unique(walk.elements.begin(), walk.elements.end()), walk.elements.end());
  return walk;
}

std::optional<Difference> FollowUp::RandomKey() {
  if (Call(peer(), {"EXISTS", our_reply_.text}).IsInteger(1) &&
      Call(ours(), {"EXISTS", peer_reply_.text}).IsInteger(1)) {
    return std::nullopt;
  }
  return Differ("a random key is not in the other data set", our_reply_.Print(),
                peer_reply_.Print());
}

std::map<std::string, std::string> FollowUp::PeerCollection() {
  const std::string name = CommandName(command_);
  const std::string& key = command_.args[1];
  std::vector<std::string> read = {"SMEMBERS", key};
  if (name == "HRANDFIELD") read = {"HGETALL", key};
  if (name == "ZRANDMEMBER") read = {"ZRANGE", key, "0", "-1", "WITHSCORES"};
  std::map<std::string, std::string> collection;
  for (auto& [member, value] : Members(Call(peer(), read), read[0] != "SMEMBERS")) {
    collection.emplace(std::move(member), std::move(value));
  }
  return collection;
}

std::optional<Difference> FollowUp::RandomMember() {
  const bool with_values = command_.args.size() > 3;
  const bool distinct = command_.args.size() > 2 && command_.args[2][0] != '-';
  const auto collection = PeerCollection();
  const auto members = Members(our_reply_, with_values);
  std::set<std::string> seen;
  std::string problem;
  if (our_reply_.items.size() != peer_reply_.items.size()) problem = "not as many members: ";
  for (const auto& [member, value] : members) {
    const auto found = collection.find(member);
    if (found == collection.end()) problem = "no such member \"" + Escaped(member) + "\": ";
    if (found != collection.end() && with_values && !SameScore(found->second, value))
      problem = "wrong value: ";
    if (!seen.insert(member).second && distinct) problem = "a member twice: ";
  }
  if (problem.empty()) return std::nullopt;
  return Differ("a random choice is wrong", problem + our_reply_.Print(), peer_reply_.Print());
}

// Both read their data again, so that what a reload changes (an encoding, say) changes alike.
std::optional<Difference> FollowUp::Reload() {
  const RespValue before = Call(ours(), {"DEBUG", "DIGEST"});
  std::optional<Difference> difference;
  if (Settled(&difference)) return difference;
  if (!(our_reply_ == peer_reply_)) {
    return Differ("the replies differ", our_reply_.Print(), peer_reply_.Print());
  }
  const RespValue after = Call(ours(), {"DEBUG", "DIGEST"});
  if (after == before) return std::nullopt;
  return Differ("a reload changed our data", before.Print() + " became " + after.Print(), "");
}

// What ours popped is removed from the peer by name, so that the data stays equal. Errors and
// missing keys change nothing and are compared as they are.
std::optional<Difference> FollowUp::Pop() {
  const std::vector<std::string> args = command_.args;
  const bool is_set = args.size() > 1 && Call(peer(), {"TYPE", args[1]}).Is("set");
  if (!is_set) {
    our_reply_ = Call(ours(), args);
    peer_reply_ = Call(peer(), args);
    if (our_reply_ == peer_reply_) return std::nullopt;
    return Differ("the replies differ", our_reply_.Print(), peer_reply_.Print());
  }
  const RespValue whole = Call(peer(), {"SMEMBERS", args[1]});
  our_reply_ = Call(ours(), args);
  if (ours().closed()) return duel_->Lost(ours(), peer());
  if (our_reply_.IsError() || our_reply_.is_null) {
    peer_reply_ = Call(peer(), args);
    if (our_reply_ == peer_reply_) return std::nullopt;
    return Differ("the replies differ", our_reply_.Print(), peer_reply_.Print());
  }
  const auto wanted = args.size() > 2 ? ParseUint64(args[2]) : std::optional<uint64_t>(1);
  std::set<std::string> popped;
  for (const auto& [member, value] : Members(our_reply_, false)) popped.insert(member);
  const size_t expected =
      static_cast<size_t>(std::min<uint64_t>(wanted.value_or(0), whole.items.size()));
  const bool right_type =
      args.size() > 2 ? our_reply_.type == whole.type : our_reply_.type == testing::RespType::kBulk;
  std::vector<std::string> remove = {"SREM", args[1]};
  remove.insert(remove.end(), popped.begin(), popped.end());
  const size_t count = our_reply_.IsAggregate() ? our_reply_.items.size() : 1;
  const bool removed =
      popped.empty() || Call(peer(), remove).IsInteger(static_cast<int64_t>(popped.size()));
  if (right_type && removed && count == expected && popped.size() == expected) return std::nullopt;
  return Differ(Format("a pop of %zu members is wrong", expected), our_reply_.Print(),
                whole.Print());
}

}  // namespace torc::differential
