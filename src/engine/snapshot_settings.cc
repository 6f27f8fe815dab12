// dbfilename, rdbcompression, rdbchecksum, stop-writes-on-bgsave-error.

#include <string>

#include "engine/snapshots.h"

namespace torc {
namespace {

Status CheckFileName(const std::string& name) {
  if (name.find('/') == std::string::npos) return Status::Ok();
  return Status::InvalidArgument("dbfilename can't be a path, just a filename");
}

}  // namespace

void DeclareSnapshotSettings(ConfigRegistry& config, SnapshotSettings* settings) {
  config.Text({.name = "dbfilename", .is_protected = true}, &settings->file_name, {},
              CheckFileName);
  config.YesNo({.name = "rdbcompression"}, &settings->compress);
  config.YesNo({.name = "rdbchecksum", .immutable = true}, &settings->checksum);
  config.YesNo({.name = "stop-writes-on-bgsave-error"}, &settings->stop_writes_on_error);
}

}  // namespace torc
