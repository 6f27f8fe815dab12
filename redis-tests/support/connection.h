#pragma once

// A client's side of one connection, in two manners. The pipelined one (Queue, Pump, frames) never
// blocks and hands out the raw bytes of each reply: the differential test drives two of them at
// once. The conversational one (Call, Read) sends and waits for a reply, never longer than its
// timeout, and hands out value trees.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/resp_reader.h"
#include "torc/status.h"

namespace torc::testing {

class Connection {
 public:
  static StatusOr<Connection> Tcp(const std::string& host, uint16_t port);
  static StatusOr<Connection> Unix(const std::string& path);

  Connection(Connection&& other) noexcept { *this = std::move(other); }
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  int fd() const { return fd_; }
  // The peer closed the connection, or it broke, or the peer sent something that is not RESP (see
  // error()).
  bool closed() const { return closed_; }
  const std::string& error() const { return error_; }

  // --- pipelined ---
  // Appends bytes to what is to be sent.
  void Queue(std::string_view bytes) { out_.append(bytes); }
  bool wants_write() const { return out_sent_ < out_.size(); }
  // Sends and receives what is possible without waiting.
  void Pump();
  // Complete replies received and not yet dropped, as their bytes. Views die at the next Pump or
  // Drop.
  size_t frame_count() const { return frames_.size() - first_frame_; }
  std::string_view frame(size_t index) const;
  void DropFrames(size_t count);

  // --- conversational ---
  // Sends a command, or raw bytes, waiting for the socket if need be. False when the connection is
  // gone.
  bool Send(const std::vector<std::string>& args, int timeout_ms = kTimeoutMs);
  bool SendRaw(std::string_view bytes, int timeout_ms = kTimeoutMs);
  // The next reply; nothing when the time is up or the connection closed before it was complete.
  std::optional<RespValue> Read(int timeout_ms = kTimeoutMs);
  // Send and Read. A RespValue of type error, made here, when there was no reply.
  RespValue Call(const std::vector<std::string>& args, int timeout_ms = kTimeoutMs);
  // Call with a line split at blanks: Call("SET k v").
  RespValue Do(std::string_view line, int timeout_ms = kTimeoutMs);
  // True when the peer closes within the timeout; replies that arrive before are kept.
  bool WaitClosed(int timeout_ms = kTimeoutMs);
  // Closes our side now.
  void Close();

  static constexpr int kTimeoutMs = 10'000;

 private:
  explicit Connection(int fd) : fd_(fd) {}
  void Write();
  void ReadAvailable();
  void ScanFrames();
  // Waits until something can be done or the deadline passes; false then.
  bool WaitFor(short events, int64_t deadline_ms);

  int fd_ = -1;
  bool closed_ = false;
  std::string error_;
  std::string out_;
  size_t out_sent_ = 0;
  std::string in_;
  size_t scanned_ = 0;  // up to here in_ is covered by frames_
  RespScanner scanner_;
  std::vector<std::pair<size_t, size_t>> frames_;  // offset and size in in_
  size_t first_frame_ = 0;
};

}  // namespace torc::testing
