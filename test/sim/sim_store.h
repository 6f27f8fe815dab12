#pragma once

// The store that stands in for a partition: a few registers and a few lists. It executes operations
// on the primary and gives their effects as bytes, applies such bytes elsewhere, and can be copied
// whole.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/ids.h"
#include "sim/history.h"

namespace torc::sim {

inline constexpr uint32_t kRegistersPerGroup = 3;
inline constexpr uint32_t kListsPerGroup = 3;
inline constexpr uint32_t kKeysPerGroup = kRegistersPerGroup + kListsPerGroup;

class SimStore {
 public:
  // Does all accesses in order; fills in what reads saw. Returns the effects, empty if nothing was
  // written.
  std::string Execute(std::vector<Access>* accesses);
  void Apply(std::string_view effects);

  std::string Encode() const;
  static SimStore Decode(std::string_view bytes);
  bool operator==(const SimStore&) const = default;

  // The log position this state stands for; kept by the owner.
  LogIndex applied;

 private:
  void Write(Access::Kind kind, uint32_t key, uint32_t value);
  std::array<uint32_t, kRegistersPerGroup> registers_{};
  std::array<std::vector<uint32_t>, kListsPerGroup> lists_;
};

}  // namespace torc::sim
