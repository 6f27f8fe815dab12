#pragma once

// What replicas of a group say to one another. One flat struct: which fields a kind uses is said
// beside it; the others stay zero. The bytes are described in FORMAT.md.

#include <cstdint>
#include <vector>

#include "cluster/ids.h"
#include "cluster/membership.h"
#include "cluster/replicated_log.h"

namespace torc {

struct Message {
  enum class Kind : uint8_t {
    kPreVoteRequest,  // term: the term it would stand in; index, index_term: end of its log
    kPreVoteReply,    // yes; term: as asked if yes, else the voter's own
    kVoteRequest,     // index, index_term: end of its log; transfer
    kVoteReply,       // yes
    kAppend,          // index, index_term: what precedes `entries`; commit, round
    kAppendReply,  // yes: index is how far the log is the primary's and kept; no: index is what was
                   // asked, hint is where to try; round
    kHeartbeat,  // commit, round; index, index_term: how far the receiver is known to be; quiesce:
                 // "shall we fall silent?"
    kHeartbeatReply,  // index: as in kAppendReply; round; quiesce: "I have"
    kTimeoutNow,      // "stand for election at once": the last step of a hand-over
  };
  Kind kind{};
  GroupId group;
  Member from;
  Member to;
  Term term;  // the sender's, except in pre-votes
  LogIndex index;
  Term index_term;
  LogIndex commit;
  LogIndex hint;
  Round round;
  bool yes = false;
  bool transfer = false;
  bool quiesce = false;
  std::vector<Entry> entries;
  bool operator==(const Message&) const = default;
};

}  // namespace torc
