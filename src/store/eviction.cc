#include "store/eviction.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace torc {
namespace {

constexpr int64_t kNsPerUs = 1000;
constexpr size_t kLentBytesMax = size_t{256} << 10;

}  // namespace

// Redis's scale: up to 10 in steps of 50 microseconds, then 15 % more for each step.
int64_t Eviction::SliceNs() const {
  constexpr int64_t kLinearMax = 10;
  constexpr int64_t kStepUs = 50;
  constexpr double kGrowth = 1.15;
  const int64_t tenacity = options_->tenacity;
  if (tenacity >= 100) return std::numeric_limits<int64_t>::max();
  if (tenacity <= kLinearMax) return kStepUs * tenacity * kNsPerUs;
  return static_cast<int64_t>(static_cast<double>(kStepUs * kLinearMax) *
                              std::pow(kGrowth, static_cast<double>(tenacity - kLinearMax))) *
         kNsPerUs;
}

void Eviction::NoteExceeded(bool exceeded) {
  if (exceeded == (exceeded_since_ns_ != 0)) return;
  const int64_t now_ns = clock_->MonoNs();
  if (!exceeded) stats_.exceeded_ns += now_ns - exceeded_since_ns_;
  exceeded_since_ns_ = exceeded ? std::max<int64_t>(now_ns, 1) : 0;
}

Eviction::Outcome Eviction::MakeRoom(size_t wanted_bytes) {
  behind_ = false;
  budget_->RefreshLease();
  if (budget_->ExcessBytes(wanted_bytes) == 0 || suspended_) [[likely]] {
    NoteExceeded(budget_->ExcessBytes() > 0);
    return Outcome::kFits;
  }
  if (peers_ == nullptr) return Work(wanted_bytes);
  if (budget_->Renew(wanted_bytes, may_evict()) && budget_->ExcessBytes(wanted_bytes) == 0) {
    return Outcome::kFits;
  }
  using Asked = EvictionPeers::Asked;
  if (!may_evict()) return Work(wanted_bytes);
  const size_t excess = budget_->ExcessBytes(wanted_bytes);
  const size_t own_bytes = keyspace_->data_bytes();
  // Another's help comes later: until then only so much may be taken beyond the limit.
  const bool can_wait = excess <= kLentBytesMax;
  const bool asked = peers_->AskFattest(excess, own_bytes, false) == Asked::kWill;
  if (asked && can_wait) return Outcome::kBehind;
  const Outcome outcome = Work(wanted_bytes);
  if (outcome != Outcome::kFull) return outcome;
  // Where every key may go, a shard that gave nothing now will be asked again.
  const Asked answer = peers_->AskFattest(excess, own_bytes, true);
  const bool every_key = ScopeOf(options_->policy) == KeyScope::kAll;
  const bool later = answer == Asked::kWill || (answer == Asked::kHasNone && every_key);
  return later ? Outcome::kLater : Outcome::kFull;
}

bool Eviction::Shed(size_t bytes) {
  if (suspended_ || !may_evict()) return false;
  const int64_t target = budget_->own_bytes() - static_cast<int64_t>(bytes);
  constexpr int kEvictionsMax = 1000;  // a slice: who asked asks again
  int evictions = 0;
  while (budget_->own_bytes() > target && evictions < kEvictionsMax && EvictOne()) ++evictions;
  const bool made_room = evictions > 0 || budget_->own_bytes() <= target;
  // What has gone is for who asked, not for this shard; and whoever asks next must not think that
  // it is still here.
  budget_->Renew(0, false);
  NoteWeight();
  return made_room;
}

Eviction::Outcome Eviction::Work(size_t wanted_bytes) {
  const int64_t begin_ns = clock_->MonoNs();
  const Outcome outcome = WorkSlice(wanted_bytes, begin_ns);
  stats_.longest_slice_ns = std::max(stats_.longest_slice_ns, clock_->MonoNs() - begin_ns);
  return outcome;
}

Eviction::Outcome Eviction::WorkSlice(size_t wanted_bytes, int64_t begin_ns) {
  constexpr int kEvictionsPerLook = 8;
  constexpr size_t kReclaimEntries = 64;
  const int64_t slice_ns = SliceNs();
  for (int round = 1; budget_->ExcessBytes(wanted_bytes) > 0; ++round) {
    if (keyspace_->has_garbage()) {
      keyspace_->Reclaim(kReclaimEntries);
    } else if (!may_evict() || !EvictOne()) {
      NoteExceeded(true);
      return Outcome::kFull;
    }
    if (round % kEvictionsPerLook != 0) continue;
    budget_->Renew(wanted_bytes, false);  // others may have made room meanwhile
    if (clock_->MonoNs() - begin_ns > slice_ns) {
      behind_ = budget_->ExcessBytes() > 0;
      break;
    }
  }
  NoteExceeded(behind_);
  return behind_ ? Outcome::kBehind : Outcome::kFits;
}

