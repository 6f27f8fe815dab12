#pragma once

// The disk as commands see it: what may be asked of it, and when it keeps commands away.

#include <cstdint>
#include <string>
#include <string_view>

#include "command/info.h"
#include "torc/status.h"

namespace torc {

// Why commands are refused at the moment. The dispatcher asks once per command whether it is
// closed.
struct CommandGate {
  bool loading = false;  // only commands with the flag LOADING
  // The error that writes, and PING, get; empty while they are taken. Owned by who sets it: the
  // snapshots, and the log.
  std::string_view snapshot_failure = {};
  std::string_view log_failure = {};
  // Another client's script takes long: the error that all but a few commands get. Empty if none
  // does.
  std::string_view busy = {};
  // The disk is slow: writes wait (CLIENT PAUSE's way) until it has caught up.
  bool writes_wait = false;
  // The process is about to end: commands pause no more.
  bool ending = false;
  bool closed() const {
    return loading || writes_wait || !busy.empty() || !snapshot_failure.empty() ||
           !log_failure.empty();
  }
};

// When background work that a command asks for begins.
enum class BackgroundStart : uint8_t {
  kNow,       // or the command is refused
  kWhenFree,  // now, or behind other work that is under way
  kLater,     // at a tick: within a transaction, which is one instant, nothing begins
};

// The append-only log.
class LogControl {
 public:
  virtual ~LogControl() = default;
  virtual bool enabled() const = 0;
  // INFO persistence: aof_ fields, and loading_ ones while the log is read.
  virtual void WriteInfo(InfoWriter& out) const = 0;
  // BGREWRITEAOF: the reply. Messages of errors are replies without "ERR ".
  virtual StatusOr<std::string> Rewrite(BackgroundStart start) = 0;
  // All effects so far end here, in a count that never goes back; and so far all is on disk.
  virtual uint64_t Appended() = 0;
  virtual uint64_t Durable() = 0;
  // What is appended so far becomes durable soon, whatever appendfsync says.
  virtual void RequestSync() = 0;
  // DEBUG LOADAOF: writes what is left, empties the data set, loads the log.
  virtual Status ReloadNow() = 0;
};

class SnapshotControl {
 public:
  virtual ~SnapshotControl() = default;
  // SAVE: returns when the file is there. Messages of errors are replies without "ERR ".
  virtual Status Save() = 0;
  // BGSAVE: the reply.
  virtual StatusOr<std::string> SaveInBackground(BackgroundStart start) = 0;
  // FLUSHALL has emptied the data set: no save of what was there goes on, and where there are save
  // points the file is empty from now on, too. `changes`: those that the flush will be counted as.
  virtual void DataSetFlushed(uint64_t changes) = 0;
  virtual int64_t LastSaveUnixS() const = 0;
  // DEBUG RELOAD: saves, empties the data set, loads. Without `save` the file that is there.
  struct Reload {
    bool save = true;
    bool flush = true;
    bool merge = false;  // keys that exist are replaced; else they are an error
  };
  virtual Status ReloadNow(const Reload& reload) = 0;
  // Whether save points are set: then a shutdown saves by default.
  virtual bool HasSavePoints() const = 0;
  // INFO persistence: loading and rdb_ fields.
  virtual void WriteInfo(InfoWriter& out) const = 0;
};

}  // namespace torc
