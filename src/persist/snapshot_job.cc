#include "persist/snapshot_job.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace torc {
namespace {

// Handed to the worker in pieces of this size: what it does with one, the shards on its core may
// have to wait for.
constexpr size_t kPieceBytes = 128 << 10;

}  // namespace

SnapshotJob::SnapshotJob(std::span<Keyspace* const> shards, Disk* disk, WorkQueue* queue,
                         Options options)
    : queue_(queue), file_(std::make_unique<RdbFileWriter>(disk, std::move(options.file))) {
  WriteRdbHeader(options.header, shards, &gathered_);
  for (Keyspace* shard : shards) {
    for (const DbIndex db : shard->NonEmptyDatabases()) key_count_expected_ += shard->KeyCount(db);
    producers_.push_back(std::make_unique<SnapshotProducer>(shard, options.snapshot));
  }
}

SnapshotJob::~SnapshotJob() {
  TORC_CHECK(in_flight_ == 0, "a job ends when its worker has");
}

uint64_t SnapshotJob::key_count() const {
  uint64_t count = 0;
  for (const auto& producer : producers_) count += producer->key_count();
  return count;
}

void SnapshotJob::Fail(Status status) {
  if (!status_.ok()) return;
  status_ = std::move(status);
  for (const auto& producer : producers_) producer->Abandon();
  gathered_.Release();
}

void SnapshotJob::Cancel() {
  if (phase_ == Phase::kProducing) Fail(Status::Unavailable("the snapshot was cancelled"));
}

// The worker appends `bytes`, or with `finish` ends the file; what came of it comes back here.
void SnapshotJob::Submit(Buffer bytes) {
  struct Piece {
    Buffer bytes;
    Status status;
  };
  // Owned by the two functions, which are copyable as std::function demands.
  auto* piece = new Piece{std::move(bytes), {}};
  const size_t size_bytes = piece->bytes.size();
  unwritten_bytes_ += size_bytes;
  ++in_flight_;
  queue_->Run([this, piece] { piece->status = file_->Append(piece->bytes.view()); },
              [this, piece, size_bytes] {
                unwritten_bytes_ -= size_bytes;
                --in_flight_;
                if (!piece->status.ok()) Fail(std::move(piece->status));
                delete piece;
              });
}

void SnapshotJob::Finish() {
  phase_ = Phase::kFinishing;
  if (status_.ok() && !gathered_.empty()) Submit(std::exchange(gathered_, Buffer()));
  auto* result = new Status;
  const bool keep = status_.ok();
  ++in_flight_;
  queue_->Run(
      [this, result, keep] {
        if (keep) *result = file_->Finish();
        if (keep && result->ok()) file_bytes_ = file_->size_bytes();
      },
      [this, result] {
        --in_flight_;
        if (!result->ok()) Fail(std::move(*result));
        delete result;
        file_.reset();  // removes what did not become a file
        phase_ = Phase::kDone;
      });
}

bool SnapshotJob::Step() {
  if (phase_ != Phase::kProducing) return false;
  if (unwritten_bytes_ >= kUnwrittenBytesMax && status_.ok()) return false;
  SnapshotProducer& producer = *producers_[current_];
  const bool more = producer.Step(kStepBytes);
  if (status_.ok()) {
    Buffer made = producer.TakeBytes();
    if (gathered_.empty()) {
      gathered_ = std::move(made);
    } else {
      gathered_.Append(made.view());
    }
    if (gathered_.size() >= kPieceBytes) Submit(std::exchange(gathered_, Buffer()));
  }
  if (more) return true;
  // The others have been gathering what was written to on their side.
  if (++current_ < producers_.size()) return true;
  Finish();
  return false;
}

}  // namespace torc
