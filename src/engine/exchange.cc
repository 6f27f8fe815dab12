#include "engine/exchange.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace torc {

Exchange::Exchange(size_t self, World* world, const std::vector<Exchange*>* all)
    : self_(self), world_(world), all_(all) {
  for (size_t i = 0; i < world->shard_count(); ++i) lanes_.push_back(std::make_unique<Lane>());
}

Exchange::~Exchange() {
  for (const auto& lane : lanes_) {
    for (Parcel* parcel : lane->unsent) delete parcel;
    for (Parcel* parcel : lane->to_serve) delete parcel;
    for (Parcel* parcel : lane->arrived) delete parcel;
    Parcel* parcel = nullptr;
    while (lane->in.Take(&parcel)) delete parcel;
  }
  for (Parcel* parcel : served_) delete parcel;
}

std::unique_ptr<Parcel> Exchange::Take(Lane& lane) {
  std::unique_ptr<Parcel> parcel;
  if (lane.spare.empty()) {
    parcel = std::make_unique<Parcel>();
  } else {
    parcel = std::move(lane.spare.back());
    lane.spare.pop_back();
  }
  parcel->sender = self_;
  return parcel;
}

bool Exchange::HasRoom(size_t shard) const {
  const Lane& lane = *lanes_[shard];
  if (lane.open == nullptr || lane.under_way < kUnderWayMax) return true;
  return lane.open->requests.size() < kRequestsMax && lane.open->bytes.size() < kBytesMax;
}

Parcel::Request& Exchange::Add(size_t shard, Argv argv) {
  Lane& lane = *lanes_[shard];
  if (lane.open != nullptr &&
      (lane.open->requests.size() >= kRequestsMax || lane.open->bytes.size() >= kBytesMax)) {
    ++lane.under_way;
    Send(shard, lane.open.release());
  }
  if (lane.open == nullptr) lane.open = Take(lane);
  Parcel::Request& request = lane.open->requests.emplace_back();
  lane.open->AddArgs(request, argv);
  ++figures_.requests_sent;
  return request;
}

void Exchange::Notify(size_t shard, std::function<void()> notice) {
  Lane& lane = *lanes_[shard];
  if (lane.notices == nullptr) {
    lane.notices = std::make_unique<Parcel>();
    lane.notices->kind = Parcel::Kind::kNotices;
    lane.notices->sender = self_;
  }
  lane.notices->notices.push_back(std::move(notice));
  ++figures_.notices_sent;
}

void Exchange::Send(size_t shard, Parcel* parcel) {
  Lane& lane = *lanes_[shard];
  Ring& ring = (*all_)[shard]->lanes_[self_]->in;
  ++figures_.parcels_sent;
  if (!lane.unsent.empty() || !ring.Put(parcel)) return lane.unsent.push_back(parcel);
  world_->Rouse(shard);
}

void Exchange::SendServed(uint64_t durable_position) {
  while (!served_.empty() && served_.front()->log_position <= durable_position) {
    Parcel* const parcel = served_.front();
    served_.pop_front();
    parcel->kind = Parcel::Kind::kReplies;
    Send(parcel->sender, parcel);
  }
}

void Exchange::SendNotices() {
  for (size_t shard = 0; shard < lanes_.size(); ++shard) {
    Lane& lane = *lanes_[shard];
    if (lane.notices == nullptr || !lane.unsent.empty()) continue;
    lane.notices->stamp = world_->NextStamp();
    Send(shard, lane.notices.release());
  }
}

void Exchange::Flush(uint64_t durable_position) {
  SendNotices();
  SendServed(durable_position);
  for (size_t shard = 0; shard < lanes_.size(); ++shard) {
    Lane& lane = *lanes_[shard];
    Ring& ring = (*all_)[shard]->lanes_[self_]->in;
    while (!lane.unsent.empty() && ring.Put(lane.unsent.front())) {
      lane.unsent.pop_front();
      world_->Rouse(shard);
    }
    if (lane.open != nullptr && lane.under_way < kUnderWayMax) {
      ++lane.under_way;
      Send(shard, lane.open.release());
    }
  }
}

