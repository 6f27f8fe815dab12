#pragma once

// Receives and sends for many sockets at once: through io_uring one system call for all of them,
// else one each.
//
// A generator that enters the kernel once per request is no cheaper than the servers it measures,
// since on loopback both do the same work. Batching its calls makes it cheaper, so that the server
// is what limits a closed loop. All operations are non-blocking (MSG_DONTWAIT) and over when Run()
// returns.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace torc::bench {

enum class SocketIo { kAuto, kSystemCalls, kRing };

class SocketBatch {
 public:
  // `tag` as given with the operation; `result` as of recv or send, but -errno instead of -1.
  using Done = std::function<void(size_t tag, int64_t result)>;

  // kAuto takes io_uring where the kernel lets us; kRing dies where it does not.
  explicit SocketBatch(SocketIo io);
  ~SocketBatch();
  SocketBatch(const SocketBatch&) = delete;
  SocketBatch& operator=(const SocketBatch&) = delete;

  bool uses_ring() const { return ring_ != nullptr; }
  size_t size() const { return operations_.size(); }

  // Queues one operation; the bytes stay valid and unchanged until Run() has returned.
  void Receive(size_t tag, int fd, std::span<char> into);
  void Send(size_t tag, int fd, std::string_view bytes);
  // Performs all queued operations, then reports each. `done` may not queue.
  void Run(const Done& done);

 private:
  struct Operation {
    size_t tag;
    int fd;
    char* into;        // of a receive
    const char* from;  // of a send; null for a receive
    size_t size_bytes;
    int64_t result;
  };
  struct Ring;

  void RunByRing(size_t first, size_t count);
  void RunByCalls();

  std::unique_ptr<Ring> ring_;
  std::vector<Operation> operations_;
};

}  // namespace torc::bench
