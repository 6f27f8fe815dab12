// LRU, FIFO, LFU, SIEVE (Zhang et al., NSDI 2024), S3-FIFO (Yang et al., SOSP 2023) and W-TinyLFU
// (Einziger, Friedman, Manes, 2017), exactly.

#include <algorithm>
#include <deque>
#include <set>
#include <tuple>

#include "hitratio/caches.h"
#include "hitratio/frequency_sketch.h"

namespace torc::bench {
namespace {

// Doubly linked lists over keys, by index; several lists may share one set of links.
class Links {
 public:
  static constexpr uint32_t kNone = ~uint32_t{0};
  explicit Links(uint32_t key_bound) : next_(key_bound, kNone), previous_(key_bound, kNone) {}
  struct List {
    uint32_t front = kNone;
    uint32_t back = kNone;
    uint32_t size = 0;
  };
  void PushFront(List& list, uint32_t key) {
    previous_[key] = kNone;
    next_[key] = list.front;
    (list.front == kNone ? list.back : previous_[list.front]) = key;
    list.front = key;
    ++list.size;
  }
  void Remove(List& list, uint32_t key) {
    (previous_[key] == kNone ? list.front : next_[previous_[key]]) = next_[key];
    (next_[key] == kNone ? list.back : previous_[next_[key]]) = previous_[key];
    --list.size;
  }
  // Towards the front.
  uint32_t Before(uint32_t key) const { return previous_[key]; }

 private:
  std::vector<uint32_t> next_;
  std::vector<uint32_t> previous_;
};

class LruCache final : public Cache {
 public:
  LruCache(uint32_t capacity, uint32_t key_bound, bool touch)
      : capacity_(capacity), touch_(touch), links_(key_bound), there_(key_bound) {}
  bool Access(uint32_t key) override {
    if (there_[key]) {
      if (!touch_) return true;
      links_.Remove(list_, key);
      links_.PushFront(list_, key);
      return true;
    }
    if (list_.size == capacity_) {
      there_[list_.back] = false;
      links_.Remove(list_, list_.back);
    }
    there_[key] = true;
    links_.PushFront(list_, key);
    return false;
  }

 private:
  uint32_t capacity_;
  bool touch_;
  Links links_;
  Links::List list_;
  std::vector<bool> there_;
};

class LfuCache final : public Cache {
 public:
  LfuCache(uint32_t capacity, uint32_t key_bound) : capacity_(capacity), uses_(key_bound) {}
  bool Access(uint32_t key) override {
    Use& use = uses_[key];
    const bool hit = use.count > 0;
    if (hit) order_.erase({use.count, use.at, key});
    if (!hit && order_.size() == capacity_) {
      uses_[std::get<2>(*order_.begin())].count = 0;
      order_.erase(order_.begin());
    }
    use = {use.count + 1, ++now_};
    order_.insert({use.count, use.at, key});
    return hit;
  }

 private:
  struct Use {
    uint64_t count = 0;
    uint64_t at = 0;
  };
  uint32_t capacity_;
  uint64_t now_ = 0;
  std::vector<Use> uses_;
  std::set<std::tuple<uint64_t, uint64_t, uint32_t>> order_;
};

class SieveCache final : public Cache {
 public:
  SieveCache(uint32_t capacity, uint32_t key_bound)
      : capacity_(capacity), links_(key_bound), there_(key_bound), visited_(key_bound) {}
  bool Access(uint32_t key) override {
    if (there_[key]) return visited_[key] = true;
    if (list_.size == capacity_) Evict();
    there_[key] = true;
    visited_[key] = false;
    links_.PushFront(list_, key);
    return false;
  }

 private:
  void Evict() {
    if (hand_ == Links::kNone) hand_ = list_.back;
    while (visited_[hand_]) {
      visited_[hand_] = false;
      hand_ = links_.Before(hand_);
      if (hand_ == Links::kNone) hand_ = list_.back;
    }
    const uint32_t victim = hand_;
    hand_ = links_.Before(victim);
    links_.Remove(list_, victim);
    there_[victim] = false;
  }

  uint32_t capacity_;
  Links links_;
  Links::List list_;
  uint32_t hand_ = Links::kNone;
  std::vector<bool> there_;
  std::vector<bool> visited_;
};

class S3FifoCache final : public Cache {
 public:
  S3FifoCache(uint32_t capacity, uint32_t key_bound)
      : capacity_(capacity), small_max_(capacity / 10), keys_(key_bound) {}
  bool Access(uint32_t key) override {
    Key& at = keys_[key];
    if (at.there) {
      if (at.uses < 3) ++at.uses;
      return true;
    }
    while (small_.size() + main_.size() >= capacity_) Evict();
    (at.ghosts > 0 ? main_ : small_).push_back(key);
    at.there = true;
    at.uses = 0;
    return false;
  }

