#include "cluster/wire_frame.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "base/crc.h"

namespace torc {
namespace {

constexpr uint32_t kMagic = 0x42524f54;  // "TORB"
constexpr uint8_t kFormat = 1;
constexpr size_t kCrcBytes = 4;

size_t TagBytes(const FrameIdentity& identity) {
  if (identity.authenticator == nullptr) return kCrcBytes;
  TORC_DCHECK(identity.authenticator->tag_bytes() <= kFrameTagBytesMax, "a tag within its limit");
  return identity.authenticator->tag_bytes();
}

std::string TagOf(const FrameIdentity& identity, std::string_view bytes) {
  std::string tag(TagBytes(identity), '\0');
  if (identity.authenticator == nullptr) {
    StoreLe(tag.data(), Crc32c(0, bytes));
  } else {
    identity.authenticator->Sign(bytes, tag);
  }
  return tag;
}

// In time that does not depend on where they differ.
bool EqualTags(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<uint8_t>(a[i]) ^ static_cast<uint8_t>(b[i]));
  }
  return difference == 0;
}

}  // namespace

struct FrameHeader {
  uint8_t version = 0;
  uint8_t kind = 0;
  uint32_t payload_bytes = 0;
  ClusterTag cluster;
  NodeId sender;
  NodeId receiver;
  SessionId session;
  SessionId echo;
  uint64_t sequence = 0;

  // Nothing when the shape is wrong.
  static std::optional<FrameHeader> Read(std::string_view bytes, const FrameIdentity& identity) {
    ByteReader in(bytes.substr(0, kFrameHeadBytes));
    if (in.U32() != kMagic || in.U8() != kFormat) return std::nullopt;
    FrameHeader head;
    head.version = in.U8();
    head.kind = in.U8();
    const uint8_t tag_bytes = in.U8();
    head.payload_bytes = in.U32();
    head.cluster = ClusterTag(in.U64());
    head.sender = NodeId(in.U64());
    head.receiver = NodeId(in.U64());
    head.session = SessionId(in.U64());
    head.echo = SessionId(in.U64());
    head.sequence = in.U64();
    if (!in.done() || tag_bytes != TagBytes(identity) || head.kind > kFrameKindMax ||
        head.payload_bytes > kFramePayloadMax || head.sender == NodeId() ||
        head.session == SessionId()) {
      return std::nullopt;
    }
    return head;
  }
  size_t frame_bytes(const FrameIdentity& identity) const {
    return kFrameHeadBytes + payload_bytes + TagBytes(identity);
  }
};

std::optional<FrameHead> PeekFrame(std::string_view bytes, const FrameIdentity& identity) {
  const auto header = FrameHeader::Read(bytes, identity);
  if (!header) return std::nullopt;
  return FrameHead{header->sender, header->receiver, header->frame_bytes(identity)};
}

void FrameSession::Append(FrameKind kind, SessionId echo, std::string_view payload,
                          std::string* out) {
  TORC_CHECK(payload.size() <= kFramePayloadMax, "a payload within its limit");
  const size_t start = out->size();
  ByteWriter writer(out);
  writer.U32(kMagic);
  writer.U8(kFormat);
  writer.U8(version());
  writer.U8(static_cast<uint8_t>(kind));
  writer.U8(static_cast<uint8_t>(TagBytes(identity_)));
  writer.U32(static_cast<uint32_t>(payload.size()));
  writer.U64(identity_.cluster.value());
  writer.U64(identity_.self.value());
  writer.U64(peer_.value());
  writer.U64(identity_.session.value());
  writer.U64(echo.value());
  writer.U64(next_sequence_++);
  writer.Bytes(payload);
  out->append(TagOf(identity_, std::string_view(*out).substr(start)));
}

void FrameSession::Seal(FrameKind kind, std::string_view payload, std::string* out) {
  TORC_DCHECK(kind != FrameKind::kHello, "hellos are made by MakeHello");
  Append(kind, peer_session_, payload, out);
}

