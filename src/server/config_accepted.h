#pragma once

// Redis 7.2's configuration names that Torc takes without giving them a meaning, so that an
// existing redis.conf starts and tools that read or set them go on working. Each keeps its value,
// checked as Redis checks it. At start the operator is told which of the names that were given do
// nothing here, and why.
//
// Rooms declare what they implement first; a name that is declared already is left to its room. So
// what this table holds shrinks by itself as Torc grows.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "server/config_values.h"

namespace torc {

// Why a name means nothing here; what the log says of it.
enum class AcceptedReason : uint8_t {
  kAllocator,
  kCluster,
  kCosmetic,
  kDisk,
  kFreeing,
  kHousekeeping,
  kMessages,
  kPlacement,
  kProcess,
  kReplication,
  kScripts,
  kSockets,
  kTls,
  kTypes,
};
inline constexpr size_t kAcceptedReasonCount = 14;
const char* ReasonText(AcceptedReason reason);

// One name: its kind as in ConfigRegistry, its default, its bounds.
struct AcceptedRow {
  enum class Kind : uint8_t {
    kYesNo,
    kInteger,
    kMemory,
    kChoice,
    kFlags,
    kText,
    kWords,
    kSavePoints,
  };
  ParameterSpec spec;
  Kind kind;
  AcceptedReason reason;
  std::string_view text = {};     // default of all kinds but numbers
  int64_t number = 0;             // default of numbers
  std::string_view choices = {};  // kChoice, kFlags: "no|yes|local"
  size_t word_count = 0;          // kWords: how many it must have; 0: any number
  // Somebody who asks for this counts on an effect: any other value than the default is a warning.
  bool is_relied_on = false;
};

// The whole table.
std::span<const AcceptedRow> AcceptedRows();

class AcceptedConfig {
 public:
  // Declares every row whose name the registry lacks. Must outlive the registry.
  explicit AcceptedConfig(ConfigRegistry& registry);
  AcceptedConfig(const AcceptedConfig&) = delete;
  AcceptedConfig& operator=(const AcceptedConfig&) = delete;

  // Lines for the log about the names that the last load gave, one per reason.
  std::vector<std::string> Notices() const;
  // One line per value that asks for an effect which it does not have.
  std::vector<std::string> Warnings() const;

 private:
  struct Value {
    const AcceptedRow* row;
    bool yes = false;
    int64_t number = 0;
    int flags = 0;
    std::string text;
    std::vector<std::string> words;
    std::vector<ConfigChoice> choices;
  };

  void Declare(const AcceptedRow& row);
  void DeclareChoices(Value& value);
  ConfigRegistry& registry_;
  std::deque<Value> values_;  // stable addresses: the registry is bound to them
  std::vector<SavePoint> save_points_;
};

}  // namespace torc
