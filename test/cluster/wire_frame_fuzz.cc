// Bytes as a frame, with and without a secret. The first byte says whether to mend the tag, so that
// the fuzzer gets behind it.
#include <string>

#include "base/check.h"
#include "base/crc.h"
#include "cluster/fake_authenticator.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace torc;
  if (size_bytes < 1) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size_bytes - 1);
  const FrameIdentity identity{
      .cluster = ClusterTag(7), .self = NodeId(2), .session = SessionId(5)};
  if ((data[0] & 1) != 0 && bytes.size() >= kFrameHeadBytes + 4) {
    const std::string_view part = std::string_view(bytes).substr(0, bytes.size() - 4);
    StoreLe(bytes.data() + part.size(), Crc32c(0, part));
  }
  FrameSession session(&identity, NodeId());
  const auto head = PeekFrame(bytes, identity);
  const OpenedFrame opened = session.Open(bytes);
  if (opened.verdict == FrameVerdict::kOpened) {
    TORC_CHECK(head && head->frame_bytes == bytes.size(), "the head tells the length");
    TORC_CHECK(session.Open(bytes).verdict == FrameVerdict::kReplayed, "a frame opens once");
  }
  const FakeAuthenticator secret(1);
  FrameIdentity keyed = identity;
  keyed.authenticator = &secret;
  TORC_CHECK(FrameSession(&keyed, NodeId()).Open(bytes).verdict != FrameVerdict::kOpened,
             "without the secret nothing opens");
  return 0;
}
