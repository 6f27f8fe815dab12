#include "persist/snapshot_producer.h"

#include <algorithm>
#include <utility>

#include "persist/rdb_format.h"

namespace torc {
namespace {

// Looked at per slice: entries of which few bytes come, or none, take their time as well.
constexpr size_t kEntriesPerStep = 1500;
constexpr size_t kEntriesPerSilentStep = 5000;
constexpr size_t kFreedItemsPerStep = 2000;

void Opcode(RdbWriter& writer, RdbOpcode opcode) {
  writer.U8(static_cast<uint8_t>(opcode));
}

void WriteRecordHead(const Keyspace& keyspace, const Entry& entry, RdbAccess access,
                     RdbWriter& writer) {
  if (entry.has_expiry()) {
    Opcode(writer, RdbOpcode::kExpiryMs);
    writer.MsTime(entry.expiry_ms());
  }
  const AccessClock& clock = keyspace.access_clock();
  if (access == RdbAccess::kIdleTime) {
    Opcode(writer, RdbOpcode::kIdle);
    writer.Length(static_cast<uint64_t>(std::max<int64_t>(clock.IdleMs(entry) / 1000, 0)));
  } else if (access == RdbAccess::kFrequency) {
    Opcode(writer, RdbOpcode::kFreq);
    writer.U8(static_cast<uint8_t>(clock.DecayedCount(entry)));
  }
  writer.U8(keyspace.ops(entry).rdb_type(entry));
  writer.String(entry.key());
}

}  // namespace

void WriteRdbRecord(const Keyspace& keyspace, const Entry& entry, RdbAccess access,
                    RdbWriter& writer) {
  WriteRecordHead(keyspace, entry, access, writer);
  keyspace.ops(entry).save(entry, writer);
}

SnapshotProducer::SnapshotProducer(Keyspace* keyspace, SnapshotOptions options)
    : keyspace_(keyspace), options_(options) {
  keyspace_->BeginSnapshot(this);
}

SnapshotProducer::~SnapshotProducer() {
  Abandon();
  while (Step(0)) {
  }
}

void SnapshotProducer::SelectDb(DbIndex db, RdbWriter& writer) {
  Opcode(writer, RdbOpcode::kSelectDb);
  writer.Length(db.value());
}

void SnapshotProducer::Visit(DbIndex db, const Entry& entry) {
  // To find an entry in memory and to look for what repeats in it takes as long as so many bytes.
  constexpr size_t kEntryWorkBytes = 256;
  ++key_count_;
  const TypeOps& ops = keyspace_->ops(entry);
  work_bytes_ += kEntryWorkBytes + entry.size_bytes() + ops.outside_bytes(entry);
  std::unique_ptr<HeldValue> held;
  if (entry.boxed() && ops.hold != nullptr) held = ops.hold(entry);
  if (held != nullptr) {
    Held& place = held_.emplace_back();
    RdbWriter writer(&place.head, {.compress = options_.compress});
    SelectDb(db, writer);
    WriteRecordHead(*keyspace_, entry, options_.access, writer);
    place.value = std::move(held);
    return;
  }
  RdbWriter writer(value_ != nullptr ? &behind_ : &out_, {.compress = options_.compress});
  if (selected_ != db) SelectDb(db, writer);
  selected_ = db;
  WriteRdbRecord(*keyspace_, entry, options_.access, writer);
}

// Goes on with a large value; false if there is none.
bool SnapshotProducer::SaveHeld(size_t bytes_max) {
  if (value_ == nullptr) {
    if (held_.empty()) return false;
    out_.Append(held_.front().head.view());
    value_ = std::move(held_.front().value);
    held_.pop_front();
    // Its database is not that of the record before.
    selected_.reset();
  }
  RdbWriter writer(&out_, {.compress = options_.compress});
  if (!value_->SaveSome(writer, bytes_max)) {
    value_.reset();
    out_.Append(behind_.view());
    behind_.Release();
  }
  return true;
}

bool SnapshotProducer::Step(size_t bytes_max) {
  if (abandoned_) {
    size_t items = kFreedItemsPerStep;
    while (!held_.empty() && items > 0) {
      if (held_.front().value->FreeSome(items)) return true;
      held_.pop_front();
      items /= 2;
    }
  } else if (SaveHeld(bytes_max)) {
    return true;
  }
  work_bytes_ = 0;
  work_bytes_max_ = bytes_max;
  if (walking_) {
    walking_ = keyspace_->AdvanceSnapshot(abandoned_ ? kEntriesPerSilentStep : kEntriesPerStep);
  }
  return walking_ || !held_.empty();
}

void SnapshotProducer::Abandon() {
  if (abandoned_) return;
  abandoned_ = true;
  if (walking_) keyspace_->AbandonSnapshot();
  if (value_ != nullptr) held_.push_front({Buffer(), std::move(value_)});
  out_.Release();
  behind_.Release();
}

Buffer SnapshotProducer::TakeBytes() {
  Buffer taken;
  taken.Swap(out_);
  // What comes next may be written behind another shard's records.
  if (value_ == nullptr) selected_.reset();
  return taken;
}

}  // namespace torc
