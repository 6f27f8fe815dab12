#include "cluster/gossip_codec.h"

#include "base/bytes.h"
#include "base/check.h"

namespace torc {
namespace {

enum class UpdateKind : uint8_t { kMember = 1, kAnnouncement = 2, kEpoch = 3 };

constexpr uint64_t kVersionMax = UINT32_MAX;

size_t VarintBytes(uint64_t value) {
  size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

bool HasProbe(GossipKind kind) {
  return kind == GossipKind::kPing || kind == GossipKind::kAck || kind == GossipKind::kPingReq ||
         kind == GossipKind::kNack;
}
bool HasTarget(GossipKind kind) {
  return kind == GossipKind::kAck || kind == GossipKind::kPingReq || kind == GossipKind::kNack;
}
bool HasWall(GossipKind kind) {
  return kind == GossipKind::kPing || kind == GossipKind::kAck;
}

void Encode(const MemberUpdate& update, ByteWriter* out) {
  const MemberRecord& record = update.record;
  TORC_DCHECK(record.address.host.size() <= kHostBytesMax, "a host name within its limit");
  out->U8(static_cast<uint8_t>(UpdateKind::kMember));
  out->U64(record.id.value());
  out->U64(record.incarnation.value());
  out->Varint(record.version);
  out->U8(static_cast<uint8_t>(record.state));
  out->Blob(record.address.host);
  out->U16(record.address.bus_port);
  out->U16(record.address.port);
  out->U16(record.address.tls_port);
  // Only an accusation has an accuser.
  if (record.state == MemberState::kSuspect || record.state == MemberState::kDead) {
    out->U64(update.accuser.value());
  }
}

void Encode(const Announcement& announcement, ByteWriter* out) {
  out->U8(static_cast<uint8_t>(UpdateKind::kAnnouncement));
  out->Varint(announcement.partition.value());
  out->Varint(announcement.term.value());
  out->Varint(announcement.version.value());
  out->U64(announcement.primary.value());
}

void Encode(const EpochUpdate& update, ByteWriter* out) {
  out->U8(static_cast<uint8_t>(UpdateKind::kEpoch));
  out->Varint(update.epoch.value());
  out->U64(update.holder.value());
}

// A number with a limit of its own; above it the input is invalid.
uint64_t Bounded(ByteReader* in, uint64_t max) {
  const uint64_t value = in->Varint();
  if (value > max) in->Invalidate();
  return value;
}

NodeId SomeNode(ByteReader* in) {
  const NodeId id(in->U64());
  if (id == NodeId()) in->Invalidate();
  return id;
}

MemberUpdate DecodeMember(ByteReader* in) {
  MemberUpdate update;
  MemberRecord& record = update.record;
  record.id = SomeNode(in);
  record.incarnation = Incarnation(in->U64());
  record.version = static_cast<uint32_t>(Bounded(in, kVersionMax));
  const uint8_t state = in->U8();
  if (state > static_cast<uint8_t>(MemberState::kLeft)) in->Invalidate();
  record.state = static_cast<MemberState>(state);
  record.address.host = in->Blob(kHostBytesMax);
  record.address.bus_port = in->U16();
  record.address.port = in->U16();
  record.address.tls_port = in->U16();
  if (record.state == MemberState::kSuspect || record.state == MemberState::kDead) {
    update.accuser = SomeNode(in);
  }
  return update;
}

Announcement DecodeAnnouncement(ByteReader* in) {
  Announcement announcement;
  announcement.partition = PartitionId(static_cast<uint16_t>(Bounded(in, kSlotCount - 1)));
  announcement.term = Term(in->Varint());
  announcement.version = ConfigVersion(in->Varint());
  announcement.primary = SomeNode(in);
  return announcement;
}

EpochUpdate DecodeEpoch(ByteReader* in) {
  EpochUpdate update;
  update.epoch = Epoch(in->Varint());
  update.holder = SomeNode(in);
  return update;
}

void DecodeUpdates(ByteReader* in, std::vector<GossipUpdate>* updates) {
  const uint64_t count = Bounded(in, kGossipUpdatesMax);
  for (uint64_t i = 0; i < count && in->ok(); ++i) {
    switch (static_cast<UpdateKind>(in->U8())) {
      case UpdateKind::kMember:
        updates->emplace_back(DecodeMember(in));
        break;
      case UpdateKind::kAnnouncement:
        updates->emplace_back(DecodeAnnouncement(in));
        break;
      case UpdateKind::kEpoch:
        updates->emplace_back(DecodeEpoch(in));
        break;
      default:
        in->Invalidate();
    }
  }
}

}  // namespace

size_t EncodedBytes(const GossipUpdate& update) {
  if (const auto* member = std::get_if<MemberUpdate>(&update)) {
    const MemberRecord& record = member->record;
    const bool accused =
        record.state == MemberState::kSuspect || record.state == MemberState::kDead;
    return 1 + 8 + 8 + VarintBytes(record.version) + 1 + VarintBytes(record.address.host.size()) +
           record.address.host.size() + 6 + (accused ? 8 : 0);
  }
  if (const auto* announcement = std::get_if<Announcement>(&update)) {
    return 1 + VarintBytes(announcement->partition.value()) +
           VarintBytes(announcement->term.value()) + VarintBytes(announcement->version.value()) + 8;
  }
  return 1 + VarintBytes(std::get<EpochUpdate>(update).epoch.value()) + 8;
}

size_t EncodedHeadBytes(const GossipMessage& message) {
  size_t bytes = 1 + VarintBytes(kGossipUpdatesMax);
  if (HasProbe(message.kind)) bytes += 4;
  if (HasTarget(message.kind)) bytes += 8;
  if (HasWall(message.kind)) bytes += 8;
  if (message.kind == GossipKind::kDigest) bytes += 8 * kDigestBuckets;
  if (message.kind == GossipKind::kSync) bytes += 4;
  return bytes;
}

void EncodeGossip(const GossipMessage& message, std::string* out) {
  TORC_DCHECK(message.updates.size() <= kGossipUpdatesMax, "updates within their limit");
  ByteWriter writer(out);
  writer.U8(static_cast<uint8_t>(message.kind));
  if (HasProbe(message.kind)) writer.U32(message.seq);
  if (HasTarget(message.kind)) writer.U64(message.target.value());
  if (HasWall(message.kind)) writer.U64(static_cast<uint64_t>(message.wall.value()));
  if (message.kind == GossipKind::kDigest) {
    for (const uint64_t digest : message.digests) writer.U64(digest);
  }
  if (message.kind == GossipKind::kSync) writer.U32(message.want_buckets);
  writer.Varint(message.updates.size());
  for (const GossipUpdate& update : message.updates) {
    std::visit([&](const auto& u) { Encode(u, &writer); }, update);
  }
}

std::optional<GossipMessage> DecodeGossip(std::string_view bytes) {
  if (bytes.size() > kGossipBytesMax) return std::nullopt;
  ByteReader in(bytes);
  GossipMessage message;
  const uint8_t kind = in.U8();
  if (kind < static_cast<uint8_t>(GossipKind::kPing) ||
      kind > static_cast<uint8_t>(GossipKind::kSync)) {
    return std::nullopt;
  }
  message.kind = static_cast<GossipKind>(kind);
  if (HasProbe(message.kind)) message.seq = in.U32();
  if (HasTarget(message.kind)) message.target = NodeId(in.U64());
  if (HasWall(message.kind)) message.wall = UnixMs(static_cast<int64_t>(in.U64()));
  if (message.kind == GossipKind::kDigest) {
    for (uint64_t& digest : message.digests) digest = in.U64();
  }
  if (message.kind == GossipKind::kSync) message.want_buckets = in.U32();
  DecodeUpdates(&in, &message.updates);
  if (!in.done()) return std::nullopt;
  return message;
}

}  // namespace torc
