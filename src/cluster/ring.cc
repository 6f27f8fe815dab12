#include "cluster/ring.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"

namespace torc {
namespace {

Ring::Position TokenPosition(NodeId id, int token, uint64_t salt) {
  char bytes[12];
  StoreLe(bytes, id.value());
  StoreLe(bytes + 8, static_cast<uint32_t>(token));
  return HashBytes({bytes, sizeof bytes}, salt);
}

}  // namespace

Ring::Ring(std::span<const RingMember> members, int token_budget, uint64_t salt) {
  uint64_t weight_sum = 0;
  for (const RingMember& member : members) weight_sum += member.weight;
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].weight == 0) continue;
    const uint64_t share = static_cast<uint64_t>(token_budget) * members[i].weight;
    const int count =
        static_cast<int>(std::max<uint64_t>(1, (share + weight_sum / 2) / weight_sum));
    for (int token = 0; token < count; ++token) {
      tokens_.push_back({TokenPosition(members[i].id, token, salt), static_cast<int>(i)});
    }
  }
  std::sort(tokens_.begin(), tokens_.end(), [](const Token& a, const Token& b) {
    return a.position != b.position ? a.position < b.position : a.member < b.member;
  });
}

size_t Ring::FirstToken(Position position) const {
  const auto at = std::lower_bound(tokens_.begin(), tokens_.end(), position,
                                   [](const Token& t, Position p) { return t.position < p; });
  return at == tokens_.end() ? 0 : static_cast<size_t>(at - tokens_.begin());
}

std::vector<int> Ring::Preference(Position position, int limit) const {
  std::vector<int> order;
  if (limit <= 0) return order;
  Clockwise(position, [&](int member) {
    if (std::find(order.begin(), order.end(), member) == order.end()) order.push_back(member);
    return static_cast<int>(order.size()) < limit;
  });
  return order;
}

}  // namespace torc
