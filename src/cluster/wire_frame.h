#pragma once

// Frames: how everything travels between nodes, in datagrams and on streams. FORMAT.md has the
// bytes.
//
//   A frame names its cluster, sender and receiver, carries a number that is used once, and ends in
//   a tag: a CRC32C, or a keyed MAC where the cluster has a secret. What is damaged, cut short,
//   foreign, forged or heard before changes nothing.
//
//   Replays. Every process draws a session number when it starts, larger than those before it. A
//   frame carries its sender's session and the one it believes its receiver to be in; only frames
//   that name our present session are opened, so nothing recorded in an earlier life of ours, or
//   meant for somebody else, is of any use. Within a session each sequence number is opened once. A
//   frame that does not know our session yet is answered with a hello that tells it; a hello is
//   believed when it names our session, which is then proof that it answers us.
//
//   Versions. A hello says which versions of the payloads a node speaks; both use the highest they
//   share.
//
// Pure: sessions know no socket and no clock; whoever owns the socket resends what was refused for
// want of a hello, or lets the protocol's own repetition do so.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace torc {

// What a payload is. Values are on the wire.
enum class FrameKind : uint8_t {
  kHello = 0,  // made and understood here
  kGossip = 1,
  kReplication = 2,
  kTransfer = 3,  // snapshots and moves
  kForward = 4,   // commands run for another node
};
inline constexpr uint8_t kFrameKindMax = 4;

inline constexpr size_t kFrameHeadBytes = 60;
inline constexpr size_t kFrameTagBytesMax = 32;
// What a stream's reader may be made to buffer.
inline constexpr size_t kFramePayloadMax = 8 << 20;

// A keyed MAC over a shared secret. The secret never appears here.
class FrameAuthenticator {
 public:
  virtual ~FrameAuthenticator() = default;
  // 16 to kFrameTagBytesMax.
  virtual size_t tag_bytes() const = 0;
  // Writes the tag of `bytes` to `tag`, which has tag_bytes() bytes.
  virtual void Sign(std::string_view bytes, std::span<char> tag) const = 0;
};

// Identifies the cluster on the wire: frames of another one are refused.
using ClusterTag = StrongId<struct ClusterTagTag, uint64_t>;
// One life of a process, larger than those before it.
using SessionId = StrongId<struct SessionIdTag, uint64_t>;

struct FrameVersions {
  uint8_t min = 1;
  uint8_t max = 1;
};

// What all sessions of a process share; outlives them. `authenticator` null: CRC32C only.
struct FrameIdentity {
  ClusterTag cluster;
  NodeId self;
  SessionId session;
  FrameVersions versions{};
  const FrameAuthenticator* authenticator = nullptr;
};

enum class FrameVerdict : uint8_t {
  kOpened,  // kind and payload are valid
  kHello,   // a hello was taken in: frames can be sealed for this peer now, what was held may be
            // sent
  kNeedsHello,    // authentic, but of or for another life: send MakeHello()'s frame back
  kStaleSession,  // our session is not above one that the peer has seen: draw a larger one than
                  // `floor`
  kReplayed,      // opened before, or too old to tell
  kDamaged,       // not a frame, cut short, wrong tag
  kForeign,       // another cluster, another receiver, another sender than the session's
  kVersion,       // no version in common, or not the one agreed on
};

struct OpenedFrame {
  FrameVerdict verdict = FrameVerdict::kDamaged;
  FrameKind kind = FrameKind::kHello;
  std::string_view payload{};  // into the bytes given to Open
  SessionId floor{};           // with kStaleSession
};

// What the head of a frame says before anything is checked but its shape: whom to hand it to.
struct FrameHead {
  NodeId sender;
  NodeId receiver;  // 0: whoever is there
  size_t frame_bytes = 0;
};
// Nothing when `bytes` cannot be the beginning of a frame of this identity's kind. `bytes` may be
// longer than the frame. With fewer than kFrameHeadBytes bytes, ask again with more.
std::optional<FrameHead> PeekFrame(std::string_view bytes, const FrameIdentity& identity);

struct FrameHeader;

// Our side of the conversation with one peer.
class FrameSession {
 public:
  // `peer` 0: not known yet (a seed's address); it is learnt from the first frame that opens or
  // greets.
  FrameSession(const FrameIdentity* identity, NodeId peer) : identity_(*identity), peer_(peer) {}

  // Appends a frame. `payload` keeps kFramePayloadMax.
  void Seal(FrameKind kind, std::string_view payload, std::string* out);
  // Checks exactly one frame.
  OpenedFrame Open(std::string_view frame);
  // Appends the hello that answers the last frame that needed one, or greets first.
  void MakeHello(std::string* out);

  // A hello has told us the peer's session: what we seal will be opened.
  bool ready() const { return peer_session_ != SessionId(); }
  NodeId peer() const { return peer_; }
  // The highest version both speak; ours alone before a hello.
  uint8_t version() const { return version_ != 0 ? version_ : identity_.versions.max; }

 private:
  void Append(FrameKind kind, SessionId echo, std::string_view payload, std::string* out);
  OpenedFrame TakeHello(const FrameHeader& head, std::string_view payload);
  // Whether `sequence` is opened for the first time; remembers it.
  bool IsFresh(SessionId session, uint64_t sequence);

  static constexpr uint64_t kWindow = 1024;

  const FrameIdentity& identity_;
  NodeId peer_;
  SessionId peer_session_;     // as a hello told; echoed in what we seal
  SessionId greeted_session_;  // of the last frame that needed a hello
  uint8_t version_ = 0;        // agreed; 0: not yet
  uint64_t next_sequence_ = 1;

  SessionId opened_session_;  // the highest session of the peer from which a frame was opened
  uint64_t newest_ = 0;       // the highest sequence opened in it
  std::array<uint64_t, kWindow / 64>
      seen_{};  // bit (sequence % kWindow), for (newest - kWindow, newest]
};

}  // namespace torc
