#pragma once

// Who belongs to a group: voters count for elections and commits, learners only receive. A
// membership is the content of a log entry and is in force from the moment that entry is appended,
// committed or not.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/ids.h"

namespace torc {

// One replica's identity in its group. Three parts, because each can start over alone: the node may
// lose its disk (incarnation), and a group may drop a node and admit it again (birth: the
// membership version that admitted it). Replies of a former self are never taken for the present
// one.
struct Member {
  NodeId node;
  Incarnation incarnation;
  uint64_t birth = 0;
  auto operator<=>(const Member&) const = default;
};

// Acknowledgements that make a majority of `voter_count` voters.
constexpr size_t MajorityOf(size_t voter_count) {
  return voter_count / 2 + 1;
}

struct Membership {
  static constexpr size_t kMembersMax = 64;

  uint64_t version = 0;  // grows by one with each change
  Epoch epoch;           // the topology this change acted for
  std::vector<Member> voters;
  std::vector<Member> learners;

  bool IsVoter(const Member& member) const;
  bool IsLearner(const Member& member) const;
  bool Contains(const Member& member) const { return IsVoter(member) || IsLearner(member); }
  // The member that lives on `node`, voter or learner, of whatever incarnation.
  std::optional<Member> OnNode(NodeId node) const;
  bool operator==(const Membership&) const = default;
};

std::string EncodeMembership(const Membership& membership);
// Nothing if the bytes are not exactly one membership within the limits.
std::optional<Membership> DecodeMembership(std::string_view bytes);

}  // namespace torc
