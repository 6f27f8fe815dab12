// The dispatcher's part in pauses: a long command lets others run in its middle (breather.h), and
// what would disturb it stands back.

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "command/blocking.h"
#include "command/breather.h"
#include "command/dispatcher.h"
#include "command/key_extraction.h"

namespace torc {
namespace {

// Without its keys in sight, what a command may do to all of them.
bool TouchesAnything(const Command& command) {
  if (command.spec.group == Group::kScripting) return true;
  if (command.full_name == "shutdown" || command.own_name() == "debug") return true;
  const bool names_keys = command.spec.keys[0].begin != KeySpec::Begin::kNone;
  return command.Has(kWrite) && (!names_keys || command.Has(kAllPartitions));
}

// Elements, or what bytes of a string count for in their place.
uint64_t LengthOf(const Keyspace& owner, const Entry& entry) {
  constexpr size_t kBytesPerElement = 64;
  const TypeOps& type = owner.ops(entry);
  if (entry.type() != ValueType::kString) return type.length(entry);
  return type.outside_bytes(entry) / kBytesPerElement;
}

}  // namespace

bool Dispatcher::MustStandBack(const Session& session, const Command& command, Argv argv) const {
  if (session.internal) return false;
  if (command.Has(kRunsQueue) && session.transaction != nullptr) {
    std::vector<std::string_view> args;
    for (size_t i = 0; i < session.transaction->size(); ++i) {
      const Command& queued = session.transaction->command(i);
      if (MustStandBack(session, queued, session.transaction->Args(i, &args))) return true;
    }
    return false;
  }
  if (TouchesAnything(command)) return true;
  if (command.spec.keys[0].begin == KeySpec::Begin::kNone) return false;
  const auto keys = KeysOf(command, argv);
  if (!keys) return false;  // it will answer an error
  for (const KeyArgument& key : *keys) {
    const KeyRef ref = services_->keyspace->Ref(argv[key.position]);
    const bool reads = (key.use & kKeyReadOnly) != 0 && !command.Has(kMayReplicate);
    if (!reads && services_->dataset->Owner(ref.partition).IsHeld(ref.hash)) return true;
  }
  return IsLong(session, command, argv);
}

bool Dispatcher::IsLong(const Session& session, const Command& command, Argv argv) const {
  if (!command.Has(kMayPause)) return false;
  const auto keys = KeysOf(command, argv);
  if (!keys) return false;
  uint64_t length = 0;
  for (const KeyArgument& key : *keys) {
    const KeyRef ref = services_->keyspace->Ref(argv[key.position]);
    const Keyspace& owner = services_->dataset->Owner(ref.partition);
    if (const Keyspace::Found found = owner.Peek(session.db, ref)) {
      length += LengthOf(owner, *found.entry);
    }
  }
  if (command.spec.work != nullptr) length = command.spec.work(argv, length);
  return length > ElementsOfSlice(services_->options->long_command_slice_us);
}

int64_t Dispatcher::LetOthersRun(CommandContext& context, const HeldKeys& held,
                                 std::span<Keyspace* const> holders) {
  // What the command has noted so far (a miss, say) is told behind it.
  ChangeRecord own = std::exchange(changes_, {});
  const int64_t begin_ns = services_->clock->MonoNs();
  pausing_ = true;
  for (Keyspace* shard : holders) shard->Hold(&held);
  services_->busy_host->Breathe();
  for (Keyspace* shard : holders) shard->LetGo(&held);
  pausing_ = false;
  // With several shards who waits is served with all of them borrowed, when the command is done.
  if (services_->router == nullptr) MakeUnservedReady();
  changes_ = std::move(own);
  const int64_t end_ns = services_->clock->MonoNs();
  context.NotePaused(end_ns - begin_ns);
  return end_ns;
}

void Dispatcher::MakeUnservedReady() {
  for (const BlockingTable::Key& key : std::exchange(not_served_, {})) {
    services_->blocking->MakeReady(key.first, key.second);
  }
}

void Dispatcher::ServeUnserved() {
  MakeUnservedReady();
  ServeReady();
}

bool Dispatcher::MayServe(const Session& waiting) const {
  const BlockedCommand& blocked = *waiting.blocked;
  const std::vector<std::string_view> argv(blocked.args.begin(), blocked.args.end());
  return !MustStandBack(waiting, *blocked.command, argv);
}

}  // namespace torc
