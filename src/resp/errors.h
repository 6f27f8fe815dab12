#pragma once

// The error texts clients know by heart: Redis 7.2's wording, code word first, without the leading
// '-' and the line end (ReplyWriter::Error adds both). Client libraries match these literally.
// Texts that belong to one command only live beside that command.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace torc::errors {

// --- The value and its type
// -------------------------------------------------------------------------------
inline constexpr std::string_view kWrongType =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr std::string_view kNoSuchKey = "ERR no such key";
inline constexpr std::string_view kSameObject = "ERR source and destination objects are the same";
inline constexpr std::string_view kBusyKey = "BUSYKEY Target key name already exists.";
inline constexpr std::string_view kStringTooLong =
    "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
inline constexpr std::string_view kIncrementOverflow = "ERR increment or decrement would overflow";
inline constexpr std::string_view kDecrementOverflow = "ERR decrement would overflow";
inline constexpr std::string_view kIncrementNotFinite =
    "ERR increment would produce NaN or Infinity";

// --- Arguments
// --------------------------------------------------------------------------------------------
inline constexpr std::string_view kSyntax = "ERR syntax error";
inline constexpr std::string_view kNotInteger = "ERR value is not an integer or out of range";
inline constexpr std::string_view kNotFloat = "ERR value is not a valid float";
inline constexpr std::string_view kNotPositive = "ERR value is out of range, must be positive";
inline constexpr std::string_view kValueOutOfRange = "ERR value is out of range";
inline constexpr std::string_view kNotInt32 =
    "ERR value is out of range, value must between -2147483648 and 2147483647";
inline constexpr std::string_view kIndexOutOfRange = "ERR index out of range";
inline constexpr std::string_view kOffsetOutOfRange = "ERR offset is out of range";
inline constexpr std::string_view kBitOffset = "ERR bit offset is not an integer or out of range";
inline constexpr std::string_view kBitValue = "ERR bit is not an integer or out of range";
inline constexpr std::string_view kDbIndexOutOfRange = "ERR DB index is out of range";
inline constexpr std::string_view kInvalidDbIndex = "ERR invalid DB index";
inline constexpr std::string_view kInvalidCursor = "ERR invalid cursor";
inline constexpr std::string_view kInvalidTimeout = "ERR timeout is not a float or out of range";
inline constexpr std::string_view kTimeoutNotInteger =
    "ERR timeout is not an integer or out of range";
inline constexpr std::string_view kNegativeTimeout = "ERR timeout is negative";
inline constexpr std::string_view kClientName =
    "ERR Client names cannot contain spaces, newlines or special characters.";

// --- Who may
// ----------------------------------------------------------------------------------------------
inline constexpr std::string_view kNoAuth = "NOAUTH Authentication required.";
inline constexpr std::string_view kHelloNoAuth =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
    "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP "
    "protocol version at the same time";
inline constexpr std::string_view kWrongPass =
    "WRONGPASS invalid username-password pair or user is disabled.";
inline constexpr std::string_view kNoPasswordSet =
    "ERR AUTH <password> called without any password configured for the default user. Are you sure "
    "your configuration is correct?";
inline constexpr std::string_view kNoPermKey = "NOPERM No permissions to access a key";
inline constexpr std::string_view kNoPermChannel = "NOPERM No permissions to access a channel";
inline constexpr std::string_view kNoProto = "NOPROTO unsupported protocol version";
inline constexpr std::string_view kMaxClients = "ERR max number of clients reached";
inline constexpr std::string_view kProtectedMode =
    "DENIED Redis is running in protected mode because protected mode is enabled and no password "
    "is "
    "set for the default user. In this mode connections are only accepted from the loopback "
    "interface. To connect from elsewhere, set a password (requirepass), bind only trusted "
    "addresses, or set protected-mode no.";

// --- The state of the server
// ------------------------------------------------------------------------------
inline constexpr std::string_view kOom = "OOM command not allowed when used memory > 'maxmemory'.";
inline constexpr std::string_view kLoading = "LOADING Redis is loading the dataset in memory";
inline constexpr std::string_view kBusyScript =
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
inline constexpr std::string_view kNoScript = "NOSCRIPT No matching script. Please use EVAL.";
inline constexpr std::string_view kReadOnly =
    "READONLY You can't write against a read only replica.";
inline constexpr std::string_view kMisconf =
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to "
    "disk. "
    "Commands that may modify the data set are disabled, because this instance is configured to "
    "report "
    "errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please "
    "check "
    "the Redis logs for details about the RDB error.";
inline constexpr std::string_view kMasterDown =
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";
inline constexpr std::string_view kNoReplicas = "NOREPLICAS Not enough good replicas to write.";
inline constexpr std::string_view kClusterDisabled =
    "ERR This instance has cluster support disabled";
inline constexpr std::string_view kClusterDown = "CLUSTERDOWN The cluster is down";
inline constexpr std::string_view kCrossSlot =
    "CROSSSLOT Keys in request don't hash to the same slot";
inline constexpr std::string_view kLfuNotSelected =
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that "
    "when "
    "switching between policies at runtime LRU and LFU data will take some time to adjust.";
inline constexpr std::string_view kLfuSelected =
    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when "
    "switching "
    "between policies at runtime LRU and LFU data will take some time to adjust.";

// --- Transactions
// -----------------------------------------------------------------------------------------
inline constexpr std::string_view kExecAbort =
    "EXECABORT Transaction discarded because of previous errors.";
inline constexpr std::string_view kExecWithoutMulti = "ERR EXEC without MULTI";
inline constexpr std::string_view kDiscardWithoutMulti = "ERR DISCARD without MULTI";
inline constexpr std::string_view kNestedMulti = "ERR MULTI calls can not be nested";
inline constexpr std::string_view kNotInTransaction =
    "ERR Command not allowed inside a transaction";
inline constexpr std::string_view kWatchInsideMulti = "ERR WATCH inside MULTI is not allowed";

// --- Texts with a name in them
// ---------------------------------------------------------------------------- `command` is the
// lower-case name, a subcommand as "config|get".
// A client's text as Redis's messages show it: up to its first zero byte, at most `bytes_max`.
std::string_view ShownText(std::string_view text, size_t bytes_max = SIZE_MAX);
std::string WrongArgumentCount(std::string_view command);
std::string InvalidExpireTime(std::string_view command);
// Writes are refused because the append-only log cannot be written; `trouble` is the system's word.
std::string LogMisconf(std::string_view trouble);
std::string NoPermCommand(std::string_view user, std::string_view command);
// Only some commands are allowed while subscribed under RESP2.
std::string OnlyInSubscribeContext(std::string_view command);
// `container` in any case; the text shows it in capitals. `subcommand` is cut to 128 bytes.
std::string UnknownSubcommand(std::string_view container, std::string_view subcommand);

// "unknown command" names the command and quotes the arguments that follow it, both bounded: Begin,
// then one AddArgument each (ignored once the bound is reached), then text().
class UnknownCommand {
 public:
  explicit UnknownCommand(std::string_view name);
  void AddArgument(std::string_view argument);
  std::string_view text() const { return text_; }

 private:
  static constexpr size_t kQuotedBytesMax = 128;
  std::string text_;
  size_t quoted_bytes_ = 0;
};

}  // namespace torc::errors