void FrameSession::MakeHello(std::string* out) {
  std::string payload;
  ByteWriter writer(&payload);
  writer.U8(identity_.versions.min);
  writer.U8(identity_.versions.max);
  writer.U64(opened_session_.value());
  const SessionId echo = greeted_session_ != SessionId() ? greeted_session_ : peer_session_;
  Append(FrameKind::kHello, echo, payload, out);
}

OpenedFrame FrameSession::Open(std::string_view frame) {
  const auto head = FrameHeader::Read(frame, identity_);
  if (!head || frame.size() != head->frame_bytes(identity_)) return {FrameVerdict::kDamaged};
  if (head->cluster != identity_.cluster || head->sender == identity_.self ||
      (head->receiver != identity_.self && head->receiver != NodeId()) ||
      (peer_ != NodeId() && head->sender != peer_)) {
    return {FrameVerdict::kForeign};
  }
  const size_t tag_bytes = TagBytes(identity_);
  const std::string_view signed_part = frame.substr(0, frame.size() - tag_bytes);
  if (!EqualTags(TagOf(identity_, signed_part), frame.substr(signed_part.size()))) {
    return {FrameVerdict::kDamaged};
  }
  const std::string_view payload = signed_part.substr(kFrameHeadBytes);
  if (head->kind == static_cast<uint8_t>(FrameKind::kHello)) return TakeHello(*head, payload);
  // Not for this life of ours, or from a life of its sender that is over.
  if (head->echo != identity_.session || head->session < opened_session_) {
    greeted_session_ = head->session;
    return {FrameVerdict::kNeedsHello};
  }
  if (head->version < identity_.versions.min || head->version > identity_.versions.max) {
    return {FrameVerdict::kVersion};
  }
  if (!IsFresh(head->session, head->sequence)) return {FrameVerdict::kReplayed};
  peer_ = head->sender;
  return {FrameVerdict::kOpened, static_cast<FrameKind>(head->kind), payload};
}

OpenedFrame FrameSession::TakeHello(const FrameHeader& head, std::string_view payload) {
  ByteReader in(payload);
  const FrameVersions theirs{in.U8(), in.U8()};
  const SessionId seen(in.U64());
  if (!in.done()) return {FrameVerdict::kDamaged};
  if (head.echo != identity_.session) {
    // Nobody we have just talked to: it may be recorded. Tell it who we are now.
    greeted_session_ = head.session;
    return {FrameVerdict::kNeedsHello};
  }
  if (seen > identity_.session) return {.verdict = FrameVerdict::kStaleSession, .floor = seen};
  const uint8_t highest = std::min(theirs.max, identity_.versions.max);
  if (highest < std::max(theirs.min, identity_.versions.min)) return {FrameVerdict::kVersion};
  // An older hello of the same conversation may arrive late.
  if (head.session < peer_session_) return {FrameVerdict::kReplayed};
  peer_ = head.sender;
  peer_session_ = head.session;
  version_ = highest;
  return {FrameVerdict::kHello};
}

bool FrameSession::IsFresh(SessionId session, uint64_t sequence) {
  if (session > opened_session_) {
    opened_session_ = session;
    newest_ = 0;
    seen_.fill(0);
  }
  if (sequence == 0 || sequence + kWindow <= newest_) return false;
  const auto bit = [](uint64_t s) { return uint64_t{1} << (s % 64); };
  const auto word = [this](uint64_t s) -> uint64_t& { return seen_[s % kWindow / 64]; };
  if (sequence > newest_) {
    // The places between are taken over from numbers that have left the window.
    if (sequence - newest_ >= kWindow) {
      seen_.fill(0);
    } else {
      for (uint64_t s = newest_ + 1; s < sequence; ++s) word(s) &= ~bit(s);
    }
    newest_ = sequence;
  } else if ((word(sequence) & bit(sequence)) != 0) {
    return false;
  }
  word(sequence) |= bit(sequence);
  return true;
}

}  // namespace torc
