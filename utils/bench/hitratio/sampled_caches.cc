// Caches that know no order: a few random entries are compared by what they hold, and the best
// candidates of several samples wait in a pool.

#include <algorithm>
#include <limits>

#include "base/rng.h"
#include "hitratio/caches.h"
#include "hitratio/frequency_sketch.h"

namespace torc::bench {
namespace {

struct SampleOptions {
  uint32_t samples = 5;
  size_t pool = 16;
};

// Entries lie in an array in no order. What `a`, `b` and `at` mean is the policy's.
class SampledCache : public Cache {
 public:
  SampledCache(uint32_t capacity, uint32_t key_bound, SampleOptions options)
      : capacity_(capacity), options_(options), places_(key_bound, kNowhere) {
    entries_.reserve(capacity);
  }
  bool Access(uint32_t key) override {
    ++now_;
    Tick();
    if (places_[key] != kNowhere) {
      OnHit(entries_[places_[key]]);
      return true;
    }
    if (entries_.size() >= capacity_) EvictOne();
    Entry entry{.key = key};
    OnNew(entry);
    places_[key] = static_cast<uint32_t>(entries_.size());
    entries_.push_back(entry);
    return false;
  }

 protected:
  static constexpr uint32_t kNowhere = ~uint32_t{0};
  struct Entry {
    uint32_t key = 0;
    uint32_t a = 0;
    uint32_t b = 0;
    uint64_t at = 0;
  };
  virtual void Tick() {}
  virtual void OnHit(Entry& entry) = 0;
  virtual void OnNew(Entry& entry) = 0;
  virtual void OnGone(Entry& /*entry*/) {}
  // The higher, the sooner it goes.
  virtual uint64_t Score(const Entry& entry) const = 0;
  virtual void EvictOne() { EvictSampled(); }

  void EvictSampled() { Remove(TakeBest()); }
  uint32_t TakeBest() {
    for (;;) {
      for (uint32_t i = 0; i < options_.samples; ++i) {
        Offer(entries_[rng_.Below(entries_.size())]);
      }
      const auto best = std::max_element(pool_.begin(), pool_.end(), Lower);
      const Candidate candidate = *best;
      *best = pool_.back();
      pool_.pop_back();
      const uint32_t place = places_[candidate.key];
      if (place == kNowhere || Score(entries_[place]) < candidate.score) continue;
      return candidate.key;
    }
  }
  void Remove(uint32_t key) {
    const uint32_t place = places_[key];
    OnGone(entries_[place]);
    entries_[place] = entries_.back();
    places_[entries_[place].key] = place;
    places_[key] = kNowhere;
    entries_.pop_back();
  }

  uint32_t capacity_;
  uint64_t now_ = 0;
  Rng rng_{7};
  std::vector<Entry> entries_;
  SampleOptions options_;
  std::vector<uint32_t> places_;  // by key

 private:
  struct Candidate {
    uint64_t score;
    uint32_t key;
  };
  static bool Lower(const Candidate& a, const Candidate& b) { return a.score < b.score; }
  void Offer(const Entry& entry) {
    const uint64_t score = Score(entry);
    for (const Candidate& other : pool_) {
      if (other.key == entry.key) return;
    }
    if (pool_.size() < options_.pool) return pool_.push_back({score, entry.key});
    const auto worst = std::min_element(pool_.begin(), pool_.end(), Lower);
    if (worst->score < score) *worst = {score, entry.key};
  }
  std::vector<Candidate> pool_;
};

class SampledLru final : public SampledCache {
 public:
  using SampledCache::SampledCache;

 private:
  void OnHit(Entry& entry) override { entry.at = now_; }
  void OnNew(Entry& entry) override { entry.at = now_; }
  uint64_t Score(const Entry& entry) const override { return now_ - entry.at; }
};

// Redis's logarithmic counter with a factor of 10, in steps of 1/parts. Keys that came again soon
// after they were evicted may be remembered.
class SampledLfu final : public SampledCache {
 public:
  SampledLfu(uint32_t capacity, uint32_t key_bound, SampleOptions options, uint32_t parts)
      : SampledCache(capacity, key_bound, options), parts_(parts) {}