void Exchange::ServeWaiting(Lane& lane, Handler& handler) {
  while (!lane.to_serve.empty()) {
    Parcel* const parcel = lane.to_serve.front();
    const size_t before = parcel->served;
    const bool all = handler.Serve(*parcel);
    figures_.requests_served += parcel->served - before;
    if (!all) return;
    lane.to_serve.pop_front();
    parcel->log_position = log_position_;
    served_.push_back(parcel);
  }
}

std::unique_ptr<Parcel> Exchange::TakeOut(Parcel& parcel, size_t index) {
  Parcel::Request& request = parcel.requests[index];
  auto one = std::make_unique<Parcel>();
  one->sender = parcel.sender;
  one->late = true;
  std::vector<std::string_view> args;
  const Argv argv = parcel.Args(request, &args);
  one->AddArgs(one->requests.emplace_back(request), argv);
  request.late = true;
  return one;
}

void Exchange::SendLate(std::unique_ptr<Parcel> parcel) {
  ++figures_.requests_served;
  parcel->log_position = log_position_;
  served_.push_back(parcel.release());
}

void Exchange::Accept(Lane& lane, Parcel* parcel, Handler& handler) {
  switch (parcel->kind) {
    case Parcel::Kind::kRequests:
      lane.to_serve.push_back(parcel);
      return ServeWaiting(lane, handler);
    case Parcel::Kind::kReplies:
      handler.Deliver(*parcel);
      if (parcel->late) return delete parcel;
      parcel->Clear();
      --lane.under_way;
      lane.spare.emplace_back(parcel);
      return;
    case Parcel::Kind::kNotices: {
      const std::unique_ptr<Parcel> owned(parcel);
      for (const auto& notice : owned->notices) notice();
    }
  }
}

bool Exchange::TakeArrived(bool* any_notices) {
  bool any = false;
  for (const auto& lane : lanes_) {
    Parcel* parcel = nullptr;
    while (lane->in.Take(&parcel)) {
      any = true;
      *any_notices |= parcel->kind == Parcel::Kind::kNotices;
      lane->arrived.push_back(parcel);
    }
  }
  return any;
}

bool Exchange::Receive(Handler& handler) {
  // Others go on sending; who sends that much must not keep this shard from its work.
  constexpr int kLooksMax = 64;
  figures_.waiting_max = std::max(figures_.waiting_max, waiting());
  bool any_notices = false;
  const bool any = TakeArrived(&any_notices);
  // What was sent before a notice that is here is in its ring by now, though it may not have been
  // when that ring was looked at. Once a look finds nothing, all of it is here.
  for (int look = 0; any_notices && look < kLooksMax && TakeArrived(&any_notices); ++look) {
  }
  for (;;) {
    Lane* next = nullptr;  // with the earliest notice
    for (const auto& lane : lanes_) {
      std::deque<Parcel*>& arrived = lane->arrived;
      ServeWaiting(*lane, handler);
      while (!arrived.empty() && arrived.front()->kind != Parcel::Kind::kNotices) {
        Parcel* const parcel = arrived.front();
        arrived.pop_front();
        Accept(*lane, parcel, handler);
      }
      if (arrived.empty()) continue;
      const bool earlier = next == nullptr || arrived.front()->stamp < next->arrived.front()->stamp;
      if (earlier) next = lane.get();
    }
    if (next == nullptr) return any;
    Parcel* const parcel = next->arrived.front();
    next->arrived.pop_front();
    Accept(*next, parcel, handler);
  }
}

bool Exchange::idle() const {
  return std::all_of(lanes_.begin(), lanes_.end(),
                     [](const auto& lane) { return lane->in.empty() && lane->unsent.empty(); });
}

size_t Exchange::waiting() const {
  size_t count = 0;
  for (const auto& lane : lanes_) count += lane->in.size() + lane->to_serve.size();
  return count;
}

}  // namespace torc
