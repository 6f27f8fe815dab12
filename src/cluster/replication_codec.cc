#include "cluster/replication_codec.h"

#include "base/bytes.h"

namespace torc {
namespace {

// Bits of a message's flags.
constexpr uint8_t kYes = 1;
constexpr uint8_t kTransfer = 2;
constexpr uint8_t kQuiesce = 4;
constexpr uint8_t kHasEntries = 8;
constexpr uint8_t kKnownFlags = 15;

void WriteEntry(const Entry& entry, ByteWriter* writer) {
  writer->U8(static_cast<uint8_t>(entry.kind));
  writer->Varint(entry.term.value());
  writer->Varint(entry.epoch.value());
  writer->Varint(entry.unit.origin);
  if (entry.unit.origin != 0) writer->Varint(entry.unit.sequence);
  writer->Blob(entry.payload);
}

Entry ReadEntry(ByteReader* reader) {
  Entry entry;
  const uint8_t kind = reader->U8();
  if (kind > static_cast<uint8_t>(Entry::Kind::kMembership)) reader->Invalidate();
  entry.kind = static_cast<Entry::Kind>(kind);
  entry.term = Term(reader->Varint());
  entry.epoch = Epoch(reader->Varint());
  entry.unit.origin = reader->Varint();
  if (entry.unit.origin != 0) entry.unit.sequence = reader->Varint();
  entry.payload = reader->Blob(kEntryBytesMax);
  const bool is_membership = reader->ok() && entry.kind == Entry::Kind::kMembership;
  if (is_membership && !DecodeMembership(entry.payload).has_value()) reader->Invalidate();
  return entry;
}

void WriteMessage(const Message& message, ByteWriter* writer) {
  uint8_t flags = 0;
  if (message.yes) flags |= kYes;
  if (message.transfer) flags |= kTransfer;
  if (message.quiesce) flags |= kQuiesce;
  if (!message.entries.empty()) flags |= kHasEntries;
  writer->U8(static_cast<uint8_t>(message.kind));
  writer->U8(flags);
  writer->U32(message.group.value());
  writer->U64(message.from.incarnation.value());
  writer->Varint(message.from.birth);
  writer->U64(message.to.incarnation.value());
  writer->Varint(message.to.birth);
  writer->Varint(message.term.value());
  writer->Varint(message.index.value());
  writer->Varint(message.index_term.value());
  writer->Varint(message.commit.value());
  writer->Varint(message.hint.value());
  writer->Varint(message.round.value());
  if (message.entries.empty()) return;
  writer->Varint(message.entries.size());
  for (const Entry& entry : message.entries) WriteEntry(entry, writer);
}

// Only appends carry entries, and only numbers that leave room to count on are taken.
constexpr uint64_t kNumberMax = uint64_t{1} << 62;

uint64_t ReadNumber(ByteReader* reader) {
  const uint64_t number = reader->Varint();
  if (number > kNumberMax) reader->Invalidate();
  return number;
}

Message ReadMessage(NodeId from, NodeId to, ByteReader* reader) {
  Message message;
  const uint8_t kind = reader->U8();
  const uint8_t flags = reader->U8();
  if (kind > static_cast<uint8_t>(Message::Kind::kTimeoutNow) || flags > kKnownFlags) {
    reader->Invalidate();
    return message;
  }
  message.kind = static_cast<Message::Kind>(kind);
  message.yes = (flags & kYes) != 0;
  message.transfer = (flags & kTransfer) != 0;
  message.quiesce = (flags & kQuiesce) != 0;
  message.group = GroupId(reader->U32());
  message.from.node = from;
  message.from.incarnation = Incarnation(reader->U64());
  message.from.birth = ReadNumber(reader);
  message.to.node = to;
  message.to.incarnation = Incarnation(reader->U64());
  message.to.birth = ReadNumber(reader);
  message.term = Term(ReadNumber(reader));
  message.index = LogIndex(ReadNumber(reader));
  message.index_term = Term(ReadNumber(reader));
  message.commit = LogIndex(ReadNumber(reader));
  message.hint = LogIndex(ReadNumber(reader));
  message.round = Round(ReadNumber(reader));
  if ((flags & kHasEntries) == 0) return message;
  const uint64_t count = reader->Varint();
  const bool fits = count > 0 && count <= kMessageEntriesMax;
  if (!fits || message.kind != Message::Kind::kAppend) reader->Invalidate();
  for (uint64_t i = 0; i < count && reader->ok(); ++i) {
    message.entries.push_back(ReadEntry(reader));
  }
  return message;
}

}  // namespace

void EncodeParcel(const Parcel& parcel, std::string* out) {
  ByteWriter writer(out);
  writer.U8(static_cast<uint8_t>(PayloadContent::kParcel));
  writer.Varint(parcel.messages.size());
  for (const Message& message : parcel.messages) WriteMessage(message, &writer);
}

std::optional<Parcel> DecodeParcel(NodeId from, NodeId to, std::string_view bytes) {
  ByteReader reader(bytes);
  Parcel parcel{from, to, {}};
  if (reader.U8() != static_cast<uint8_t>(PayloadContent::kParcel)) return std::nullopt;
  const uint64_t count = reader.Varint();
  if (count > kParcelMessagesMax) return std::nullopt;
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    parcel.messages.push_back(ReadMessage(from, to, &reader));
  }
  if (!reader.done()) return std::nullopt;
  return parcel;
}

}  // namespace torc