 private:
  void OnHit(Entry& entry) override {
    constexpr double kFactor = 10;
    const double counts = static_cast<double>(entry.a) / parts_ - 5;
    const double step = parts_ / (std::max(counts, 0.0) * kFactor + 1);
    const auto whole = static_cast<uint32_t>(step);
    entry.a = std::min(entry.a + whole + (rng_.Chance(step - whole) ? 1 : 0), 255 * parts_);
  }
  void OnNew(Entry& entry) override { entry.a = 5 * parts_; }
  uint64_t Score(const Entry& entry) const override { return 255 * parts_ - entry.a; }

  uint32_t parts_;
};

struct HistoryOptions {
  double epoch = 10;  // after so many requests per entry all counts are halved
  uint32_t count_max = 15;
  double small = 0;   // part of the entries that a FIFO of new ones may hold; 0: there is none
  double sketch = 4;  // counters per entry
};

// TinyLFU's idea without asking anybody in: an entry counts its uses; an evicted one's count goes
// into a sketch, and a new entry begins with what the sketch remembers. All counts are halved from
// time to time, entry by entry when it is looked at. The least used goes, the oldest among equals.
// With a FIFO of new keys in front (S3-FIFO's idea) those that were not used again until they reach
// its end go first.
class SampledHistory final : public SampledCache {
 public:
  SampledHistory(uint32_t capacity, uint32_t key_bound, SampleOptions options,
                 HistoryOptions history)
      : SampledCache(capacity, key_bound, options),
        history_(history),
        sketch_(static_cast<size_t>(capacity * history.sketch)),
        epoch_requests_(static_cast<uint64_t>(capacity * history.epoch)),
        small_max_(static_cast<size_t>(capacity * history.small)) {}

 private:
  void Tick() override {
    if (now_ % epoch_requests_ != 0) return;
    ++epoch_;
    sketch_.Halve();
  }
  uint32_t CountOf(const Entry& entry) const {
    return entry.a >> std::min<uint32_t>(epoch_ - entry.b, 31);
  }
  void Use(Entry& entry, uint32_t before) {
    entry.a = std::min(before + 1, history_.count_max);
    entry.b = epoch_;
    entry.at = now_;
  }
  void OnHit(Entry& entry) override { Use(entry, CountOf(entry)); }
  void OnNew(Entry& entry) override {
    const uint32_t remembered = sketch_.Count(entry.key);
    Use(entry, remembered);
    if (small_max_ > 0 && remembered == 0) small_.push_back({entry.key, now_});
  }
  void OnGone(Entry& entry) override { sketch_.RaiseTo(entry.key, CountOf(entry)); }
  uint64_t Score(const Entry& entry) const override {
    const uint64_t rarity = 255 - std::min<uint32_t>(CountOf(entry), 255);
    return rarity << 40 | std::min<uint64_t>(now_ - entry.at, (uint64_t{1} << 40) - 1);
  }
  void EvictOne() override {
    while (small_.size() - small_begin_ > small_max_ && small_max_ > 0) {
      const New oldest = small_[small_begin_++];
      if (small_begin_ > 100'000) {
        small_.erase(small_.begin(), small_.begin() + static_cast<ptrdiff_t>(small_begin_));
        small_begin_ = 0;
      }
      const uint32_t place = places_[oldest.key];
      if (place == kNowhere || entries_[place].at != oldest.at) continue;
      return Remove(oldest.key);
    }
    EvictSampled();
  }

  struct New {
    uint32_t key;
    uint64_t at;
  };
  HistoryOptions history_;
  FrequencySketch sketch_;
  uint64_t epoch_requests_;
  uint32_t epoch_ = 0;
  size_t small_max_;
  std::vector<New> small_;
  size_t small_begin_ = 0;
};

// S3-FIFO without queues: new keys stand in a ring of hashes; the others have a stamp, and of some
// samples the oldest is looked at. Used since: it gets a new stamp and loses a use; else it goes.
// Evicted new keys leave a byte of fingerprint each in a table that later ones overwrite.
class SampledS3Fifo final : public SampledCache {
 public:
  SampledS3Fifo(uint32_t capacity, uint32_t key_bound, SampleOptions options, double small)
      : SampledCache(capacity, key_bound, options),
        small_max_(static_cast<size_t>(capacity * small)),
        ghosts_(capacity) {}

