#include "redis-tests/differential/follow_up.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "redis-tests/differential/compare.h"

namespace torc::differential {
namespace {

using testing::Connection;
using testing::RespValue;

constexpr int kWalkStepsMax = 20'000;
constexpr uint64_t kCursorMax = uint64_t{1} << 53;  // some clients keep cursors in a double

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

bool FollowUp::Settled(std::optional<Difference>* difference) {
  our_reply_ = ours().Call(command_.args);
  peer_reply_ = peer().Call(command_.args);
  if (ours().closed() || peer().closed()) {
    *difference = duel_->Lost(ours(), peer());
    return true;
  }
  const bool comparable =
      our_reply_.type == peer_reply_.type && our_reply_.is_null == peer_reply_.is_null;
  if (comparable && !our_reply_.IsError() && !our_reply_.is_null) return false;
  if (our_reply_ == peer_reply_) return true;
  if (duel_->IsKnown(command_, our_reply_.Print(), peer_reply_.Print())) return true;
  *difference = Differ("the replies differ", our_reply_.Print(), peer_reply_.Print());
  return true;
}

std::optional<Difference> FollowUp::Run() {
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
  const bool pairs = CommandName(command_) == "HSCAN" || CommandName(command_) == "ZSCAN";
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
      if (pairs) element += "=" + items[i + 1].Print();
      walk.elements.push_back(std::move(element));
    }
    args[cursor_index] = reply.items[0].text;
    if (args[cursor_index] == "0") break;
    if (&connection == &ours() && *ParseUint64(args[cursor_index]) >= kCursorMax) {
      walk.problem = "cursor beyond 2^53: " + args[cursor_index];
      return walk;
    }
    reply = connection.Call(args);
  }
  std::sort(walk.elements.begin(), walk.elements.end());
  walk.elements.erase(std::unique(walk.elements.begin(), walk.elements.end()), walk.elements.end());
  return walk;
}

std::optional<Difference> FollowUp::RandomKey() {
  if (peer().Call({"EXISTS", our_reply_.text}).IsInteger(1) &&
      ours().Call({"EXISTS", peer_reply_.text}).IsInteger(1)) {
    return std::nullopt;
  }
  return Differ("a random key is not in the other data set", our_reply_.Print(),
                peer_reply_.Print());
}

}  // namespace torc::differential
