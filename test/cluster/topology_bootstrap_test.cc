// Founding under random loss, duplication, reordering, crashes and lost disks: whatever happens, no
// two clusters are ever founded side by side.
#include "cluster/topology_bootstrap.h"

#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "base/rng.h"
#include "cluster/topology_codec.h"

namespace torc {
namespace {

// Founders whose messages lie in a bag: any may be delivered next, again, or never.
class ChaoticFounders {
 public:
  ChaoticFounders(size_t count, uint64_t seed) : rng_(seed), disks_(count) {
    for (size_t place = 0; place < count; ++place) {
      Bootstrap::Options options;
      options.section = {{"cluster-name", "c"}};
      options.founders = count;
      options.place = place;
      options.self.id = NodeId(place + 1);
      options.self.incarnation = Incarnation(1);
      options.draw = ++draws_;
      options_.push_back(options);
      machines_.emplace_back(options, disks_[place]);  // empty
    }
  }

  void Step(bool loses_disks) {
    now_ += static_cast<int64_t>(rng_.Below(200'000));
    const size_t place = rng_.Below(machines_.size());
    const uint64_t what = rng_.Below(100);
    if (what < 30) {
      Take(place, machines_[place].Tick(now_));
    } else if (what < 90) {
      DeliverOne();
    } else if (what < 94) {
      if (!wire_.empty()) wire_.erase(wire_.begin() + static_cast<ptrdiff_t>(PickMessage()));
    } else if (what < 98 || !loses_disks) {
      Restart(place);
    } else {
      LoseDisk(place);
    }
  }

  // Everybody runs and hears everybody, until nothing is left to say.
  void Calm() {
    for (int round = 0; round < 20; ++round) {
      now_ += 500'000;
      for (size_t place = 0; place < machines_.size(); ++place) {
        Take(place, machines_[place].Tick(now_));
      }
      for (int i = 0; i < 1'000 && !wire_.empty(); ++i) DeliverOne();
    }
  }

  std::set<uint64_t> Founded() const {
    std::set<uint64_t> ids;
    for (const BootstrapState& disk : disks_) {
      if (disk.founded.has_value()) ids.insert(disk.founded->command.cluster_id);
    }
    return ids;
  }
  bool AllDone() const {
    for (const Bootstrap& machine : machines_) {
      if (!machine.done()) return false;
    }
    return true;
  }

 private:
  size_t PickMessage() { return rng_.Below(wire_.size()); }

  void DeliverOne() {
    if (wire_.empty()) return;
    const size_t picked = PickMessage();
    const auto message = DecodeBootstrap(wire_[picked]);
    REQUIRE(message.has_value());
    if (!rng_.Chance(0.1)) wire_.erase(wire_.begin() + static_cast<ptrdiff_t>(picked));
    Take(message->to, machines_[message->to].Receive(*message, now_));
  }

  // What is to be kept is kept first; the process may end before its messages leave.
  void Take(size_t place, const BootstrapOutput& out) {
    if (out.save) {
      const auto kept = DecodeBootstrapState(EncodeBootstrapState(machines_[place].state()));
      REQUIRE(kept.has_value());
      disks_[place] = *kept;
      if (rng_.Chance(0.05)) return Restart(place);
    }
    for (const BootstrapMessage& message : out.messages) {
      wire_.emplace_back();
      EncodeBootstrap(message, &wire_.back());
    }
  }

  void Restart(size_t place) { machines_[place] = Bootstrap(options_[place], disks_[place]); }

  void LoseDisk(size_t place) {
    disks_[place] = BootstrapState();
    options_[place].draw = ++draws_;
    Restart(place);
  }

  Rng rng_;
  MonoUs now_;
  uint64_t draws_ = 100;
  std::vector<Bootstrap::Options> options_;
  std::vector<BootstrapState> disks_;
  std::vector<Bootstrap> machines_;
  std::vector<std::string> wire_;
};

TEST_CASE("no two clusters are ever founded side by side, whoever crashes or loses a disk") {
  int founded = 0;
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    CAPTURE(seed);
    ChaoticFounders founders(seed % 3 == 0 ? 5 : 3, seed);
    for (int step = 0; step < 400; ++step) {
      founders.Step(true);
      REQUIRE(founders.Founded().size() <= 1);
    }
    founded += founders.Founded().empty() ? 0 : 1;
  }
  CHECK(founded > 300);
}

TEST_CASE("founders that keep their disks found one cluster in the end, whatever was lost") {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    ChaoticFounders founders(seed % 3 == 0 ? 5 : 3, seed);
    for (int step = 0; step < static_cast<int>(seed % 150); ++step) founders.Step(false);
    founders.Calm();
    CHECK(founders.AllDone());
    CHECK(founders.Founded().size() == 1);
  }
}

}  // namespace
}  // namespace torc
