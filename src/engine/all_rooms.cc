#include "engine/all_rooms.h"

#include "command/command_registry.h"
#include "features/acl/acl_commands.h"
#include "features/admin/admin_commands.h"
#include "features/blocking/blocking_commands.h"
#include "features/cluster/cluster_commands.h"
#include "features/connection/connection_commands.h"
#include "features/keys/key_commands.h"
#include "features/persistence/log_commands.h"
#include "features/persistence/snapshot_commands.h"
#include "features/pubsub/pubsub_commands.h"
#include "features/scripting/scripting.h"
#include "features/scripting/scripting_commands.h"
#include "features/tracking/tracking_commands.h"
#include "features/transactions/transaction_commands.h"
#include "types/bitmap/bitmap_commands.h"
#include "types/geo/geo_commands.h"
#include "types/hash/hash.h"
#include "types/hash/hash_commands.h"
#include "types/hll/hll_commands.h"
#include "types/list/list.h"
#include "types/list/list_commands.h"
#include "types/set/set.h"
#include "types/set/set_commands.h"
#include "types/sort/sort_commands.h"
#include "types/stream/stream_commands.h"
#include "types/stream/stream_type.h"
#include "types/string/string.h"
#include "types/string/string_commands.h"
#include "types/zset/zset.h"
#include "types/zset/zset_commands.h"

namespace torc {

void RegisterAllCommands(CommandRegistry& registry) {
  RegisterStringCommands(registry);
  RegisterBitmapCommands(registry);
  RegisterHyperLogLogCommands(registry);
  RegisterListCommands(registry);
  RegisterZsetCommands(registry);
  RegisterSetCommands(registry);
  RegisterHashCommands(registry);
  RegisterGeoCommands(registry);
  RegisterStreamCommands(registry);
  RegisterSortCommands(registry);
  RegisterKeyCommands(registry);
  RegisterConnectionCommands(registry);
  RegisterAdminCommands(registry);
  RegisterAclCommands(registry);
  RegisterTransactionCommands(registry);
  RegisterBlockingCommands(registry);
  RegisterPubsubCommands(registry);
  RegisterTrackingCommands(registry);
  RegisterScriptingCommands(registry);
  RegisterClusterCommands(registry);
  RegisterSnapshotCommands(registry);
  RegisterLogCommands(registry);
  RegisterWaitCommands(registry);
  registry.AddHelp();
}

TypeTable AllTypes() {
  TypeTable types{};
  types[static_cast<size_t>(ValueType::kString)] = &kStringType;
  types[static_cast<size_t>(ValueType::kList)] = &kListType;
  types[static_cast<size_t>(ValueType::kSortedSet)] = &kZsetType;
  types[static_cast<size_t>(ValueType::kSet)] = &kSetType;
  types[static_cast<size_t>(ValueType::kHash)] = &kHashType;
  types[static_cast<size_t>(ValueType::kStream)] = &kStreamType;
  return types;
}

void RegisterAllInfo(InfoSections& info, const Services* services) {
  RegisterAdminInfo(info, services);
  RegisterScriptingInfo(info, services);
}

}  // namespace torc
