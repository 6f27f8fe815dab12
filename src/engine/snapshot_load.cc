// Loading the snapshot's file: at start in slices, with progress for those who ask, and at once for
// DEBUG RELOAD.

#include "engine/snapshot_load.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "command/blocking.h"
#include "command/tracking.h"
#include "engine/snapshots.h"
#include "features/scripting/scripting.h"

namespace torc {
namespace {

constexpr int64_t kLogEveryMs = 2000;

}  // namespace

Status Snapshots::BeginLoad(bool replace) {
  load_status_ = Status::Ok();
  const std::string path = parts_.directory + "/" + parts_.settings->file_name;
  auto file = parts_.disk->Open(path, Disk::Mode::kRead);
  if (!file.ok() && file.status().code() == StatusCode::kNotFound) return Status::Ok();
  if (!file.ok()) return file.status();
  auto size = (*file)->Size();
  if (!size.ok()) return size.status();
  load_ = std::make_unique<Load>(std::move(file).value(), *size);
  load_->began_ms = load_->logged_ms = NowMs();
  Services& services = *parts_.services;
  const auto owner_of = [&services](PartitionId partition) -> Keyspace& {
    return services.dataset->Owner(partition);
  };
  load_->loader = std::make_unique<RdbLoader>(
      &load_->reader, services.types, services.dataset->shards()[0], owner_of,
      RdbLoader::Options{
          .verify_checksum = parts_.settings->checksum,
          .replace = replace,
          .databases = services.options->databases,
          .now = UnixMs(NowMs()),
          .add_function = FunctionAdder(services, replace ? FunctionLibraries::Existing::kReplace
                                                          : FunctionLibraries::Existing::kRefuse)});
  services.gate->loading = true;
  return Status::Ok();
}

void Snapshots::StepLoad(size_t keys_max) {
  Load& load = *load_;
  const bool more = load.loader->Step(keys_max);
  const RdbLoadStats& stats = load.loader->stats();
  if (!load.told_origin && stats.keys_loaded > 0) {
    load.told_origin = true;
    Log(LogLevel::kNotice, "RDB version %d, age %lld seconds, memory usage when created %s",
        stats.version,
        static_cast<long long>(std::max<int64_t>(NowMs() / 1000 - stats.created_unix_s, 0)),
        HumanBytes(stats.used_memory_bytes).c_str());
  }
  if (!more) FinishLoad();
}

void Snapshots::FinishLoad() {
  const std::unique_ptr<Load> load = std::move(load_);
  parts_.services->gate->loading = false;
  const RdbLoadStats& stats = load->loader->stats();
  load_status_ = Status(load->loader->status())
                     .WithContext(parts_.directory + "/" + parts_.settings->file_name);
  if (!load_status_.ok()) return;
  last_load_ = stats;
  changes_at_last_save_ = TotalChanges();
  if (stats.functions_skipped > 0) {
    Log(LogLevel::kWarning,
        "The file holds %llu libraries of functions, which Torc does not have: they were left out",
        static_cast<unsigned long long>(stats.functions_skipped));
  }
  Log(LogLevel::kNotice,
      "DB loaded from disk: %.3f seconds, keys loaded: %llu, keys expired: %llu, empty keys "
      "skipped: %llu",
      static_cast<double>(NowMs() - load->began_ms) / 1000,
      static_cast<unsigned long long>(stats.keys_loaded),
      static_cast<unsigned long long>(stats.keys_expired),
      static_cast<unsigned long long>(stats.keys_empty));
}

void Snapshots::LogLoadProgress() {
  Load& load = *load_;
  const int64_t now_ms = NowMs();
  if (now_ms - load.logged_ms < kLogEveryMs) return;
  load.logged_ms = now_ms;
  const auto loaded = static_cast<double>(load.reader.offset());
  const double share = load.total_bytes == 0 ? 1 : loaded / static_cast<double>(load.total_bytes);
  const double elapsed_s = std::max(static_cast<double>(now_ms - load.began_ms) / 1000, 0.001);
  Log(LogLevel::kNotice, "Loading: %.1f%%, %s/s, %.0f keys/s, %.0f seconds left", 100 * share,
      HumanBytes(static_cast<uint64_t>(loaded / elapsed_s)).c_str(),
      static_cast<double>(load.loader->stats().keys_loaded) / elapsed_s,
      share <= 0 ? 0 : elapsed_s * (1 - share) / share);
}

void Snapshots::WriteLoadInfo(InfoWriter& out) const {
  const Load& load = *load_;
  const uint64_t loaded = load.reader.offset();
  const double share = load.total_bytes == 0
                           ? 1
                           : static_cast<double>(loaded) / static_cast<double>(load.total_bytes);
  const double elapsed_s = static_cast<double>(NowMs() - load.began_ms) / 1000;
  out.Field("loading_start_time", load.began_ms / 1000);
  out.Field("loading_total_bytes", load.total_bytes);
  out.Field("loading_rdb_used_mem", load.loader->stats().used_memory_bytes);
  out.Field("loading_loaded_bytes", loaded);
  out.Decimal("loading_loaded_perc", 100 * share);
  out.Field("loading_eta_seconds",
            share <= 0 ? int64_t{1} : static_cast<int64_t>(elapsed_s * (1 - share) / share));
}

void Snapshots::EmptyDataSet() {
  Services& services = *parts_.services;
  services.scripting->functions().Flush();
  for (Keyspace* shard : services.dataset->shards()) {
    for (const DbIndex db : shard->NonEmptyDatabases()) {
      shard->Flush(db, Keyspace::FlushMode::kNow);
    }
    shard->watches().NoteFlushAll();
  }
  services.tracking->InvalidateAll();
  services.blocking->MakeAllReady(std::nullopt);
}

Status Snapshots::ReloadNow(const Reload& reload) {
  if (loading()) return Status::Unavailable("it is loading already");
  CancelSave();
  if (reload.save) TORC_RETURN_IF_ERROR(Save());
  if (reload.flush) EmptyDataSet();
  TORC_RETURN_IF_ERROR(BeginLoad(reload.merge));
  while (loading()) StepLoad(kLoadKeysPerStep);
  return load_status_;
}

}  // namespace torc
