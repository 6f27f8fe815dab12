#pragma once

// Commands whose replies the server may choose: a cursor walk, a random key, a popped member. One
// FollowUp sends such a command to both servers and then asks what makes the two answers
// comparable.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "redis-tests/differential/duel.h"

namespace torc::differential {

class FollowUp {
 public:
  // Both must outlive this. The client of the command must owe no replies.
  FollowUp(Duel* duel, const Command& command) : duel_(duel), command_(command) {}

  std::optional<Difference> Run();

 private:
  // The elements of a whole walk, or what stopped it.
  struct Walk {
    std::vector<std::string> elements;
    std::string problem;
  };

  testing::Connection& ours() { return duel_->ours_.connections[command_.client]; }
  testing::Connection& peer() { return duel_->peer_.connections[command_.client]; }
  // With all the patience that the run has.
  testing::RespValue Call(testing::Connection& connection,
                          const std::vector<std::string>& args) const;
  std::optional<Difference> Differ(std::string what, std::string ours, std::string peer) const;
  // Sends the command to both. Errors, nils and replies of different shape are settled here (true).
  bool Settled(std::optional<Difference>* difference);

  // Of two replies that are comparable: what more there is to ask.
  std::optional<Difference> FollowReply();
  std::optional<Difference> ScanWalk();
  Walk WalkAll(testing::Connection& connection, const testing::RespValue& first,
               size_t cursor_index);
  std::optional<Difference> RandomKey();
  std::optional<Difference> RandomMember();
  std::optional<Difference> Pop();
  std::optional<Difference> Reload();
  // The whole collection that the command's key holds at the peer: member (or field) → value or
  // score.
  std::map<std::string, std::string> PeerCollection();

  Duel* duel_;
  const Command& command_;
  testing::RespValue our_reply_;
  testing::RespValue peer_reply_;
};

}  // namespace torc::differential
