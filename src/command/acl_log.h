#pragma once

// AclLog: who was refused what, newest first (ACL LOG), and how often (INFO). One per process: a
// refusal is rare enough for a lock.

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace torc {

enum class AclReason : uint8_t { kCommand, kKey, kChannel, kAuth };
inline constexpr size_t kAclReasonCount = 4;
enum class AclContext : uint8_t { kTopLevel, kMulti, kLua };

struct AclLogEntry {
  uint64_t id = 0;
  uint64_t count = 1;
  AclReason reason = AclReason::kCommand;
  AclContext context = AclContext::kTopLevel;
  std::string object;  // the command, key or channel; of a failed AUTH the command's name
  std::string user;
  std::string client_line = {};
  int64_t created_unix_ms = 0;
  int64_t updated_unix_ms = 0;
};

class AclLog {
 public:
  // A refusal like one of the newest is counted there, which moves to the front.
  void Add(AclLogEntry entry);
  void Reset();
  // The newest, at most `count_max`.
  std::vector<AclLogEntry> Newest(size_t count_max) const;
  uint64_t refusals(AclReason reason) const;

  // acllog-max-len; takes effect with the next refusal.
  int64_t length_max = 128;

 private:
  // How far back a like one is looked for, in entries and in time.
  static constexpr size_t kLookBackEntries = 10;
  static constexpr int64_t kLookBackMs = 60000;

  mutable std::mutex mutex_;
  std::deque<AclLogEntry> entries_;
  std::array<uint64_t, kAclReasonCount> refusals_{};
  uint64_t next_id_ = 0;
};

}  // namespace torc