uint64_t Eviction::Score(const Entry& entry) const {
  if (options_->policy == EvictionPolicy::kVolatileTtl) {
    return std::numeric_limits<uint64_t>::max() - static_cast<uint64_t>(entry.expiry_ms());
  }
  if (options_->policy == EvictionPolicy::kAllkeysS3Fifo) {
    return keyspace_->s3_fifo().Age(entry.clock());
  }
  return keyspace_->access_clock().Dispensability(entry);
}

void Eviction::Offer(const SampledKey& key) {
  const uint64_t score = Score(*key.entry);
  if (pool_count_ == kPoolSize && pool_[kPoolSize - 1].score >= score) return;
  const auto end = pool_.begin() + static_cast<ptrdiff_t>(pool_count_);
  const auto same = std::find_if(
      pool_.begin(), end, [&](const Candidate& other) { return other.key.entry == key.entry; });
  if (same != end) return;
  if (pool_count_ < kPoolSize) ++pool_count_;
  size_t at = pool_count_ - 1;
  for (; at > 0 && pool_[at - 1].score < score; --at) pool_[at] = pool_[at - 1];
  pool_[at] = {score, keyspace_->HashOf(key.entry->key()), key};
}

// Samples some keys into the pool; false if there are none.
bool Eviction::FillPool() {
  std::array<SampledKey, kSamplesMax> sampled;
  if (options_->policy == EvictionPolicy::kVolatileTtl) {
    const size_t count = keyspace_->SampleEarliest(
        [](void* self, const SampledKey& key) { static_cast<Eviction*>(self)->Offer(key); }, this);
    if (count > 0) return true;
  }
  const auto wanted = static_cast<size_t>(
      std::clamp<int64_t>(options_->samples, 1, static_cast<int64_t>(kSamplesMax)));
  const size_t count =
      keyspace_->Sample(ScopeOf(options_->policy), std::span(sampled).first(wanted));
  for (size_t i = 0; i < count; ++i) Offer(sampled[i]);
  return count > 0;
}

bool Eviction::EvictAny() {
  SampledKey key;
  if (keyspace_->Sample(ScopeOf(options_->policy), {&key, 1}) == 0) return false;
  keyspace_->Evict(key, keyspace_->HashOf(key.entry->key()));
  return true;
}

bool Eviction::TakeBest(Candidate* best) {
  const EvictionPolicy policy = options_->policy;
  if (pool_policy_ != policy) pool_count_ = 0;
  pool_policy_ = policy;
  // Each round takes a candidate out of the pool, and stale ones are rare.
  constexpr int kRoundsMax = 64;
  for (int round = 0; round < kRoundsMax; ++round) {
    // For the earliest deadlines the pool comes from one segment: it is used up before the next.
    const bool fill = policy != EvictionPolicy::kVolatileTtl || pool_count_ == 0;
    if (fill && !FillPool()) return false;
    if (pool_count_ == 0) continue;
    *best = pool_[0];
    --pool_count_;
    std::copy(pool_.begin() + 1, pool_.begin() + 1 + static_cast<ptrdiff_t>(pool_count_),
              pool_.begin());
    if (!keyspace_->StillThere(best->key, best->hash)) continue;
    if (ScopeOf(policy) == KeyScope::kVolatile && !best->key.entry->has_expiry()) continue;
    if (Score(*best->key.entry) >= best->score) return true;
  }
  return false;
}

bool Eviction::EvictOne() {
  switch (options_->policy) {
    case EvictionPolicy::kAllkeysRandom:
    case EvictionPolicy::kVolatileRandom:
      return EvictAny();
    case EvictionPolicy::kAllkeysS3Fifo:
      return EvictS3Fifo();
    default:
      break;
  }
  Candidate best;
  if (!TakeBest(&best)) return EvictAny();
  keyspace_->Evict(best.key, best.hash);
  return true;
}

bool Eviction::EndTrial() {
  S3Fifo& s3_fifo = keyspace_->s3_fifo();
  const auto arrival = s3_fifo.TakeOldest();
  if (!arrival) return false;
  const SampledKey key = keyspace_->FindOnTrial(*arrival);
  if (key.entry == nullptr) return false;
  if (S3Fifo::Uses(key.entry->clock()) > 0) {
    key.entry->set_clock(s3_fifo.Establish());
    return false;
  }
  s3_fifo.Remember(arrival->hash);
  keyspace_->Evict(key, arrival->hash);
  return true;
}

bool Eviction::EvictS3Fifo() {
  // Bounds the work of one eviction: rounds that end a trial well or pass over a used key.
  constexpr int kRoundsMax = 128;
  S3Fifo& s3_fifo = keyspace_->s3_fifo();
  const size_t key_count = keyspace_->key_count();
  for (int round = 0; round < kRoundsMax; ++round) {
    if (s3_fifo.trial_is_full(key_count)) {
      if (EndTrial()) return true;
      continue;
    }
    Candidate best;
    if (!TakeBest(&best)) break;
    Entry* const entry = best.key.entry;
    if (S3Fifo::Uses(entry->clock()) == 0) {
      keyspace_->Evict(best.key, best.hash);
      return true;
    }
    entry->set_clock(s3_fifo.PassOver(entry->clock()));
  }
  return EvictAny();
}

}  // namespace torc
