#include "cluster/topology_codec.h"

#include "base/bytes.h"
#include "cluster/replication_codec.h"

namespace torc {
namespace {

void WriteRecord(const FoundingRecord& record, ByteWriter* writer) {
  writer->Blob(EncodeTopologyCommand(record.command));
  writer->Blob(EncodeMembership(record.voters));
}

FoundingRecord ReadRecord(ByteReader* reader) {
  FoundingRecord record;
  const auto command = DecodeTopologyCommand(reader->Blob(TopologyState::kPlacementBytesMax));
  const auto voters = DecodeMembership(reader->Blob(kDirectiveBytesMax));
  if (!command.has_value() || !voters.has_value()) {
    reader->Invalidate();
    return record;
  }
  record.command = *command;
  record.voters = *voters;
  return record;
}

// True if the payload is of that content; what follows is left to read.
bool IsContent(ByteReader* reader, PayloadContent content) {
  return reader->U8() == static_cast<uint8_t>(content);
}

}  // namespace

void EncodeBootstrap(const BootstrapMessage& message, std::string* out) {
  ByteWriter writer(out);
  writer.U8(static_cast<uint8_t>(PayloadContent::kBootstrap));
  writer.U8(static_cast<uint8_t>(message.kind));
  writer.Varint(message.from);
  writer.Varint(message.to);
  writer.U64(message.cluster_id);
  switch (message.kind) {
    case BootstrapMessage::Kind::kAsk:
      writer.Varint(message.section.size());
      for (const auto& [name, value] : message.section) {
        writer.Blob(name);
        writer.Blob(value);
      }
      return;
    case BootstrapMessage::Kind::kPromise: {
      TopologyCommand self;
      self.nodes = {message.self};
      return writer.Blob(EncodeTopologyCommand(self));
    }
    case BootstrapMessage::Kind::kRefuse:
      return writer.Blob(message.reason);
    case BootstrapMessage::Kind::kFound:
      return WriteRecord(message.record, &writer);
    case BootstrapMessage::Kind::kFounded:
      return;
  }
}

std::optional<BootstrapMessage> DecodeBootstrap(std::string_view bytes) {
  ByteReader reader(bytes);
  if (!IsContent(&reader, PayloadContent::kBootstrap)) return std::nullopt;
  BootstrapMessage message;
  const uint8_t kind = reader.U8();
  if (kind > static_cast<uint8_t>(BootstrapMessage::Kind::kFounded)) return std::nullopt;
  message.kind = static_cast<BootstrapMessage::Kind>(kind);
  message.from = static_cast<size_t>(reader.Varint());
  message.to = static_cast<size_t>(reader.Varint());
  message.cluster_id = reader.U64();
  if (message.kind == BootstrapMessage::Kind::kAsk) {
    const uint64_t count = reader.Varint();
    if (count > kSectionDirectivesMax) return std::nullopt;
    for (uint64_t i = 0; i < count && reader.ok(); ++i) {
      std::string name(reader.Blob(kDirectiveBytesMax));
      message.section[std::move(name)] = reader.Blob(kDirectiveBytesMax);
    }
  } else if (message.kind == BootstrapMessage::Kind::kPromise) {
    const auto self = DecodeTopologyCommand(reader.Blob(kDirectiveBytesMax));
    if (!self.has_value() || self->nodes.size() != 1) return std::nullopt;
    message.self = self->nodes[0];
  } else if (message.kind == BootstrapMessage::Kind::kRefuse) {
    message.reason = reader.Blob(3 * kDirectiveBytesMax);
  } else if (message.kind == BootstrapMessage::Kind::kFound) {
    message.record = ReadRecord(&reader);
  }
  if (!reader.done()) return std::nullopt;
  return message;
}

std::string EncodeBootstrapState(const BootstrapState& state) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U64(state.promised_id);
  writer.U8(state.founded.has_value() ? 1 : 0);
  if (state.founded.has_value()) WriteRecord(*state.founded, &writer);
  return bytes;
}

std::optional<BootstrapState> DecodeBootstrapState(std::string_view bytes) {
  ByteReader reader(bytes);
  BootstrapState state;
  state.promised_id = reader.U64();
  const uint8_t has_record = reader.U8();
  if (has_record > 1) return std::nullopt;
  if (has_record == 1) state.founded = ReadRecord(&reader);
  if (!reader.done()) return std::nullopt;
  return state;
}

void EncodeTopologyQuestion(Epoch have, std::string* out) {
  ByteWriter writer(out);
  writer.U8(static_cast<uint8_t>(PayloadContent::kTopologyQuestion));
  writer.Varint(have.value());
}

std::optional<Epoch> DecodeTopologyQuestion(std::string_view bytes) {
  ByteReader reader(bytes);
  if (!IsContent(&reader, PayloadContent::kTopologyQuestion)) return std::nullopt;
  const Epoch have(reader.Varint());
  if (!reader.done()) return std::nullopt;
  return have;
}

void EncodeTopologyAnswer(const TopologyState& topology, std::string* out) {
  ByteWriter writer(out);
  writer.U8(static_cast<uint8_t>(PayloadContent::kTopologyAnswer));
  writer.Bytes(topology.Encode());
}

std::optional<TopologyState> DecodeTopologyAnswer(std::string_view bytes) {
  ByteReader reader(bytes);
  if (!IsContent(&reader, PayloadContent::kTopologyAnswer)) return std::nullopt;
  return TopologyState::Decode(bytes.substr(1));
}

}  // namespace torc
