#include "persist/rdb_loader.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"

namespace torc {
namespace {

// In a module's value or field: what comes next.
enum ModuleOpcode : uint64_t {
  kEnd = 0,
  kSigned = 1,
  kUnsigned = 2,
  kFloat = 3,
  kDouble = 4,
  kString = 5
};

bool IsOpcode(uint8_t byte) {
  return byte >= static_cast<uint8_t>(RdbOpcode::kFunction2);
}

}  // namespace

std::string RdbTypeName(uint8_t rdb_type) {
  constexpr std::string_view kNames[] = {
      "string",       "list",         "set",  "sorted set", "hash", "sorted set",
      "module value", "module value", "",     "hash",       "list", "set",
      "sorted set",   "hash",         "list", "stream",     "hash", "sorted set",
      "list",         "stream",       "set",  "stream"};
  const std::string_view name =
      rdb_type <= kRdbTypeMax && !kNames[rdb_type].empty() ? kNames[rdb_type] : "unknown";
  return Format("%s (RDB type %d)", std::string(name).c_str(), rdb_type);
}

std::array<const TypeOps*, kRdbTypeMax + 1> OpsByRdbType(const TypeTable& types) {
  std::array<const TypeOps*, kRdbTypeMax + 1> by_rdb_type{};
  for (const TypeOps* ops : types) {
    for (size_t i = 0; ops != nullptr && i <= kRdbTypeMax; ++i) {
      if ((ops->rdb_types >> i & 1) != 0) by_rdb_type[i] = ops;
    }
  }
  return by_rdb_type;
}

Entry* MakeLoadedEntry(std::string_view key, const LoadedValue& value, int64_t expiry_ms,
                       uint32_t clock) {
  Entry* entry =
      Entry::New(key, {.type = value.type,
                       .encoding = value.encoding,
                       .boxed = value.boxed,
                       .inline_bytes = value.boxed ? sizeof(value.box) : value.inline_bytes.size(),
                       .expiry_ms = expiry_ms,
                       .clock = clock});
  if (value.boxed) {
    entry->set_value_box(value.box);
  } else if (!value.inline_bytes.empty()) {
    std::memcpy(entry->mutable_inline_value(), value.inline_bytes.data(),
                value.inline_bytes.size());
  }
  return entry;
}

void FreeLoadedValue(const TypeOps& ops, const LoadedValue& value) {
  if (value.empty || !value.boxed) return;
  Entry* entry = MakeLoadedEntry("", value, Entry::kNoExpiry, 0);
  ops.free_value(entry);
  Entry::Delete(entry);
}

void SkipModuleValue(RdbReader& reader) {
  while (reader.ok()) {
    switch (reader.Length()) {
      case kEnd:
        return;
      case kSigned:
      case kUnsigned:
        reader.Length();
        break;
      case kFloat:
        reader.U32();
        break;
      case kDouble:
        reader.U64();
        break;
      case kString:
        reader.SkipString();
        break;
      default:
        reader.Fail("a module's data has an unknown part");
    }
  }
}

RdbLoader::RdbLoader(RdbReader* reader, const TypeTable* types, Keyspace* first_shard,
                     OwnerOf owner_of, const Options& options)
    : reader_(reader),
      first_shard_(first_shard),
      owner_of_(std::move(owner_of)),
      options_(options),
      ops_by_rdb_type_(OpsByRdbType(*types)) {
  pending_.reserve(kPendingKeys);
}

RdbLoader::~RdbLoader() {
  for (const Pending& pending : pending_) {
    if (pending.entry->boxed()) first_shard_->ops(*pending.entry).free_value(pending.entry);
    Entry::Delete(pending.entry);
  }
}

bool RdbLoader::ReadMagic() {
  begun_ = true;
  constexpr size_t kMagicBytes = 9;
  const std::string magic(reader_->Bytes(kMagicBytes));
  if (!reader_->ok()) return false;
  if (!StartsWith(magic, "REDIS")) {
    reader_->Fail("this is no RDB file: it does not begin with REDIS");
    return false;
  }
  const size_t digits_at = std::min(magic.find_first_not_of('0', 5), magic.size());
  stats_.version = static_cast<int>(ParseInt64(magic.substr(digits_at)).value_or(0));
  if (stats_.version < kRdbVersionMin || stats_.version > kRdbVersionMax) {
    reader_->Fail(Format("RDB version %s is not one of %d to %d", Escaped(magic.substr(5)).c_str(),
                         kRdbVersionMin, kRdbVersionMax));
  }
  if (stats_.version < 5 || !options_.verify_checksum) reader_->DisableChecksum();
  return reader_->ok();
}

bool RdbLoader::Step(size_t keys_max) {
  if (!begun_ && !ReadMagic()) return false;
  const uint64_t until = stats_.keys_loaded + keys_max;
  while (!done_ && reader_->ok() && stats_.keys_loaded < until) ReadOne();
  return !done_ && reader_->ok();
}

void RdbLoader::ReadOne() {
  const uint8_t byte = reader_->U8();
  if (!reader_->ok()) return;
  IsOpcode(byte) ? ReadOpcode(byte) : ReadRecord(byte);
}

void RdbLoader::ReadOpcode(uint8_t opcode) {
  switch (static_cast<RdbOpcode>(opcode)) {
    case RdbOpcode::kExpirySeconds:
      expiry_ms_ = int64_t{static_cast<int32_t>(reader_->U32())} * 1000;
      return;
    case RdbOpcode::kExpiryMs:
      expiry_ms_ = reader_->MsTime();
      return;
    case RdbOpcode::kFreq:
      frequency_ = reader_->U8();
      return;
    case RdbOpcode::kIdle:
      idle_s_ = static_cast<int64_t>(std::min<uint64_t>(reader_->Length(), INT32_MAX));
      return;
    case RdbOpcode::kSelectDb: {
      const uint64_t db = reader_->Length();
      if (reader_->ok() && db >= static_cast<uint64_t>(options_.databases)) {
        reader_->Fail(Format("database %llu is beyond the %lld that 'databases' allows",
                             static_cast<unsigned long long>(db),
                             static_cast<long long>(options_.databases)));
        return;
      }
      db_ = DbIndex(static_cast<uint32_t>(db));
      return;
    }
    case RdbOpcode::kResizeDb:
      return ReserveTables();
    case RdbOpcode::kAux:
      return ReadField();
    case RdbOpcode::kModuleAux:
      return ReadModuleAux();
    case RdbOpcode::kFunction2:
      return ReadFunction();
    case RdbOpcode::kFunctionPreGa:
      reader_->Fail("it holds functions as only a release candidate of Redis 7.0 wrote them");
      return;
    case RdbOpcode::kEof:
      return ReadEnd();
  }
  reader_->Fail(Format("unknown opcode %d", opcode));
}

void RdbLoader::ReadFunction() {
  if (!options_.add_function) {
    reader_->SkipString();
    ++stats_.functions_skipped;
    return;
  }
  const std::string_view source = reader_->String();
  if (!reader_->ok()) return;
  const Status added = options_.add_function(source);
  if (!added.ok()) return reader_->Fail("a library of functions: " + added.message());
  ++stats_.functions_loaded;
}

void RdbLoader::ReserveTables() {
  // Records are rarely shorter than this: whatever is claimed, tables take no more memory than a
  // small multiple of the input.
  constexpr uint64_t kRecordBytes = 8;
  const uint64_t room = reader_->remaining() / kRecordBytes;
  const uint64_t keys = std::min(reader_->Length(), room - std::min(room, keys_reserved_));
  reader_->Length();
  keys_reserved_ += keys;
  const int partition_count = first_shard_->options().partition_count;
  const uint64_t each = keys / static_cast<uint64_t>(partition_count);
  for (int i = 0; reader_->ok() && each > 0 && i < partition_count; ++i) {
    const PartitionId partition(static_cast<uint16_t>(i));
    owner_of_(partition).Reserve(db_, partition, static_cast<size_t>(each));
  }
}

void RdbLoader::ReadField() {
  const std::string name(reader_->String());
  const std::string_view value = reader_->String();
  if (name == "ctime") stats_.created_unix_s = ParseInt64(value).value_or(0);
  if (name == "used-mem") stats_.used_memory_bytes = ParseUint64(value).value_or(0);
  if (name == "aof-base") stats_.aof_base = value == "1";
}

// A module's data beside the keys; Torc has no modules. Redis too passes over it where the module
// is not loaded, if it says that it may be.
void RdbLoader::ReadModuleAux() {
  reader_->Length();  // the module
  if (reader_->Length() != kUnsigned)
    reader_->Fail("a module's field does not say when it applies");
  reader_->Length();
  SkipModuleValue(*reader_);
}

void RdbLoader::ReadEnd() {
  InsertPending(pending_.size());
  const uint64_t sum = reader_->Checksum();
  if (stats_.version >= 5) {
    const uint64_t written = reader_->U64();
    if (reader_->ok() && options_.verify_checksum && written != 0 && written != sum) {
      reader_->Fail(Format("the checksum of the file is wrong: %016llx is written, %016llx it is",
                           static_cast<unsigned long long>(written),
                           static_cast<unsigned long long>(sum)));
    }
  }
  if (options_.alone && reader_->ok() && reader_->remaining() > 0) {
    reader_->Fail(
        Format("%llu bytes follow the end", static_cast<unsigned long long>(reader_->remaining())));
  }
  done_ = reader_->ok();
}

const TypeOps* RdbLoader::OpsFor(uint8_t rdb_type) {
  const TypeOps* ops = rdb_type <= kRdbTypeMax ? ops_by_rdb_type_[rdb_type] : nullptr;
  if (ops != nullptr) return ops;
  const std::string shown = Escaped(std::string_view(key_).substr(0, 64));
  reader_->Fail(Format("key '%s' holds a %s, which this version of Torc cannot load", shown.c_str(),
                       RdbTypeName(rdb_type).c_str()));
  return nullptr;
}

uint32_t RdbLoader::Clock() const {
  const AccessClock& clock = first_shard_->access_clock();
  if (clock.kind() == ClockKind::kLfu) {
    return frequency_ >= 0 ? clock.ClockForCount(static_cast<uint32_t>(frequency_)) : clock.Fresh();
  }
  return idle_s_ >= 0 ? clock.ClockForIdleMs(idle_s_ * 1000) : clock.Fresh();
}

void RdbLoader::ReadRecord(uint8_t rdb_type) {
  reader_->StringInto(&key_);
  if (!reader_->ok()) return;
  const TypeOps* ops = OpsFor(rdb_type);
  if (ops == nullptr) return;
  const LoadedValue value = ops->load(rdb_type, *reader_, first_shard_->options().limits);
  const int64_t expiry_ms = std::exchange(expiry_ms_, Entry::kNoExpiry);
  if (!reader_->ok()) return;
  const bool expired = expiry_ms != Entry::kNoExpiry && expiry_ms < options_.now.value();
  if (value.empty) {
    ++stats_.keys_empty;
  } else if (expired && !options_.keep_expired) {
    ++stats_.keys_expired;
    FreeLoadedValue(*ops, value);
  } else {
    Entry* entry = MakeLoadedEntry(key_, value, expiry_ms, Clock());
    const KeyRef key = first_shard_->Ref(entry->key());
    owner_of_(key.partition).PrefetchAdopt(db_, key);
    pending_.push_back({entry, key, db_});
    ++stats_.keys_loaded;
    if (pending_.size() == kPendingKeys) InsertPending(kBatchKeys);
  }
  idle_s_ = -1;
  frequency_ = -1;
}

void RdbLoader::InsertPending(size_t count) {
  size_t at = 0;
  for (; at < count; ++at) {
    const Pending& pending = pending_[at];
    Keyspace& owner = owner_of_(pending.key.partition);
    const Keyspace::Found found = owner.Peek(pending.db, pending.key);
    if (found && options_.replace) {
      owner.Remove(pending.db, pending.key, found);
    } else if (found) {
      reader_->Fail(
          Format("key '%s' is there twice", Escaped(pending.key.text.substr(0, 64)).c_str()));
      break;
    }
    owner.Adopt(pending.db, pending.key, pending.entry);
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<ptrdiff_t>(at));
}

}  // namespace torc
