#include "command/breather.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "command/dispatcher.h"
#include "command/key_extraction.h"

namespace torc {
namespace {

constexpr int64_t kNsPerUs = 1000;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
// So much work between two looks at the clock, at most and for each microsecond of the slice.
constexpr int64_t kUnitsMax = 2000;
constexpr int64_t kUnitsPerUs = 4;

bool MayPause(const CommandContext& context) {
  const Services& services = context.services;
  return services.busy_host != nullptr && services.options->long_command_slice_us > 0 &&
         context.may_block() && context.session.blocked == nullptr &&
         !services.dispatcher->pausing() && !services.gate->ending &&
         services.busy_host->may_breathe();
}

}  // namespace

uint64_t ElementsOfSlice(int64_t slice_us) {
  return static_cast<uint64_t>(std::max<int64_t>(slice_us, 0)) * kUnitsPerUs;
}

Breather::Breather(CommandContext& context) : context_(&context), may_pause_(MayPause(context)) {
  left_ = may_pause_
              ? std::min(kUnitsMax, context.services.options->long_command_slice_us * kUnitsPerUs)
              : kNever;
}

bool Breather::IsLong(uint64_t element_count) const {
  return may_pause_ &&
         element_count > ElementsOfSlice(context_->services.options->long_command_slice_us);
}

int64_t Breather::Rest() {
  const Services& services = context_->services;
  const int64_t slice_us = services.options->long_command_slice_us;
  if (!may_pause_ || slice_us == 0) return kNever;
  const int64_t now_ns = services.clock->MonoNs();
  if (since_ns_ == 0) since_ns_ = services.dispatcher->command_began_ns();
  const int64_t slice_ns = slice_us * kNsPerUs;
  if (now_ns - since_ns_ >= std::clamp(round_ns_, slice_ns, 2 * slice_ns)) {
    if (services.gate->ending || services.busy_host->stop_requested()) return kNever;
    if (!held_) ChooseKeys();
    since_ns_ = services.dispatcher->LetOthersRun(*context_, *held_, holders_);
    round_ns_ = since_ns_ - now_ns;
  }
  return std::min(kUnitsMax, slice_us * kUnitsPerUs);
}

void Breather::ChooseKeys() {
  const auto keys = KeysOf(context_->command, context_->argv);
  std::vector<uint64_t> hashes;
  // The command's own shard knows of the pause in any case.
  holders_ = {context_->services.keyspace};
  if (keys) {
    for (const KeyArgument& key : *keys) {
      const KeyRef ref = context_->Key(context_->argv[key.position]);
      hashes.push_back(ref.hash);
      holders_.push_back(&context_->Owner(ref));
    }
  }
  const bool everything = holds_everything_ || !keys;
  if (everything) holders_ = context_->AllKeyspaces();
  std::sort(holders_.begin(), holders_.end());
  holders_.erase(std::unique(holders_.begin(), holders_.end()), holders_.end());
  held_.emplace(std::move(hashes));
  if (everything) held_->HoldEverything();
}

}  // namespace torc
