#include "net/send_ring.h"

#include <utility>

#include "base/check.h"

#ifdef TORC_IO_URING
#include <liburing.h>
#include <sys/socket.h>

#include <cerrno>
#endif

namespace torc {

#ifdef TORC_IO_URING

struct SendRing::Ring {
  io_uring uring{};
  ~Ring() { io_uring_queue_exit(&uring); }
};

std::unique_ptr<SendRing> SendRing::Create() {
  // Older kernels know fewer flags: try without them.
  for (const unsigned flags : {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN, 0U}) {
    io_uring uring{};
    if (io_uring_queue_init(kSendsMax, &uring, flags) != 0) continue;
    auto ring = std::make_unique<Ring>();
    ring->uring = uring;
    return std::unique_ptr<SendRing>(new SendRing(std::move(ring)));
  }
  return nullptr;
}

void SendRing::Add(int descriptor, std::string_view bytes) {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring_->uring);
  TORC_CHECK(sqe != nullptr, "no more sends are added than the ring has room for");
  io_uring_prep_send(sqe, descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  sqe->user_data = size_++;
}

const std::vector<int>& SendRing::Submit() {
  results_.assign(size_, -EAGAIN);
  size_t submitted = 0;
  while (submitted < size_) {
    const auto left = static_cast<unsigned>(size_ - submitted);
    const int result = io_uring_submit_and_wait(&ring_->uring, left);
    TORC_CHECK(result >= 0 || result == -EINTR || result == -EAGAIN || result == -EBUSY,
               "the kernel takes what was prepared");
    if (result > 0) submitted += static_cast<size_t>(result);
  }
  for (size_t seen = 0; seen < size_; ++seen) {
    io_uring_cqe* cqe = nullptr;
    while (io_uring_wait_cqe(&ring_->uring, &cqe) == -EINTR) {
    }
    results_[cqe->user_data] = cqe->res;
    io_uring_cqe_seen(&ring_->uring, cqe);
  }
  size_ = 0;
  return results_;
}

#else

struct SendRing::Ring {};

std::unique_ptr<SendRing> SendRing::Create() {
  return nullptr;
}
void SendRing::Add(int descriptor, std::string_view bytes) {
  (void)descriptor;
  (void)bytes;
  TORC_CHECK(false, "there is no ring without io_uring");
}
const std::vector<int>& SendRing::Submit() {
  return results_;
}

#endif

SendRing::SendRing(std::unique_ptr<Ring> ring) : ring_(std::move(ring)) {}
SendRing::~SendRing() = default;

}  // namespace torc
