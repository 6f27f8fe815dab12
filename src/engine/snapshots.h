#pragma once

// Snapshots: when the data set is saved and loaded. SAVE, BGSAVE, save points, the load at start,
// and what INFO tells of them. One per process; runs on the thread of the first shard.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/config.h"
#include "command/persistence.h"
#include "command/services.h"
#include "engine/background_work.h"
#include "engine/save_point.h"
#include "persist/rdb_loader.h"
#include "persist/snapshot_job.h"
#include "persist/work_queue.h"
#include "torc/env.h"

namespace torc {

// Settings, under redis.conf's names.
struct SnapshotSettings {
  std::vector<SavePoint> save_points = {{3600, 1}, {300, 100}, {60, 10000}};
  std::string file_name = "dump.rdb";
  bool compress = true;
  bool checksum = true;
  bool stop_writes_on_error = true;
};
// All but `save`. `settings` must outlive the registry.
void DeclareSnapshotSettings(ConfigRegistry& config, SnapshotSettings* settings);

class Snapshots final : public SnapshotControl, public BackgroundWork {
 public:
  struct Parts {
    const SnapshotSettings* settings;
    Services* services;
    Disk* disk;
    WorkQueue* queue;
    std::string directory = ".";
    // Called when a load begun by BeginLoad and stepped has come to its end: an error means that
    // the process must not serve.
    std::function<void(const Status&)> loaded = {};
  };
  // All must outlive it.
  explicit Snapshots(Parts parts);
  ~Snapshots() override;

  // Begins to load the file, if there is one: until Step has come to its end the gate is closed for
  // most commands. An error: there is a file that cannot be read.
  // `replace`: keys that exist give way to those of the file; else they are an error.
  Status BeginLoad(bool replace = false);
  bool loading() const { return load_ != nullptr; }
  // How the last load ended; an error means that the process must not serve.
  const Status& load_status() const { return load_status_; }

  // Another user of snapshots (a rewrite of the log) is at work: BGSAVE must wait, SCHEDULE may.
  void set_other_job_active(bool active) { other_job_active_ = active; }
  bool save_in_progress() const { return job_ != nullptr; }
  // Deletes all keys and functions, which is no effect of a command; who watches keys or has them
  // in a cache is told, and who waits looks again.
  void EmptyDataSet();
  // What an RDB file of this moment is to hold, for whoever makes a SnapshotJob.
  SnapshotJob::Options JobOptions(std::string temp_name, std::string name, bool aof_base) const;
  // Stops a background save, if there is one, and waits until it is gone.
  void CancelSave();

  // --- BackgroundWork ---
  bool Step() override;
  bool HasStep() const override { return load_ != nullptr || job_ != nullptr; }
  void EveryTick() override;

  // --- SnapshotControl ---
  Status Save() override;
  StatusOr<std::string> SaveInBackground(BackgroundStart start) override;
  void DataSetFlushed(uint64_t changes) override;
  int64_t LastSaveUnixS() const override { return last_save_ms_ / 1000; }
  Status ReloadNow(const Reload& reload) override;
  bool HasSavePoints() const override { return !parts_.settings->save_points.empty(); }
  void WriteInfo(InfoWriter& out) const override;

 private:
  struct Load;

  int64_t NowMs() const { return parts_.services->clock->WallMs(); }
  uint64_t TotalChanges() const;
  std::unique_ptr<SnapshotJob> NewJob();
  void BeginSave();
  void FinishSave();
  void StepLoad(size_t keys_max);
  void FinishLoad();
  void LogLoadProgress();
  void SetLastStatus(bool ok);
  void WriteLoadInfo(InfoWriter& out) const;

  Parts parts_;
  std::unique_ptr<SnapshotJob> job_;
  std::unique_ptr<Load> load_;
  Status load_status_;
  RdbLoadStats last_load_;
  bool other_job_active_ = false;
  bool scheduled_ = false;
  bool last_ok_ = true;
  int64_t last_save_ms_;
  int64_t last_try_ms_ = 0;
  int64_t last_duration_s_ = -1;
  int64_t began_ms_ = 0;
  uint64_t saves_ = 0;
  uint64_t changes_at_last_save_ = 0;
  uint64_t changes_at_begin_ = 0;
};

}  // namespace torc
