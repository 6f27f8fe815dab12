#pragma once

// A client: one operation at a time, at random keys, to the node it believes to be primary. It
// writes down when it called, how it ended and what it saw. After a time-out or an unknown outcome
// it may ask again for the same unit, as a client library with retries does.

#include <cstdint>
#include <vector>

#include "sim/sim_store.h"
#include "sim/world.h"

namespace torc::sim {

class SimClient {
 public:
  SimClient(uint32_t index, World* world, History* history);

  // Goes on after thinking, or after a time-out; `generation` tells a time-out that is over.
  void Wake(uint32_t generation);
  void Receive(const Response& response);
  // From now on no new operations; those under way are brought to their ends.
  void Finish() { finishing_ = true; }
  // Reads every key of these groups once; done when all reads have ended well.
  void BeginFinalReads();
  bool FinalReadsDone() const { return final_reads_ && final_key_ >= final_key_end_; }
  uint32_t final_key() const { return final_key_; }
  bool idle() const { return !busy_; }

 private:
  void Begin();
  void BeginFinalRead();
  std::vector<Access> ChooseAccesses(uint32_t group);
  Operation& Current() { return (*history_)[operation_]; }
  void Send(bool is_retry);
  void RetryLater();
  void End(Ending ending);
  void Sleep(int64_t delay_us);
  void Check(const Response& response);

  uint32_t index_;
  World* world_;  // outlives it, as does history_
  History* history_;
  std::vector<uint32_t> primary_guess_;  // per group
  std::vector<LogIndex> known_;          // per group: an index known to be committed
  std::vector<uint32_t> own_appends_;    // per key: acknowledged
  bool finishing_ = false;
  bool busy_ = false;
  bool retries_ = false;  // whether this operation is tried again when its fate is unknown
  bool may_have_effect_ = false;
  bool resends_ = false;  // the wake-up that comes is for another try
  uint32_t operation_ = 0;
  Request request_;
  uint32_t attempts_ = 0;
  uint32_t generation_ = 0;
  bool final_reads_ = false;
  uint32_t final_key_ = 0;
  uint32_t final_key_end_ = 0;
};

}  // namespace torc::sim
