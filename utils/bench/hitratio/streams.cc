#include "hitratio/streams.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace torc::bench {
namespace {

constexpr uint32_t kKeys = 1'000'000;
constexpr double kExponent = 0.99;

class ZipfStream : public Stream {
 public:
  ZipfStream(const Zipf* zipf, uint64_t requests, uint64_t seed)
      : zipf_(zipf), rng_(seed), requests_(requests), order_(kKeys) {
    std::iota(order_.begin(), order_.end(), 0U);
    for (uint32_t i = kKeys; i > 1; --i) std::swap(order_[i - 1], order_[rng_.Below(i)]);
  }
  Request Next() override { return {order_[zipf_->Draw(rng_)], true}; }
  std::string name() const override { return "zipf"; }
  uint32_t key_bound() const override { return kKeys; }
  uint64_t warm_requests() const override { return requests_ / 2; }
  uint64_t requests() const override { return requests_; }

 protected:
  const Zipf* zipf_;
  Rng rng_;
  uint64_t requests_;
  std::vector<uint32_t> order_;  // the key of each rank
};

class ScanStream final : public ZipfStream {
 public:
  using ZipfStream::ZipfStream;
  Request Next() override {
    const uint64_t at = done_++;
    const bool scan = at >= warm_requests() && at % 3 == 0 && scanned_ < kKeys;
    return scan ? Request{kKeys + scanned_++, false} : ZipfStream::Next();
  }
  std::string name() const override { return "scan"; }
  uint32_t key_bound() const override { return 2 * kKeys; }
  // The scan ends with the stream.
  uint64_t warm_requests() const override { return requests_ - uint64_t{3} * kKeys; }

 private:
  uint64_t done_ = 0;
  uint32_t scanned_ = 0;
};

class LoopStream final : public Stream {
 public:
  LoopStream(uint32_t length, uint64_t requests) : length_(length), requests_(requests) {}
  Request Next() override { return {static_cast<uint32_t>(done_++ % length_), true}; }
  std::string name() const override { return "loop"; }
  uint32_t key_bound() const override { return length_; }
  uint64_t warm_requests() const override { return requests_ / 2; }
  uint64_t requests() const override { return requests_; }

 private:
  uint32_t length_;
  uint64_t requests_;
  uint64_t done_ = 0;
};

class ShiftStream final : public ZipfStream {
 public:
  using ZipfStream::ZipfStream;
  Request Next() override {
    constexpr uint64_t kPhase = 500'000;
    constexpr uint64_t kStep = kKeys / 20;
    const uint64_t shift = done_++ / kPhase * kStep;
    return {order_[(zipf_->Draw(rng_) + shift) % kKeys], true};
  }
  std::string name() const override { return "shift"; }

 private:
  uint64_t done_ = 0;
};

class OneHitStream final : public ZipfStream {
 public:
  using ZipfStream::ZipfStream;
  Request Next() override {
    return done_++ % 4 == 0 ? Request{kKeys + once_++, true} : ZipfStream::Next();
  }
  std::string name() const override { return "one-hit"; }
  uint32_t key_bound() const override { return kKeys + static_cast<uint32_t>(requests_ / 4) + 1; }

 private:
  uint64_t done_ = 0;
  uint32_t once_ = 0;
};

}  // namespace

Zipf::Zipf(uint32_t count, double exponent) : cumulated_(count) {
  double sum = 0;
  for (uint32_t i = 0; i < count; ++i) cumulated_[i] = sum += std::pow(i + 1.0, -exponent);
  for (double& value : cumulated_) value /= sum;
}

uint32_t Zipf::Draw(Rng& rng) const {
  const auto it = std::lower_bound(cumulated_.begin(), cumulated_.end(), rng.Unit());
  return static_cast<uint32_t>(
      std::min<ptrdiff_t>(it - cumulated_.begin(), static_cast<ptrdiff_t>(cumulated_.size()) - 1));
}

std::vector<std::unique_ptr<Stream>> AllStreams(uint32_t capacity, uint64_t requests,
                                                uint64_t seed) {
  static const Zipf zipf(kKeys, kExponent);
  std::vector<std::unique_ptr<Stream>> streams;
  streams.push_back(std::make_unique<ZipfStream>(&zipf, requests, seed));
  streams.push_back(std::make_unique<ScanStream>(&zipf, requests, seed));
  streams.push_back(std::make_unique<LoopStream>(capacity + capacity * 3 / 10, requests));
  streams.push_back(std::make_unique<ShiftStream>(&zipf, requests, seed));
  streams.push_back(std::make_unique<OneHitStream>(&zipf, requests, seed));
  return streams;
}

}  // namespace torc::bench
