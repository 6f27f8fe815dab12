#include "sim/sim_client.h"

#include <algorithm>

namespace torc::sim {
namespace {

constexpr int64_t kTimeoutUs = 800'000;
constexpr uint32_t kAttemptsMax = 30;

bool Writes(const std::vector<Access>& accesses) {
  return std::any_of(accesses.begin(), accesses.end(),
                     [](const Access& access) { return !IsRead(access.kind); });
}

}  // namespace

SimClient::SimClient(uint32_t index, World* world, History* history)
    : index_(index),
      world_(world),
      history_(history),
      primary_guess_(world->options.groups, UINT32_MAX),
      known_(world->options.groups),
      own_appends_(world->options.groups * kKeysPerGroup, 0) {
  Sleep(world_->rng.Between(0, 2'000'000));
}

void SimClient::Sleep(int64_t delay_us) {
  world_->After(delay_us, EventKind::kClientWake, index_, ++generation_, 0);
}

void SimClient::Wake(uint32_t generation) {
  if (generation != generation_) return;
  if (!busy_) {
    if (final_reads_) {
      BeginFinalRead();
    } else if (!finishing_) {
      Begin();
    }
    return;
  }
  if (resends_) {
    resends_ = false;
    return Send(true);
  }
  // Nobody answered: the request may have been executed.
  may_have_effect_ = true;
  primary_guess_[request_.group] = UINT32_MAX;
  if (Writes(request_.accesses) && !(retries_ && request_.unit.origin != 0)) {
    return End(Ending::kUnknown);
  }
  RetryLater();
}

void SimClient::Begin() {
  Rng& rng = world_->rng;
  request_ = Request();
  request_.client = index_;
  request_.group = static_cast<uint32_t>(rng.Below(world_->options.data_groups()));
  request_.acks = world_->options.acks;
  if (request_.acks != Acks::kOne && rng.Chance(0.05)) request_.acks = Acks::kAll;
  request_.consistency = rng.Chance(0.3) ? Consistency::kRound : Consistency::kLease;
  request_.accesses = ChooseAccesses(request_.group);
  const bool is_list_read =
      request_.accesses.size() == 1 && request_.accesses[0].kind == Access::Kind::kReadList;
  if (is_list_read && rng.Chance(0.3)) request_.consistency = Consistency::kSession;
  request_.known = known_[request_.group];
  operation_ = static_cast<uint32_t>(history_->size());
  request_.operation = operation_;
  if (request_.known > LogIndex(0)) request_.unit = {index_ + 1, operation_ + 1};
  retries_ = rng.Chance(0.5);
  Operation operation;
  operation.id = operation_;
  operation.client = index_;
  operation.called = world_->now;
  operation.accesses = request_.accesses;
  history_->push_back(std::move(operation));
  busy_ = true;
  may_have_effect_ = false;
  resends_ = false;
  attempts_ = 0;
  Send(false);
}

std::vector<Access> SimClient::ChooseAccesses(uint32_t group) {
  Rng& rng = world_->rng;
  const uint32_t first_key = group * kKeysPerGroup;
  // Every value is unique: which operation, and which access within it.
  const auto value = [&](uint32_t access) {
    return static_cast<uint32_t>(history_->size() * 4 + access + 1);
  };
  if (rng.Chance(0.45)) {
    const uint32_t key = first_key + static_cast<uint32_t>(rng.Below(kRegistersPerGroup));
    if (rng.Chance(0.5)) return {{Access::Kind::kSet, key, value(0), {}}};
    return {{Access::Kind::kGet, key, 0, {}}};
  }
  std::vector<Access> accesses;
  const auto count = static_cast<uint32_t>(1 + rng.Below(3));
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t key =
        first_key + kRegistersPerGroup + static_cast<uint32_t>(rng.Below(kListsPerGroup));
    const bool appends = rng.Chance(0.5);
    accesses.push_back({appends ? Access::Kind::kAppend : Access::Kind::kReadList,
                        key,
                        appends ? value(i) : 0,
                        {}});
  }
  return accesses;
}

void SimClient::BeginFinalReads() {
  finishing_ = final_reads_ = true;
  final_key_end_ = world_->options.data_groups() * kKeysPerGroup;
  if (!busy_) BeginFinalRead();
}