 private:
  struct Key {
    bool there = false;
    uint8_t uses = 0;
    uint8_t ghosts = 0;
  };
  void Evict() {
    if (small_.size() < small_max_ && !main_.empty()) return EvictMain();
    const uint32_t key = small_.front();
    small_.pop_front();
    if (keys_[key].uses > 0) {
      keys_[key].uses = 0;
      return main_.push_back(key);
    }
    keys_[key].there = false;
    ++keys_[key].ghosts;
    ghosts_.push_back(key);
    if (ghosts_.size() <= capacity_ - small_max_) return;
    --keys_[ghosts_.front()].ghosts;
    ghosts_.pop_front();
  }
  void EvictMain() {
    for (;;) {
      const uint32_t key = main_.front();
      main_.pop_front();
      if (keys_[key].uses == 0) {
        keys_[key].there = false;
        return;
      }
      --keys_[key].uses;
      main_.push_back(key);
    }
  }

  size_t capacity_;
  size_t small_max_;
  std::vector<Key> keys_;
  std::deque<uint32_t> small_;
  std::deque<uint32_t> main_;
  std::deque<uint32_t> ghosts_;
};

class WTinyLfuCache final : public Cache {
 public:
  WTinyLfuCache(uint32_t capacity, uint32_t key_bound)
      : capacity_(capacity),
        window_max_(std::max(capacity / 100, 1U)),
        protected_max_((capacity - window_max_) / 5 * 4),
        sketch_(capacity * size_t{4}),
        links_(key_bound),
        part_(key_bound, kNowhere) {}
  bool Access(uint32_t key) override {
    sketch_.Add(key);
    if (++requests_ % (uint64_t{10} * capacity_) == 0) sketch_.Halve();
    const Part part = part_[key];
    if (part != kNowhere) {
      Move(key, part == kWindow ? kWindow : kProtected);
      if (lists_[kProtected].size > protected_max_) Move(lists_[kProtected].back, kProbation);
      return true;
    }
    Move(key, kWindow);
    if (lists_[kWindow].size > window_max_) LeaveWindow(lists_[kWindow].back);
    return false;
  }

 private:
  enum Part : uint8_t { kWindow, kProbation, kProtected, kNowhere };
  void Move(uint32_t key, Part to) {
    if (part_[key] != kNowhere) links_.Remove(lists_[part_[key]], key);
    part_[key] = to;
    if (to != kNowhere) links_.PushFront(lists_[to], key);
  }
  void LeaveWindow(uint32_t key) {
    Move(key, kProbation);
    const uint32_t total = lists_[0].size + lists_[1].size + lists_[2].size;
    if (total <= capacity_) return;
    uint32_t victim = lists_[kProbation].back;
    if (victim == key && lists_[kProtected].size > 0) victim = lists_[kProtected].back;
    Move(sketch_.Count(key) > sketch_.Count(victim) ? victim : key, kNowhere);
  }

  uint32_t capacity_;
  uint32_t window_max_;
  uint32_t protected_max_;
  uint64_t requests_ = 0;
  FrequencySketch sketch_;
  Links links_;
  Links::List lists_[3];
  std::vector<Part> part_;
};

template <typename T, typename... Args>
void Add(std::vector<CacheKind>* kinds, const char* name, const char* what, Args... args) {
  kinds->push_back({name, what, [args...](uint32_t capacity, uint32_t key_bound) {
                      return std::make_unique<T>(capacity, key_bound, args...);
                    }});
}

}  // namespace

void AddExactCaches(std::vector<CacheKind>* kinds) {
  Add<LruCache>(kinds, "lru", "exact", true);
  Add<LfuCache>(kinds, "lfu", "exact counts of resident keys, oldest first among equals");
  Add<LruCache>(kinds, "fifo", "exact", false);
  Add<SieveCache>(kinds, "sieve", "exact");
  Add<S3FifoCache>(kinds, "s3-fifo", "exact: small queue of 10 %");
  Add<WTinyLfuCache>(kinds, "w-tinylfu", "exact: window of 1 %");
}

}  // namespace torc::bench
