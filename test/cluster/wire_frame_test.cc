// Frames: what opens, and all that does not.
#include "cluster/wire_frame.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "base/rng.h"
#include "cluster/fake_authenticator.h"

namespace torc {
namespace {

const FakeAuthenticator kSecret(42);

FrameIdentity Identity(uint64_t self, uint64_t session) {
  return {.cluster = ClusterTag(7),
          .self = NodeId(self),
          .session = SessionId(session),
          .versions = {1, 3},
          .authenticator = &kSecret};
}

std::string Hello(FrameSession* from) {
  std::string bytes;
  from->MakeHello(&bytes);
  return bytes;
}

std::string Sealed(FrameSession* from, std::string_view payload) {
  std::string bytes;
  from->Seal(FrameKind::kGossip, payload, &bytes);
  return bytes;
}

// Two peers that have greeted each other.
struct Pair {
  FrameIdentity a_identity = Identity(1, 100);
  FrameIdentity b_identity = Identity(2, 200);
  FrameSession a{&a_identity, NodeId(2)};
  FrameSession b{&b_identity, NodeId(1)};

  void Greet() {
    CHECK(b.Open(Sealed(&a, "lost")).verdict == FrameVerdict::kNeedsHello);
    CHECK(a.Open(Hello(&b)).verdict == FrameVerdict::kHello);
    CHECK(b.Open(Hello(&a)).verdict == FrameVerdict::kHello);
  }
};

TEST_CASE("a first frame is answered with a hello, and then both sides are understood") {
  Pair pair;
  CHECK_FALSE(pair.a.ready());
  pair.Greet();
  CHECK(pair.a.ready());
  CHECK(pair.b.ready());
  const std::string frame = Sealed(&pair.a, "news");
  const OpenedFrame opened = pair.b.Open(frame);
  CHECK(opened.verdict == FrameVerdict::kOpened);
  CHECK(opened.kind == FrameKind::kGossip);
  CHECK(opened.payload == "news");
  CHECK(pair.a.Open(Sealed(&pair.b, "")).verdict == FrameVerdict::kOpened);
  CHECK(pair.a.version() == 3);
}

TEST_CASE("without a secret frames carry a checksum, and the two kinds do not mix") {
  Pair pair;
  pair.a_identity.authenticator = nullptr;
  CHECK(pair.b.Open(Sealed(&pair.a, "x")).verdict == FrameVerdict::kDamaged);
  pair.b_identity.authenticator = nullptr;
  pair.Greet();
  const std::string frame = Sealed(&pair.a, "x");
  CHECK(frame.size() == kFrameHeadBytes + 1 + 4);
  CHECK(pair.b.Open(frame).verdict == FrameVerdict::kOpened);
}

TEST_CASE("each changed bit and each missing or additional byte is noticed") {
  Pair pair;
  pair.Greet();
  const std::string frame = Sealed(&pair.a, "payload");
  for (size_t bit = 0; bit < frame.size() * 8; ++bit) {
    std::string damaged = frame;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const FrameVerdict verdict = pair.b.Open(damaged).verdict;
    const bool refused = verdict == FrameVerdict::kDamaged || verdict == FrameVerdict::kForeign;
    CHECK(refused);
  }
  for (size_t size = 0; size < frame.size(); ++size) {
    CHECK(pair.b.Open(frame.substr(0, size)).verdict == FrameVerdict::kDamaged);
  }
  CHECK(pair.b.Open(frame + "x").verdict == FrameVerdict::kDamaged);
  CHECK(pair.b.Open(frame).verdict == FrameVerdict::kOpened);
}

TEST_CASE("a frame of another secret, cluster, receiver or sender is refused") {
  Pair pair;
  pair.Greet();
  const FakeAuthenticator other_secret(43);
  FrameIdentity forger = Identity(1, 100);
  forger.authenticator = &other_secret;
  FrameSession forged(&forger, NodeId(2));
  CHECK(pair.b.Open(Sealed(&forged, "x")).verdict == FrameVerdict::kDamaged);
  FrameIdentity stranger = Identity(1, 100);
  stranger.cluster = ClusterTag(8);
  FrameSession foreign(&stranger, NodeId(2));
  CHECK(pair.b.Open(Sealed(&foreign, "x")).verdict == FrameVerdict::kForeign);
  FrameIdentity a = Identity(1, 100);
  FrameSession to_third(&a, NodeId(3));
  CHECK(pair.b.Open(Sealed(&to_third, "x")).verdict == FrameVerdict::kForeign);
  FrameIdentity third = Identity(3, 100);
  FrameSession from_third(&third, NodeId(2));
  CHECK(pair.b.Open(Sealed(&from_third, "x")).verdict == FrameVerdict::kForeign);
  // Our own frame, sent back to us.
  CHECK(pair.a.Open(Sealed(&pair.a, "x")).verdict == FrameVerdict::kForeign);
}

TEST_CASE("a frame is opened once, also when frames overtake each other") {
  Pair pair;
  pair.Greet();
  std::vector<std::string> frames;
  for (int i = 0; i < 900; ++i) frames.push_back(Sealed(&pair.a, std::to_string(i)));
  Rng rng(5);
  for (size_t i = frames.size(); i > 1; --i) std::swap(frames[i - 1], frames[rng.Below(i)]);
  for (const std::string& frame : frames) {
    CHECK(pair.b.Open(frame).verdict == FrameVerdict::kOpened);
  }
  for (const std::string& frame : frames) {
    CHECK(pair.b.Open(frame).verdict == FrameVerdict::kReplayed);
  }
}

TEST_CASE("a frame that is too old to be told from a replay is refused") {
  Pair pair;
  pair.Greet();
  const std::string old = Sealed(&pair.a, "old");
  const std::string less_old = Sealed(&pair.a, "less old");
  for (int i = 0; i < 1022; ++i) Sealed(&pair.a, "");
  CHECK(pair.b.Open(Sealed(&pair.a, "new")).verdict == FrameVerdict::kOpened);
  CHECK(pair.b.Open(old).verdict == FrameVerdict::kReplayed);
  CHECK(pair.b.Open(less_old).verdict == FrameVerdict::kOpened);
  CHECK(pair.b.Open(less_old).verdict == FrameVerdict::kReplayed);
}

TEST_CASE("the window of sequence numbers agrees with a set that remembers everything") {
  Pair pair;
  pair.Greet();
  std::vector<std::string> frames;
  for (int i = 0; i < 6000; ++i) frames.push_back(Sealed(&pair.a, ""));
  Rng rng(6);
  std::vector<bool> seen(frames.size(), false);
  int64_t newest = -1;
  bool agrees = true;
  for (int i = 0; i < 20000; ++i) {
    const int64_t near = std::max<int64_t>(0, newest - 1500);
    const int64_t far = std::min<int64_t>(static_cast<int64_t>(frames.size()) - 1, newest + 5);
    const int64_t at =
        rng.Chance(0.0005) ? std::min<int64_t>(newest + 1100, far + 1000) : rng.Between(near, far);
    const auto pick = static_cast<size_t>(std::clamp<int64_t>(at, 0, 5999));
    const bool fresh = !seen[pick] && static_cast<int64_t>(pick) > newest - 1024;
    const auto verdict = pair.b.Open(frames[pick]).verdict;
    agrees = agrees && (verdict == FrameVerdict::kOpened) == fresh;
    if (fresh) {
      seen[pick] = true;
      newest = std::max(newest, static_cast<int64_t>(pick));
    }
  }
  CHECK(agrees);
  CHECK(newest > 3000);
}

TEST_CASE("what was recorded before a restart opens nothing after it") {
  Pair pair;
  pair.Greet();
  const std::string recorded = Sealed(&pair.a, "recorded");
  // The receiver restarts and remembers nothing.
  FrameIdentity b_again = Identity(2, 201);
  FrameSession b(&b_again, NodeId(1));
  CHECK(b.Open(recorded).verdict == FrameVerdict::kNeedsHello);
  CHECK(pair.a.Open(Hello(&b)).verdict == FrameVerdict::kHello);
  CHECK(b.Open(Sealed(&pair.a, "fresh")).verdict == FrameVerdict::kOpened);
  CHECK(b.Open(recorded).verdict == FrameVerdict::kNeedsHello);
  // The sender restarts: its former session ends when the new one is first heard.
  const std::string former = Sealed(&pair.a, "former life");
  FrameIdentity a_again = Identity(1, 101);
  FrameSession a(&a_again, NodeId(2));
  CHECK(b.Open(Sealed(&a, "x")).verdict == FrameVerdict::kNeedsHello);
  CHECK(a.Open(Hello(&b)).verdict == FrameVerdict::kHello);
  CHECK(b.Open(Sealed(&a, "x")).verdict == FrameVerdict::kOpened);
  CHECK(b.Open(former).verdict == FrameVerdict::kNeedsHello);
}

TEST_CASE("a recorded hello moves no session") {
  Pair pair;
  const std::string early = Sealed(&pair.a, "x");
  CHECK(pair.b.Open(early).verdict == FrameVerdict::kNeedsHello);
  const std::string hello = Hello(&pair.b);
  CHECK(pair.a.Open(hello).verdict == FrameVerdict::kHello);
  // After both have restarted, the old hello names a session that is over.
  FrameIdentity a_again = Identity(1, 300);
  FrameSession a(&a_again, NodeId(2));
  CHECK(a.Open(hello).verdict == FrameVerdict::kNeedsHello);
  CHECK_FALSE(a.ready());
  // And one of a former session of the peer cannot bring it back.
  FrameIdentity b_again = Identity(2, 250);
  FrameSession b(&b_again, NodeId(1));
  CHECK(b.Open(Sealed(&pair.a, "y")).verdict == FrameVerdict::kNeedsHello);
  CHECK(pair.a.Open(Hello(&b)).verdict == FrameVerdict::kHello);
  CHECK(pair.a.Open(hello).verdict == FrameVerdict::kReplayed);
  CHECK(b.Open(Sealed(&pair.a, "z")).verdict == FrameVerdict::kOpened);
}

TEST_CASE("a process whose clock was set back learns which session it must exceed") {
  Pair pair;
  pair.Greet();
  CHECK(pair.b.Open(Sealed(&pair.a, "x")).verdict == FrameVerdict::kOpened);
  FrameIdentity a_back = Identity(1, 50);
  FrameSession a(&a_back, NodeId(2));
  CHECK(pair.b.Open(Sealed(&a, "x")).verdict == FrameVerdict::kNeedsHello);
  const OpenedFrame opened = a.Open(Hello(&pair.b));
  CHECK(opened.verdict == FrameVerdict::kStaleSession);
  CHECK(opened.floor == SessionId(100));
}

TEST_CASE("both sides use the highest version they share, or none") {
  Pair pair;
  pair.b_identity.versions = {2, 2};
  pair.Greet();
  CHECK(pair.a.version() == 2);
  CHECK(pair.b.version() == 2);
  CHECK(pair.b.Open(Sealed(&pair.a, "x")).verdict == FrameVerdict::kOpened);
  Pair apart;
  apart.b_identity.versions = {4, 5};
  CHECK(apart.b.Open(Sealed(&apart.a, "x")).verdict == FrameVerdict::kNeedsHello);
  CHECK(apart.a.Open(Hello(&apart.b)).verdict == FrameVerdict::kVersion);
  CHECK_FALSE(apart.a.ready());
}

TEST_CASE("a session for a bare address learns who is there") {
  const FrameIdentity a_identity = Identity(1, 100);
  const FrameIdentity b_identity = Identity(2, 200);
  FrameSession a(&a_identity, NodeId());
  FrameSession b(&b_identity, NodeId(1));
  CHECK(b.Open(Sealed(&a, "join")).verdict == FrameVerdict::kNeedsHello);
  CHECK(a.Open(Hello(&b)).verdict == FrameVerdict::kHello);
  CHECK(a.peer() == NodeId(2));
  CHECK(b.Open(Sealed(&a, "join")).verdict == FrameVerdict::kOpened);
}

TEST_CASE("a stream's reader learns the length of a frame from its head, within the limit") {
  Pair pair;
  const std::string frame = Sealed(&pair.a, std::string(1000, 'x'));
  CHECK_FALSE(PeekFrame(frame.substr(0, kFrameHeadBytes - 1), pair.b_identity).has_value());
  const auto head = PeekFrame(frame.substr(0, kFrameHeadBytes), pair.b_identity);
  REQUIRE(head.has_value());
  CHECK(head->frame_bytes == frame.size());
  CHECK(head->sender == NodeId(1));
  CHECK(head->receiver == NodeId(2));
  std::string huge = frame;
  StoreLe(huge.data() + 8, static_cast<uint32_t>(kFramePayloadMax + 1));
  CHECK_FALSE(PeekFrame(huge, pair.b_identity).has_value());
  StoreLe(huge.data() + 8, static_cast<uint32_t>(kFramePayloadMax));
  CHECK(PeekFrame(huge, pair.b_identity).has_value());
}

}  // namespace
}  // namespace torc
