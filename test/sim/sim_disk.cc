#include "sim/sim_disk.h"

#include <algorithm>

namespace torc::sim {

void SimDisk::Append(Write write, std::string store) {
  records_.push_back({std::move(write), std::move(store)});
}

void SimDisk::Fold(const Record& record) {
  DiskImage& image = images_[record.write.group];
  using Kind = Write::Kind;
  const Kind kind = record.write.kind;
  const bool advances =
      kind == Kind::kCheckpoint && record.write.checkpoint.index > image.state.checkpoint.index;
  if (advances || kind == Kind::kInstall || kind == Kind::kBirth || kind == Kind::kRetire) {
    image.store = record.store;
  }
  ApplyWrite(record.write, &image.state);
}

std::map<GroupId, WriteSeq> SimDisk::Written(uint64_t number) {
  std::map<GroupId, WriteSeq> reached;
  number = std::min(number, appended());
  for (; written_ < number; ++written_) {
    const Write& write = records_[written_ - synced_].write;
    reached[write.group] = write.seq;
  }
  return reached;
}

std::map<GroupId, WriteSeq> SimDisk::Synced(uint64_t number) {
  std::map<GroupId, WriteSeq> reached;
  number = std::min(number, written_);
  for (; synced_ < number; ++synced_) {
    reached[records_.front().write.group] = records_.front().write.seq;
    Fold(records_.front());
    records_.pop_front();
  }
  return reached;
}

std::optional<LogIndex> SimDisk::FirstUnkept(GroupId group, const Member& self,
                                             Durability level) const {
  const uint64_t kept = level == Durability::kDisk ? synced_ : written_;
  for (uint64_t i = kept - synced_; i < records_.size(); ++i) {
    const Write& write = records_[i].write;
    const bool is_own = write.group == group && write.self == self;
    if (is_own && write.kind == Write::Kind::kEntries) return write.first;
  }
  return std::nullopt;
}

void SimDisk::LoseUnwritten() {
  records_.resize(written_ - synced_);
  // The successor finds all of it: the page cache outlived the process.
  Synced(written_);
}

void SimDisk::LoseUnsynced(Rng* rng) {
  const size_t left = records_.empty() ? 0 : rng->Below(records_.size() + 1);
  if (left < records_.size()) {
    Record& torn = records_[left];
    if (torn.write.kind == Write::Kind::kEntries && torn.write.entries.size() > 1) {
      torn.write.entries.resize(1 + rng->Below(torn.write.entries.size() - 1));
      records_.resize(left + 1);
    } else {
      records_.resize(left);
    }
  }
  written_ = appended();
  Synced(written_);
}

void SimDisk::Wipe() {
  records_.clear();
  images_.clear();
  written_ = synced_;
}

}  // namespace torc::sim
