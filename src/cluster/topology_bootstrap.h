#pragma once

// How a cluster is founded from its config files, once. The founders are the first 1, 3, 5 or 7 of
// the initial nodes; the first in the list leads. It draws a cluster id, asks every founder for a
// promise to found that cluster and no other, and when all have promised tells them to. Safety does
// not hang on the leader: a founder that has a cluster refuses every other and names its own; a
// promise is kept on disk before it is given; "found" is obeyed only for the cluster promised last.
// So two ids can never both be founded, whoever crashes or loses a disk in between.
//
// Each founder compares the leader's cluster section with its own. One that differs is refused and
// is told which directive differs. That is asked here only: a later edit of the list locks nobody
// out.
//
// A pure machine. What it wants kept (promise, record) is kept by the driver before it sends the
// messages that come with it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cluster/ids.h"
#include "cluster/membership.h"
#include "cluster/topology_state.h"

namespace torc {

// The directives that must agree, by name.
using ClusterSection = std::map<std::string, std::string>;
uint64_t HashSection(const ClusterSection& section);
// The first directive whose values differ, as "name: theirs is 'x', ours is 'y'"; empty if none
// does.
std::string FirstDifference(const ClusterSection& ours, const ClusterSection& theirs);

// What founds a cluster: the first entry of its topology log and the voters of that log.
struct FoundingRecord {
  TopologyCommand command;  // kFound
  Membership voters;
  bool operator==(const FoundingRecord& other) const {
    return EncodeTopologyCommand(command) == EncodeTopologyCommand(other.command) &&
           voters == other.voters;
  }
};

struct BootstrapMessage {
  enum class Kind : uint8_t {
    kAsk,      // leader to founder: cluster_id, section
    kPromise,  // founder to leader: cluster_id, self
    kRefuse,   // founder to leader: reason; cluster_id if it has a cluster already
    kFound,    // leader to founder: record
    kFounded,  // founder to leader: cluster_id
  };
  Kind kind{};
  size_t from = 0;  // place in the list of founders
  size_t to = 0;
  uint64_t cluster_id = 0;
  ClusterSection section;
  TopologyNode self;
  std::string reason;
  FoundingRecord record;
};

// What must outlive the process: empty on a new disk.
struct BootstrapState {
  uint64_t promised_id = 0;
  std::optional<FoundingRecord> founded;
};

struct BootstrapOutput {
  bool save = false;  // state() must be on disk before the messages leave
  std::vector<BootstrapMessage> messages;
  // Set in the step that founds: begin the topology group with it.
  std::optional<FoundingRecord> founded;
  // For the log and the operator: who differs in what, or that there is a cluster already.
  std::vector<std::string> complaints;
};

class Bootstrap {
 public:
  struct Options {
    ClusterSection section;
    uint32_t partition_count = 1024;
    size_t founders = 1;  // how many
    size_t place = 0;     // ours among them
    TopologyNode self;
    uint64_t draw = 1;  // random, not 0: the cluster's id if this node leads
    int64_t retry_us = 500'000;
  };

  Bootstrap(Options options, BootstrapState state);

  BootstrapOutput Tick(MonoUs now);
  BootstrapOutput Receive(const BootstrapMessage& message, MonoUs now);

  bool done() const { return state_.founded.has_value(); }
  const BootstrapState& state() const { return state_; }

 private:
  bool Leads() const { return options_.place == 0; }
  BootstrapMessage To(size_t place, BootstrapMessage::Kind kind) const;
  void OnAsk(const BootstrapMessage& message, BootstrapOutput* out);
  void OnPromise(const BootstrapMessage& message, BootstrapOutput* out);
  void OnFound(const BootstrapMessage& message, BootstrapOutput* out);
  void Found(const FoundingRecord& record, BootstrapOutput* out);
  FoundingRecord MakeRecord() const;

  Options options_;
  BootstrapState state_;
  uint64_t leading_id_ = 0;  // the id we ask promises for
  // Founders that promised it; once founded, those that may not know yet.
  std::map<size_t, TopologyNode> promised_;
  MonoUs retry_at_{INT64_MIN};
};

}  // namespace torc
