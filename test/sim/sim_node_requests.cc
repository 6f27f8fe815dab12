// SimNode: the clients' requests. What the engine and its driver will do between a connection and a
// replica.

#include "base/hash.h"
#include "sim/sim_node.h"

namespace torc::sim {
namespace {

bool IsReadOnly(const std::vector<Access>& accesses) {
  for (const Access& access : accesses) {
    if (!IsRead(access.kind)) return false;
  }
  return true;
}

std::vector<uint64_t> KeyHashes(const std::vector<Access>& accesses) {
  std::vector<uint64_t> hashes;
  for (const Access& access : accesses) hashes.push_back(access.key);
  return hashes;
}

}  // namespace

void SimNode::OnRequest(Request request) {
  Replica* replica = Find(request.group);
  if (replica == nullptr) {
    Answer(request, Result::kNotPrimary, {});
    return;
  }
  // A turn of the loop reads the clock once, before its requests; a stall makes that reading old.
  const MonoUs turn_now = stalled_now_.value_or(Now());
  if (IsReadOnly(request.accesses)) {
    const ReadBy by = request.consistency == Consistency::kRound ? ReadBy::kRound : ReadBy::kLease;
    ExecuteRead(replica, std::move(request), by, turn_now);
  } else {
    ExecuteWrite(replica, std::move(request));
  }
  table_->Flush(replica, turn_now);
  Drain();
}

Token SimNode::Hold(Request request, std::vector<Access> results, std::string effects) {
  const Token token(++last_token_);
  held_[token.value()] = {std::move(request), std::move(results), std::move(effects)};
  return token;
}

void SimNode::ExecuteRead(Replica* replica, Request request, ReadBy by, MonoUs now) {
  if (request.consistency == Consistency::kSession) {
    const bool is_fresh = replica->committed() >= request.known && !replica->Dirty() &&
                          replica->role() == Role::kFollower;
    std::vector<Access> results = request.accesses;
    if (is_fresh) stores_[request.group].Execute(&results);
    Answer(request, is_fresh ? Result::kOk : Result::kNotReady, std::move(results));
    return;
  }
  std::vector<Access> results = request.accesses;
  stores_[request.group].Execute(&results);
  const std::vector<uint64_t> hashes = KeyHashes(request.accesses);
  const Token token = Hold(std::move(request), std::move(results), "");
  replica->Read(token, hashes, by, now, table_->output());
}

void SimNode::ExecuteWrite(Replica* replica, Request request) {
  const UnitId unit = request.unit;
  if (unit.origin != 0) {
    const Token token = Hold(request, request.accesses, "");
    const Result known = replica->Retry(unit, request.known, request.acks, token, table_->output());
    if (known == Result::kDuplicate) return;
    held_.erase(token.value());
    if (known != Result::kNone) return Answer(request, known, {});
  }
  const Result allowed = replica->CanPropose();
  if (allowed != Result::kOk) return Answer(request, allowed, {});
  std::vector<Access> results = request.accesses;
  Proposal proposal;
  proposal.effects = stores_[request.group].Execute(&results);
  proposal.acks = request.acks;
  proposal.unit = unit;
  proposal.epoch = replica->membership().epoch;
  proposal.key_hashes = KeyHashes(request.accesses);
  proposal.token = Hold(std::move(request), std::move(results), proposal.effects);
  replica->Propose(std::move(proposal), Now(), table_->output());
  stores_[replica->group().value()].applied = replica->log().last_index();
}

void SimNode::DrainOutcomes(const std::vector<Outcome>& outcomes) {
  for (const Outcome& outcome : outcomes) {
    const auto found = held_.find(outcome.token.value());
    if (found == held_.end()) continue;
    HeldReply held = std::move(found->second);
    held_.erase(found);
    Replica* replica = table_->Find(outcome.group);
    if (outcome.by_lease && !replica->LeaseStillHolds(outcome.term, Now())) {
      // The lease ran out while the reply was computed: ask the others, and compute it anew.
      ExecuteRead(replica, std::move(held.request), ReadBy::kRound, Now());
      table_->Flush(replica, Now());
      continue;
    }
    if (outcome.by_lease) CheckLease(*replica);
    const bool is_write = !IsReadOnly(held.request.accesses);
    if (is_write && outcome.result == Result::kOk && held.request.acks != Acks::kOne) {
      watch_->Acknowledged(*replica, outcome.index, held.effects);
    }
    if (is_write && outcome.result == Result::kOk && held.request.acks == Acks::kOne) {
      watch_->AcknowledgedEarly(index_, outcome.group, replica->log().At(outcome.index));
    }
    Answer(held.request, outcome.result, std::move(held.results));
  }
}

void SimNode::Answer(const Request& request, Result result, std::vector<Access> results) {
  if (request.client == kNobody) return;
  Response response;
  response.node = index_;
  response.operation = request.operation;
  response.attempt = request.attempt;
  response.result = result;
  response.accesses = std::move(results);
  if (const Replica* replica = Find(request.group); replica != nullptr) {
    response.known = replica->committed();
    if (replica->primary().has_value()) {
      response.hint = static_cast<uint32_t>(replica->primary()->node.value() - 1);
    }
  }
  if (response.hint == UINT32_MAX && world_->whom_to_ask) {
    response.hint = world_->whom_to_ask(index_, request.group);
  }
  const uint32_t slot = world_->responses.Put(std::move(response));
  world_->After(world_->network.Delay(&world_->rng), EventKind::kReply, request.client, slot, 0);
}

}  // namespace torc::sim
