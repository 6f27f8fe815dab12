#include "sim/sim_store.h"

#include "base/bytes.h"

namespace torc::sim {

void SimStore::Write(Access::Kind kind, uint32_t key, uint32_t value) {
  const uint32_t place = key % kKeysPerGroup;
  if (kind == Access::Kind::kSet) {
    registers_[place] = value;
  } else {
    lists_[place - kRegistersPerGroup].push_back(value);
  }
}

std::string SimStore::Execute(std::vector<Access>* accesses) {
  std::string effects;
  ByteWriter writer(&effects);
  for (Access& access : *accesses) {
    const uint32_t place = access.key % kKeysPerGroup;
    switch (access.kind) {
      case Access::Kind::kGet:
        access.value = registers_[place];
        break;
      case Access::Kind::kReadList:
        access.list = lists_[place - kRegistersPerGroup];
        break;
      default:
        Write(access.kind, access.key, access.value);
        writer.U8(static_cast<uint8_t>(access.kind));
        writer.U32(access.key);
        writer.U32(access.value);
    }
  }
  return effects;
}

void SimStore::Apply(std::string_view effects) {
  ByteReader reader(effects);
  while (reader.remaining() > 0) {
    const auto kind = static_cast<Access::Kind>(reader.U8());
    const uint32_t key = reader.U32();
    Write(kind, key, reader.U32());
  }
}

std::string SimStore::Encode() const {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U64(applied.value());
  for (const uint32_t value : registers_) writer.U32(value);
  for (const auto& list : lists_) {
    writer.U32(static_cast<uint32_t>(list.size()));
    for (const uint32_t value : list) writer.U32(value);
  }
  return bytes;
}

SimStore SimStore::Decode(std::string_view bytes) {
  SimStore store;
  if (bytes.empty()) return store;
  ByteReader reader(bytes);
  store.applied = LogIndex(reader.U64());
  for (uint32_t& value : store.registers_) value = reader.U32();
  for (auto& list : store.lists_) {
    const uint32_t count = reader.U32();
    for (uint32_t i = 0; i < count; ++i) list.push_back(reader.U32());
  }
  return store;
}

}  // namespace torc::sim
