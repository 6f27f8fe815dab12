#include "socket_batch.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sockets.h"

#ifdef TORC_BENCH_URING
#include <liburing.h>
#endif

namespace torc::bench {

constexpr unsigned kRingEntries = 1024;
constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;

#ifdef TORC_BENCH_URING
struct SocketBatch::Ring {
  io_uring ring;
  bool open = false;

  ~Ring() {
    if (open) io_uring_queue_exit(&ring);
  }

  // Null when the kernel refuses.
  static std::unique_ptr<Ring> Open() {
    auto made = std::make_unique<Ring>();
    const int result = io_uring_queue_init(kRingEntries, &made->ring,
                                           IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN);
    errno = -result;
    made->open = result == 0;
    return made->open ? std::move(made) : nullptr;
  }
};

void SocketBatch::RunByRing(size_t first, size_t count) {
  io_uring* ring = &ring_->ring;
  for (size_t i = first; i < first + count; ++i) {
    const Operation& operation = operations_[i];
    io_uring_sqe* entry = io_uring_get_sqe(ring);
    if (operation.from == nullptr) {
      io_uring_prep_recv(entry, operation.fd, operation.into, operation.size_bytes, kFlags);
    } else {
      io_uring_prep_send(entry, operation.fd, operation.from, operation.size_bytes, kFlags);
    }
    io_uring_sqe_set_data64(entry, i);
  }
  const int submitted = io_uring_submit_and_wait(ring, static_cast<unsigned>(count));
  if (submitted != static_cast<int>(count)) Die("io_uring_submit_and_wait");
  unsigned head = 0;
  unsigned seen = 0;
  io_uring_cqe* completion = nullptr;
  io_uring_for_each_cqe(ring, head, completion) {
    operations_[io_uring_cqe_get_data64(completion)].result = completion->res;
    ++seen;
  }
  io_uring_cq_advance(ring, seen);
  if (seen != count) Die("io_uring completions");
}
#else
struct SocketBatch::Ring {
  static std::unique_ptr<Ring> Open() { return nullptr; }
};

void SocketBatch::RunByRing(size_t, size_t) {}
#endif

SocketBatch::SocketBatch(SocketIo io) {
  if (io == SocketIo::kSystemCalls) return;
  ring_ = Ring::Open();
  if (ring_ == nullptr && io == SocketIo::kRing) Die("io_uring");
}

SocketBatch::~SocketBatch() = default;

void SocketBatch::Receive(size_t tag, int fd, std::span<char> into) {
  operations_.push_back({.tag = tag,
                         .fd = fd,
                         .into = into.data(),
                         .from = nullptr,
                         .size_bytes = into.size(),
                         .result = 0});
}

void SocketBatch::Send(size_t tag, int fd, std::string_view bytes) {
  operations_.push_back({.tag = tag,
                         .fd = fd,
                         .into = nullptr,
                         .from = bytes.data(),
                         .size_bytes = bytes.size(),
                         .result = 0});
}

void SocketBatch::Run(const Done& done) {
  if (ring_ == nullptr || operations_.size() == 1) {
    RunByCalls();
  } else {
    for (size_t first = 0; first < operations_.size(); first += kRingEntries) {
      RunByRing(first, std::min<size_t>(kRingEntries, operations_.size() - first));
    }
  }
  for (const Operation& operation : operations_) done(operation.tag, operation.result);
  operations_.clear();
}

void SocketBatch::RunByCalls() {
  for (Operation& operation : operations_) {
    const ssize_t result = operation.from == nullptr
                               ? recv(operation.fd, operation.into, operation.size_bytes, kFlags)
                               : send(operation.fd, operation.from, operation.size_bytes, kFlags);
    operation.result = result < 0 ? -errno : result;
  }
}

}  // namespace torc::bench
