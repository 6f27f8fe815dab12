#include "server/log_loader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "features/scripting/scripting.h"

namespace torc {
namespace {

// As many as the first cache holds with all that they touch, and enough for their misses to
// overlap.
constexpr size_t kBatchCommands = 64;
constexpr int kBatchesPerSlice = 64;
constexpr int64_t kLogPeriodNs = 5'000'000'000;
// After this part of a file the number of keys is foreseen for the first time, and then each time
// that the file has come this much further: so tables are never much larger than what has been
// read. Below, growing is quick enough.
constexpr uint64_t kFirstPart = 16;
constexpr uint64_t kFurther = 4;
constexpr uint64_t kRoomFileBytesMin = 16 << 20;

}  // namespace

struct LogLoader::Snapshot {
  Snapshot(File* file, uint64_t size_bytes_in)
      : source(file), reader(&source, size_bytes_in), size_bytes(size_bytes_in) {}
  RdbFileSource source;
  RdbReader reader;
  uint64_t size_bytes;
  std::unique_ptr<RdbLoader> loader;
};

LogLoader::LogLoader(Shard* shard, Disk* disk, std::vector<std::string> paths,
                     const Options& options)
    : shard_(shard), disk_(disk), paths_(std::move(paths)), options_(options) {
  shard_->Welcome(session_, ClientId(0));
  session_.internal = true;
  progress_.started_unix_s = shard_->clock().WallMs() / 1000;
  progress_.started_ns = logged_ns_ = shard_->clock().MonoNs();
  for (const std::string& path : paths_) {
    const auto file = disk_->Open(path, Disk::Mode::kRead);
    if (!file.ok()) continue;  // told when its turn comes
    progress_.total_bytes += (*file)->Size().ok() ? *(*file)->Size() : 0;
  }
}

LogLoader::~LogLoader() = default;

LogLoader::Step LogLoader::Next() {
  for (int i = 0; i < kBatchesPerSlice; ++i) {
    if (file_ == nullptr) {
      if (current_ == paths_.size()) return Step::kDone;
      status_ = OpenNext();
    } else {
      status_ = snapshot_ != nullptr ? SnapshotSlice() : Slice();
    }
    if (!status_.ok()) return Step::kFailed;
  }
  const int64_t now_ns = shard_->clock().MonoNs();
  if (now_ns - logged_ns_ >= kLogPeriodNs && progress_.loaded_bytes > 0) {
    logged_ns_ = now_ns;
    const double elapsed_s = static_cast<double>(now_ns - progress_.started_ns) / 1e9;
    const double share = static_cast<double>(progress_.loaded_bytes) /
                         static_cast<double>(std::max<uint64_t>(progress_.total_bytes, 1));
    Log(LogLevel::kNotice, "Loading DB in memory: %.1f%% of %s, %.0f commands/s, about %.0f s left",
        share * 100, HumanBytes(progress_.total_bytes).c_str(),
        static_cast<double>(progress_.commands) / elapsed_s, elapsed_s / share - elapsed_s);
  }
  return Step::kMore;
}

Status LogLoader::OpenNext() {
  auto file = disk_->Open(paths_[current_], Disk::Mode::kAppend);
  if (!file.ok()) {
    return std::move(Status(file.status()))
        .WithContext("The AOF file " + paths_[current_] +
                     ", which the manifest names, cannot be opened");
  }
  file_ = std::move(file).value();
  const auto size_bytes = file_->Size();
  if (!size_bytes.ok()) return size_bytes.status();
  std::array<char, 5> magic{};
  const auto count = file_->ReadAt(0, magic);
  if (!count.ok()) return count.status();
  if (std::string_view(magic.data(), *count) == "REDIS") return OpenSnapshot(*size_bytes);
  reader_ = std::make_unique<LogFileReader>(file_.get(), paths_[current_], position_);
  session_.db = DbIndex(0);
  room_at_bytes_ = *size_bytes < kRoomFileBytesMin ? *size_bytes : *size_bytes / kFirstPart;
  judged_bytes_ = 0;
  judged_keys_ = KeyCount();
  return Status::Ok();
}

Status LogLoader::OpenSnapshot(uint64_t size_bytes) {
  snapshot_ = std::make_unique<Snapshot>(file_.get(), size_bytes);
  const Services& services = shard_->services();
  snapshot_->loader = std::make_unique<RdbLoader>(
      &snapshot_->reader, services.types, services.dataset->shards()[0],
      [&services](PartitionId partition) -> Keyspace& {
        return services.dataset->Owner(partition);
      },
      RdbLoader::Options{.keep_expired = true,
                         .databases = services.options->databases,
                         .now = UnixMs(shard_->clock().WallMs()),
                         .add_function = FunctionAdder(services)});
  return Status::Ok();
}

Status LogLoader::SnapshotSlice() {
  const bool more = snapshot_->loader->Step(kBatchCommands);
  progress_.loaded_bytes = bytes_before_ + snapshot_->reader.offset();
  progress_.commands = snapshot_->loader->stats().keys_loaded;
  if (more) return Status::Ok();
  if (!snapshot_->loader->status().ok()) {
    return Status(snapshot_->loader->status()).WithContext("The base " + path());
  }
  end_ = {};
  base_bytes_ = snapshot_->size_bytes;
  bytes_before_ += snapshot_->size_bytes;
  snapshot_.reset();
  file_.reset();
  ++current_;
  return Status::Ok();
}

Status LogLoader::Slice() {
  batch_.Clear();
  const auto step = reader_->Next(kBatchCommands, &batch_);
  if (!step.ok()) return step.status();
  TORC_RETURN_IF_ERROR(Replay());
  if (reader_->reader().offset() >= room_at_bytes_) MakeRoom();
  progress_.loaded_bytes = bytes_before_ + reader_->reader().offset();
  progress_.commands += batch_.commands.size();
  switch (*step) {
    case LogReader::Step::kDamage:
      TORC_RETURN_IF_ERROR(Cut());
      return FinishFile();
    case LogReader::Step::kEnd:
      return FinishFile();
    default:
      return Status::Ok();
  }
}

Status LogLoader::Replay() {
  prepared_.clear();
  shard_->Prepare(session_, batch_, 0, batch_.commands.size(), &prepared_);
  PrefetchInserts();
  shard_->PrefetchEntries(session_, prepared_);
  shard_->BeginBatch();
  Buffer& replies = session_.replies.bytes();
  for (size_t i = 0; i < batch_.commands.size(); ++i) {
    const Argv argv = batch_.Args(batch_.commands[i]);
    if (prepared_[i].command == nullptr) return Refuse(argv);
    const size_t from = replies.size();
    shard_->Replay(session_, argv, prepared_[i]);
    if (replies.size() > from && replies.data()[from] == '-' && errors_++ == 0) {
      Log(LogLevel::kWarning, "A command of the AOF file %s answers an error: %s: %s",
          path().c_str(), Escaped(argv[0]).c_str(), Escaped(replies.view().substr(from)).c_str());
    }
  }
  session_.replies.Consume(replies.size());
  return Status::Ok();
}

// Most commands of a log bring a new key.
void LogLoader::PrefetchInserts() const {
  const Dataset& dataset = *shard_->services().dataset;
  for (const PreparedCommand& command : prepared_) {
    if (command.key.text.data() == nullptr) continue;
    dataset.Owner(command.key.partition).PrefetchAdopt(session_.db, command.key);
  }
}

size_t LogLoader::KeyCount() const {
  size_t count = 0;
  for (const Keyspace* shard : shard_->services().dataset->shards()) {
    for (const DbIndex db : shard->NonEmptyDatabases()) count += shard->KeyCount(db);
  }
  return count;
}

void LogLoader::MakeRoom() {
  const uint64_t offset = reader_->reader().offset();
  room_at_bytes_ = std::min(offset * kFurther, reader_->size_bytes());
  if (room_at_bytes_ <= offset) return;
  const size_t keys = KeyCount();
  const double grown = static_cast<double>(keys) - static_cast<double>(judged_keys_);
  const double each = grown / static_cast<double>(offset - judged_bytes_);
  judged_bytes_ = offset;
  judged_keys_ = keys;
  const double to_come = each * static_cast<double>(room_at_bytes_ - offset);
  if (to_come <= static_cast<double>(keys) / 2) return;
  made_room_ = true;
  const double factor = 1 + to_come / static_cast<double>(keys);
  for (Keyspace* shard : shard_->services().dataset->shards()) shard->ReserveTimes(factor);
}

Status LogLoader::Refuse(Argv argv) {
  return Status::Corruption(Format("Unknown command '%s' reading the append only file %s",
                                   Escaped(argv[0].substr(0, 128)).c_str(), path().c_str()));
}

bool LogLoader::IsLast() {
  for (size_t i = current_ + 1; i < paths_.size(); ++i) {
    const auto file = disk_->Open(paths_[i], Disk::Mode::kRead);
    if (!file.ok()) return false;
    const auto size_bytes = (*file)->Size();
    if (!size_bytes.ok() || *size_bytes > 0) return false;
  }
  return true;
}

Status LogLoader::Cut() {
  const auto place = IsLast() ? LogFileReader::Place::kLast : LogFileReader::Place::kEarlier;
  TORC_RETURN_IF_ERROR(reader_->MayCut(place, options_.load_truncated));
  const LogReader::Damage& damage = reader_->reader().damage();
  Log(LogLevel::kWarning,
      "%s of AOF file %s: a torn end, of which nothing had been synced. %llu bytes are cut off; "
      "the "
      "file now ends at offset %llu.",
      damage.what.c_str(), path().c_str(),
      static_cast<unsigned long long>(reader_->size_bytes() - damage.offset),
      static_cast<unsigned long long>(damage.offset));
  TORC_RETURN_IF_ERROR(file_->Truncate(damage.offset));
  return file_->Sync();
}

Status LogLoader::FinishFile() {
  const LogReader& reader = reader_->reader();
  end_ = {.size_bytes = reader.offset(),
          .crc = reader.crc(),
          .position = reader.position(),
          .id = reader.id().value_or(0)};
  // A base says nothing about positions; what follows does.
  if (reader.id()) position_ = reader.position();
  bytes_before_ += reader_->size_bytes();
  if (current_ == 0) base_bytes_ = reader.offset();
  reader_.reset();
  file_.reset();
  ++current_;
  if (std::exchange(made_room_, false)) {
    for (Keyspace* shard : shard_->services().dataset->shards()) shard->TrimTables();
  }
  if (current_ == paths_.size() && errors_ > 0) {
    Log(LogLevel::kWarning, "%llu commands of the append only file answered an error",
        static_cast<unsigned long long>(errors_));
  }
  return Status::Ok();
}

}  // namespace torc
