// Detours taken back, against every draft there is.
#include "cluster/placement_detours.h"

#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "base/rng.h"

namespace torc {
namespace {

constexpr int kCopies = 2;

int Moved(const PlacementDraft& draft) {
  int moved = 0;
  for (int position = 0; position < draft.size(); ++position) {
    for (const int owner : draft.owners(position)) moved += draft.Holds(position, owner) ? 0 : 1;
  }
  return moved;
}

// Gives every position two owners at random, zones apart.
void FillAtRandom(Rng* rng, PlacementDraft* draft) {
  for (int position = 0; position < draft->size(); ++position) {
    while (draft->owners(position)[0] == kVacant) {
      const int node = static_cast<int>(rng->Below(static_cast<uint64_t>(draft->node_count())));
      if (draft->Fits(position, node, kVacant)) draft->Replace(position, kVacant, node);
    }
  }
}

// The least that any draft within the bounds moves, by trying them all.
int LeastMoved(const PlacementDraft& held, const std::vector<DetourRemover::Bounds>& bounds) {
  int least = INT32_MAX;
  std::vector<int> load(bounds.size(), 0);
  const std::function<void(int, int)> place = [&](int position, int moved) {
    if (moved >= least) return;
    if (position == held.size()) {
      for (size_t node = 0; node < load.size(); ++node) {
        if (load[node] < bounds[node].least || load[node] > bounds[node].most) return;
      }
      least = moved;
      return;
    }
    for (int a = 0; a < held.node_count(); ++a) {
      for (int b = a + 1; b < held.node_count(); ++b) {
        if (a % 3 == b % 3) continue;  // the zones of this test
        ++load[static_cast<size_t>(a)], ++load[static_cast<size_t>(b)];
        place(position + 1,
              moved + (held.Holds(position, a) ? 0 : 1) + (held.Holds(position, b) ? 0 : 1));
        --load[static_cast<size_t>(a)], --load[static_cast<size_t>(b)];
      }
    }
  };
  place(0, 0);
  return least;
}

TEST_CASE("without detours no draft within the same bounds moves fewer copies") {
  int detours = 0;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    Rng rng(seed);
    std::vector<DraftNode> nodes;
    for (int node = 0; node < 5; ++node) nodes.push_back({node % 3, 0});
    PlacementDraft held(nodes, 5, kCopies, 1);
    FillAtRandom(&rng, &held);
    held.MarkHeld();
    PlacementDraft draft = held;
    for (int position = 0; position < draft.size(); ++position) {
      for (int copy = 0; copy < kCopies; ++copy) {
        draft.Replace(position, draft.owners(position)[kCopies - 1], kVacant);
      }
    }
    FillAtRandom(&rng, &draft);
    std::vector<DetourRemover::Bounds> bounds;
    for (int node = 0; node < 5; ++node) {
      const int load = draft.load(node);
      bounds.push_back({std::max(0, load - static_cast<int>(rng.Below(2))),
                        load + static_cast<int>(rng.Below(2))});
    }
    const int before = Moved(draft);
    const int saved = DetourRemover(bounds, &draft).Run();
    CHECK(saved == before - Moved(draft));
    CHECK(Moved(draft) == LeastMoved(held, bounds));
    detours += saved;
    for (int node = 0; node < 5; ++node) {
      CHECK(draft.load(node) >= bounds[static_cast<size_t>(node)].least);
      CHECK(draft.load(node) <= bounds[static_cast<size_t>(node)].most);
    }
    for (int position = 0; position < draft.size(); ++position) {
      const auto owners = draft.owners(position);
      CHECK(owners[0] >= 0);
      CHECK(owners[0] % 3 != owners[1] % 3);
    }
  }
  CHECK(detours > 100);
}

}  // namespace
}  // namespace torc
