#pragma once

// Keyspace notifications: the events of all effects, published as messages on
// __keyspace@<db>__:<key> and __keyevent@<db>__:<event>, as far as notify-keyspace-events asks for
// their class. Listens to the effects only while something is asked for.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "command/services.h"
#include "store/effects.h"

namespace torc {

class KeyspaceNotifier;

// Which notifications are wanted; one per process.
struct NotificationOptions {
  bool keyspace = false;  // K
  bool keyevent = false;  // E
  std::string classes;    // letters of EventClass, in Redis's order
  // Those that act on it; told when it has changed.
  std::vector<KeyspaceNotifier*> notifiers = {};

  bool any() const { return (keyspace || keyevent) && !classes.empty(); }
};

// Declares notify-keyspace-events. `options` must outlive the registry.
void DeclareNotificationOptions(ConfigRegistry& config, NotificationOptions* options);

class KeyspaceNotifier final : public EffectSink {
 public:
  // All must outlive the notifier.
  KeyspaceNotifier(NotificationOptions* options, const Services* services, EffectFeed* feed);
  ~KeyspaceNotifier();
  KeyspaceNotifier(const KeyspaceNotifier&) = delete;
  KeyspaceNotifier& operator=(const KeyspaceNotifier&) = delete;

  // The setting has changed. Never within an effect.
  void Follow();
  void OnEffect(const Effect& effect) override;
  void OnUnitEnd(uint64_t unit) override { (void)unit; }

 private:
  NotificationOptions* options_;
  const Services* services_;
  EffectFeed* feed_;
  bool listening_ = false;
};

}  // namespace torc