void SimClient::BeginFinalRead() {
  if (FinalReadsDone()) return;
  request_ = Request();
  request_.client = index_;
  request_.group = final_key_ / kKeysPerGroup;
  const bool is_register = final_key_ % kKeysPerGroup < kRegistersPerGroup;
  request_.accesses = {
      {is_register ? Access::Kind::kGet : Access::Kind::kReadList, final_key_, 0, {}}};
  operation_ = static_cast<uint32_t>(history_->size());
  request_.operation = operation_;
  Operation operation;
  operation.id = operation_;
  operation.client = index_;
  operation.called = world_->now;
  operation.accesses = request_.accesses;
  history_->push_back(std::move(operation));
  busy_ = true;
  may_have_effect_ = false;
  resends_ = false;
  attempts_ = 0;
  Send(false);
}

void SimClient::Send(bool is_retry) {
  request_.attempt = ++attempts_;
  uint32_t node = primary_guess_[request_.group];
  const bool goes_anywhere = request_.consistency == Consistency::kSession;
  if (node == UINT32_MAX || goes_anywhere || (is_retry && world_->rng.Chance(0.2))) {
    const SimOptions& options = world_->options;
    node =
        static_cast<uint32_t>(world_->rng.Below(options.whole ? options.founders : options.nodes));
  }
  const uint32_t slot = world_->requests.Put(request_);
  world_->After(world_->network.Delay(&world_->rng), EventKind::kRequest, node, slot, 0);
  Sleep(kTimeoutUs);
}

void SimClient::RetryLater() {
  if (attempts_ >= kAttemptsMax && !final_reads_) {
    return End(may_have_effect_ ? Ending::kUnknown : Ending::kNoEffect);
  }
  ++attempts_;  // late answers to the last try are no longer waited for
  resends_ = true;
  Sleep(world_->rng.Between(1'000, 60'000));
}

void SimClient::Receive(const Response& response) {
  if (!busy_ || response.operation != operation_) return;
  known_[request_.group] = std::max(known_[request_.group], response.known);
  if (response.attempt != attempts_)
    return;  // an answer to an earlier try says nothing of this one
  if (response.hint != UINT32_MAX) primary_guess_[request_.group] = response.hint;
  Operation& operation = Current();
  switch (response.result) {
    case Result::kOk:
      Check(response);
      operation.accesses = response.accesses;
      return End(Ending::kOk);
    case Result::kDuplicate:
      // It took effect, once; what its reads saw went with the lost reply.
      std::erase_if(operation.accesses, [](const Access& access) { return IsRead(access.kind); });
      return End(Ending::kOk);
    case Result::kUnknown:
      may_have_effect_ = true;
      if (retries_ && request_.unit.origin != 0 && request_.known > LogIndex(0) &&
          attempts_ < kAttemptsMax) {
        primary_guess_[request_.group] = UINT32_MAX;
        return RetryLater();
      }
      return End(Ending::kUnknown);
    default:
      if (response.hint == UINT32_MAX || response.hint == response.node) {
        primary_guess_[request_.group] = UINT32_MAX;
      }
      if (request_.consistency == Consistency::kSession) return End(Ending::kNoEffect);
      // Refused, but an earlier try may have had an effect: then only a named unit may go again.
      if (may_have_effect_ && Writes(request_.accesses) && request_.unit.origin == 0) {
        return End(Ending::kUnknown);
      }
      return RetryLater();
  }
}

// A session never goes back behind its own acknowledged writes.
void SimClient::Check(const Response& response) {
  if (request_.consistency != Consistency::kSession) return;
  const Access& read = response.accesses[0];
  uint32_t own = 0;
  for (const uint32_t value : read.list) {
    const uint32_t writer = (value - 1) / 4;
    own += writer < history_->size() && (*history_)[writer].client == index_ &&
                   (*history_)[writer].ending == Ending::kOk
               ? 1
               : 0;
  }
  if (own < own_appends_[read.key]) {
    world_->Violate("session read misses an own write: operation " + std::to_string(operation_));
  }
}

void SimClient::End(Ending ending) {
  Operation& operation = Current();
  operation.ending = ending;
  operation.ended = world_->now;
  busy_ = false;
  world_->Trace(static_cast<uint64_t>(ending) + operation_ * 4);
  if (ending == Ending::kOk && request_.acks != Acks::kOne) {
    for (const Access& access : operation.accesses) {
      if (access.kind == Access::Kind::kAppend) ++own_appends_[access.key];
    }
  }
  if (ending == Ending::kOk && request_.consistency == Consistency::kSession) {
    operation.called = SimTime(0);  // it promises no order in real time
    operation.ended = kNever;
  }
  if (final_reads_ && ending == Ending::kOk && operation.accesses.size() == 1 &&
      operation.accesses[0].key == final_key_ && !Writes(operation.accesses)) {
    ++final_key_;
    return Sleep(1);
  }
  Sleep(world_->rng.Between(0, 2 * world_->options.think_us_mean));
}

}  // namespace torc::sim
