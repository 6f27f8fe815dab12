#include "sim/check_linearizable.h"

#include <algorithm>
#include <map>
#include <unordered_set>

namespace torc::sim {
namespace {

// A key's state as one number: a register's value, or a hash of a list's elements in order.
uint64_t Appended(uint64_t state, uint32_t value) {
  uint64_t z = (state ^ value) + 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  return z ^ (z >> 31) ^ (state << 1);
}

uint64_t ListState(const std::vector<uint32_t>& list) {
  uint64_t state = 0;
  for (const uint32_t value : list) state = Appended(state, value);
  return state;
}

struct KeyOp {
  SimTime called;
  SimTime ended;
  bool must_happen = false;  // it ended well, so it has to be placed
  Access::Kind kind{};
  uint64_t value = 0;  // read: the state that was seen
  uint32_t id = 0;
};

// True when the operation may be the next one in `state`; then `next` is the state after it.
bool Apply(const KeyOp& op, uint64_t state, uint64_t* next) {
  *next = state;
  switch (op.kind) {
    case Access::Kind::kSet:
      *next = op.value;
      return true;
    case Access::Kind::kAppend:
      *next = Appended(state, static_cast<uint32_t>(op.value));
      return true;
    default:
      return op.value == state;
  }
}

class KeySearch {
 public:
  explicit KeySearch(std::vector<KeyOp> ops) : ops_(std::move(ops)) {
    std::sort(ops_.begin(), ops_.end(),
              [](const KeyOp& a, const KeyOp& b) { return a.called < b.called; });
    done_.assign((ops_.size() + 63) / 64, 0);
    for (const KeyOp& op : ops_) missing_ += op.must_happen ? 1 : 0;
  }

  // True when a linearization exists; clears *decided when the budget ran out first.
  bool Run(uint64_t* steps_left, bool* decided) {
    struct Frame {
      size_t op;
      size_t resume;  // where the search for another candidate goes on
      uint64_t state_before;
      size_t first_before;
    };
    std::vector<Frame> stack;
    uint64_t state = 0;
    size_t candidate = kAnyCandidate;
    size_t first = 0;  // every operation before it is done
    while (missing_ > 0) {
      if (--*steps_left == 0) {
        *decided = false;
        return false;
      }
      const Choice choice = Choose(candidate, first, state);
      if (choice.op < ops_.size()) {
        stack.push_back({choice.op, choice.resume, state, first});
        Mark(choice.op);
        state = choice.state;
        while (first < ops_.size() && IsDone(first)) ++first;
        candidate = kAnyCandidate;
        continue;
      }
      if (stack.empty()) return false;
      const Frame frame = stack.back();
      stack.pop_back();
      Unmark(frame.op);
      state = frame.state_before;
      first = frame.first_before;
      candidate = frame.resume;
    }
    return true;
  }

 private:
  bool IsDone(size_t op) const { return (done_[op / 64] >> (op % 64)) & 1; }
  void Mark(size_t op) {
    done_[op / 64] |= uint64_t{1} << (op % 64);
    missing_ -= ops_[op].must_happen ? 1 : 0;
    done_hash_ ^= OpHash(op);
  }
  void Unmark(size_t op) {
    done_[op / 64] &= ~(uint64_t{1} << (op % 64));
    missing_ += ops_[op].must_happen ? 1 : 0;
    done_hash_ ^= OpHash(op);
  }
  static uint64_t OpHash(size_t op) {
    uint64_t z = (op + 1) * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  static constexpr size_t kAnyCandidate = SIZE_MAX;

  struct Choice {
    size_t op;
    size_t resume;
    uint64_t state;
  };

  // Picks what to place next. An operation may come next if no undone one ended before its call. A
  // read that fits now is taken without an alternative: placing it early never hurts. Else the
  // write that the most urgent read waits for comes first, then all writes in order.
  Choice Choose(size_t from, size_t first, uint64_t state) {
    const size_t none = ops_.size();
    SimTime earliest_end = kNever;
    size_t urgent = none;
    for (size_t op = first; op < none && ops_[op].called <= earliest_end; ++op) {
      if (IsDone(op)) continue;
      uint64_t next = 0;
      const bool is_read = IsRead(ops_[op].kind);
      if (from == kAnyCandidate && is_read && Apply(ops_[op], state, &next)) {
        return IsNew(op, state) ? Choice{op, none, state} : Choice{none, none, 0};
      }
      if (from != kAnyCandidate && !is_read && op >= from && Apply(ops_[op], state, &next) &&
          IsNew(op, next)) {
        return {op, op + 1, next};
      }
      if (ops_[op].must_happen && ops_[op].ended < earliest_end) {
        earliest_end = ops_[op].ended;
        urgent = op;
      }
    }
    if (from != kAnyCandidate) return {none, none, 0};
    const Choice wanted = WantedBy(urgent, first, earliest_end);
    return wanted.op < none ? wanted : Choose(first, first, state);
  }

  // The write of the very value that operation `urgent`, a read, has to see next.
  Choice WantedBy(size_t urgent, size_t first, SimTime earliest_end) {
    const size_t none = ops_.size();
    if (urgent == none || ops_[urgent].kind != Access::Kind::kGet) return {none, none, 0};
    for (size_t op = first; op < none && ops_[op].called <= earliest_end; ++op) {
      const bool is_wanted =
          ops_[op].kind == Access::Kind::kSet && ops_[op].value == ops_[urgent].value;
      if (IsDone(op) || !is_wanted || !IsNew(op, ops_[op].value)) continue;
      return {op, first, ops_[op].value};
    }
    return {none, none, 0};
  }

  // Remembers the configuration after placing `op`; false if it was tried before.
  bool IsNew(size_t op, uint64_t state_after) {
    return seen_.insert((done_hash_ ^ OpHash(op)) + state_after * 0x9e3779b97f4a7c15ULL).second;
  }

  std::vector<KeyOp> ops_;
  std::vector<uint64_t> done_;
  uint64_t done_hash_ = 0;
  size_t missing_ = 0;
  std::unordered_set<uint64_t> seen_;
};

KeyOp ToKeyOp(const Operation& operation) {
  const Access& access = operation.accesses.front();
  const bool is_list = access.kind == Access::Kind::kReadList;
  const bool ok = operation.ending == Ending::kOk;
  return {operation.called,
          ok ? operation.ended : kNever,
          ok,
          access.kind,
          is_list ? ListState(access.list) : access.value,
          operation.id};
}

}  // namespace

Verdict CheckLinearizable(const History& history, const LinearizableOptions& options) {
  std::map<uint32_t, std::vector<KeyOp>> keys;
  for (const Operation& operation : history) {
    if (operation.accesses.size() != 1 || operation.ending == Ending::kNoEffect) continue;
    const bool is_read = IsRead(operation.accesses.front().kind);
    if (is_read && operation.ending != Ending::kOk) continue;
    keys[operation.accesses.front().key].push_back(ToKeyOp(operation));
  }
  uint64_t steps_left = options.steps_max;
  for (auto& [key, ops] : keys) {
    bool decided = true;
    KeySearch search(std::move(ops));
    if (search.Run(&steps_left, &decided)) continue;
    return {(decided ? "not linearizable: key " : "linearizability undecided: key ") +
            std::to_string(key)};
  }
  return {};
}

}  // namespace torc::sim