 private:
  enum : uint32_t { kSmall, kMain };
  void OnHit(Entry& entry) override { entry.b = std::min(entry.b + 1, 3U); }
  void OnNew(Entry& entry) override {
    const uint64_t hash = Hash(entry.key);
    const bool ghost = ghosts_[Place(hash)] == Print(hash);
    entry.a = ghost ? kMain : kSmall;
    entry.at = now_;
    if (!ghost) small_.push_back(entry.key);
  }
  uint64_t Score(const Entry& entry) const override {
    return entry.a == kMain ? now_ - entry.at + 1 : 0;
  }
  void EvictOne() override {
    for (;;) {
      if (small_.size() - small_begin_ <= small_max_) {
        if (EvictMain()) return;
        continue;
      }
      const uint32_t key = small_[small_begin_++];
      if (small_begin_ > 100'000) {
        small_.erase(small_.begin(), small_.begin() + static_cast<ptrdiff_t>(small_begin_));
        small_begin_ = 0;
      }
      Entry& entry = entries_[places_[key]];
      if (entry.b > 0) {
        entry.a = kMain;
        entry.b = 0;
        entry.at = now_;
        continue;
      }
      const uint64_t hash = Hash(key);
      ghosts_[Place(hash)] = Print(hash);
      return Remove(key);
    }
  }
  // Whether one went.
  bool EvictMain() {
    const uint32_t key = TakeBest();
    Entry& entry = entries_[places_[key]];
    if (entry.b == 0) {
      Remove(key);
      return true;
    }
    --entry.b;
    entry.at = now_;
    return false;
  }
  static uint64_t Hash(uint32_t key) {
    uint64_t h = (key + 1) * 0x9e3779b97f4a7c15ULL;
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93ULL;
    return h ^ h >> 32;
  }
  size_t Place(uint64_t hash) const { return (hash >> 32) * ghosts_.size() >> 32; }
  static uint8_t Print(uint64_t hash) { return static_cast<uint8_t>(hash | 1); }

  size_t small_max_;
  std::vector<uint8_t> ghosts_;
  std::vector<uint32_t> small_;
  size_t small_begin_ = 0;
};

template <typename T, typename... Args>
void Add(std::vector<CacheKind>* kinds, const char* name, const char* what, Args... args) {
  kinds->push_back({name, what, [args...](uint32_t capacity, uint32_t key_bound) {
                      return std::make_unique<T>(capacity, key_bound, args...);
                    }});
}

}  // namespace

void AddSampledCaches(std::vector<CacheKind>* kinds) {
  const SampleOptions five;
  const SampleOptions ten{.samples = 10};
  Add<SampledLru>(kinds, "~lru", "5 samples, pool of 16", five);
  Add<SampledLru>(kinds, "~lru-10", "10 samples", ten);
  Add<SampledLfu>(kinds, "~lfu-whole", "Redis's counter", five, 1U);
  Add<SampledLfu>(kinds, "~lfu", "the same in sixteenths", five, 16U);
  Add<SampledS3Fifo>(kinds, "~s3-fifo", "ring of 10 %", five, 0.1);
  Add<SampledS3Fifo>(kinds, "~s3-fifo-5", "ring of 5 %", five, 0.05);
  Add<SampledHistory>(kinds, "~tinylfu-10", "epochs of 10", five, HistoryOptions{});
  Add<SampledHistory>(kinds, "~tinylfu-3", "epochs of 3", five, HistoryOptions{.epoch = 3});
  Add<SampledHistory>(kinds, "~tinylfu-10s1", "epochs of 10, FIFO of 1 %", five,
                      HistoryOptions{.small = 0.01});
  Add<SampledHistory>(kinds, "~tinylfu-10s5", "epochs of 10, FIFO of 5 %", five,
                      HistoryOptions{.small = 0.05});
  Add<SampledHistory>(kinds, "~tinylfu-10s10", "epochs of 10, FIFO of 10 %", five,
                      HistoryOptions{.small = 0.1});
  Add<SampledHistory>(kinds, "~tinylfu-3s10", "epochs of 3, FIFO of 10 %", five,
                      HistoryOptions{.epoch = 3, .small = 0.1});
}

}  // namespace torc::bench
