// What INFO says about the append-only log.

#include <algorithm>

#include "server/append_log.h"

namespace torc {

void AppendLog::WriteInfo(InfoWriter& out) const {
  const bool trouble = thread_ != nullptr && thread_->state() != LogState::kWriting;
  const int64_t rewriting_s =
      rewriting_ == nullptr ? -1 : (parts_.clock->WallMs() - rewriting_->began_ms) / 1000;
  out.Field("aof_enabled", thread_ != nullptr ? 1 : 0);
  out.Field("aof_rewrite_in_progress", rewriting_ != nullptr ? 1 : 0);
  out.Field("aof_rewrite_scheduled", scheduled_ ? 1 : 0);
  out.Field("aof_last_rewrite_time_sec", last_rewrite_s_);
  out.Field("aof_current_rewrite_time_sec", rewriting_s);
  out.Field("aof_last_bgrewrite_status", last_rewrite_ok_ ? "ok" : "err");
  out.Field("aof_rewrites", rewrites_);
  out.Field("aof_rewrites_consecutive_failures", failures_in_row_);
  out.Field("aof_last_write_status", trouble ? "err" : "ok");
  out.Field("aof_last_cow_size", 0);
  out.Field("module_fork_in_progress", 0);
  out.Field("module_fork_last_cow_size", 0);
  if (thread_ != nullptr) {
    const LogThread::Figures& figures = thread_->figures();
    out.Field("aof_current_size", CurrentBytes());
    out.Field("aof_base_size", base_bytes_);
    out.Field("aof_pending_rewrite", needs_base_ ? 1 : 0);
    out.Field("aof_buffer_length", figures.unwritten_bytes + thread_->waiting_bytes());
    out.Field("aof_pending_bio_fsync", uint64_t{figures.pending_syncs});
    out.Field("aof_delayed_fsync", uint64_t{figures.delayed_syncs});
    out.Field("aof_writes", uint64_t{figures.writes});
    out.Field("aof_fsyncs", uint64_t{figures.syncs});
    out.Field("aof_slowest_fsync_usec", int64_t{figures.slowest_sync_us});
    out.Field("aof_position", uint64_t{figures.position});
  }
  if (loader_ != nullptr) WriteLoadInfo(out);
}

void AppendLog::WriteLoadInfo(InfoWriter& out) const {
  const LoadProgress& progress = loader_->progress();
  const double share = static_cast<double>(progress.loaded_bytes) /
                       static_cast<double>(std::max<uint64_t>(progress.total_bytes, 1));
  const double elapsed_s = static_cast<double>(parts_.clock->MonoNs() - progress.started_ns) / 1e9;
  out.Field("loading_start_time", progress.started_unix_s);
  out.Field("loading_total_bytes", progress.total_bytes);
  out.Field("loading_rdb_used_mem", 0);
  out.Field("loading_loaded_bytes", progress.loaded_bytes);
  out.Decimal("loading_loaded_perc", share * 100);
  out.Field("loading_eta_seconds",
            share > 0 ? static_cast<int64_t>(elapsed_s / share - elapsed_s) : int64_t{1});
}

}  // namespace torc
