#include "features/pubsub/keyspace_notifier.h"

#include "base/text.h"
#include "command/process_totals.h"

namespace torc {
namespace {

// Every class, in the order in which CONFIG GET shows the letters.
constexpr std::string_view kAllClasses = "g$lshzxetdnm";
// What the letter A stands for: all but new keys and misses.
constexpr std::string_view kUsualClasses = "g$lshzxetd";

Status SetNotifications(NotificationOptions* options, ConfigWords words) {
  NotificationOptions out;
  std::string wanted;
  for (const std::string& word : words) {
    for (const char letter : word) {
      if (letter == 'K') {
        out.keyspace = true;
      } else if (letter == 'E') {
        out.keyevent = true;
      } else if (letter == 'A') {
        wanted += kUsualClasses;
      } else if (kAllClasses.find(letter) != std::string_view::npos) {
        wanted += letter;
      } else {
        return Status::InvalidArgument("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
      }
    }
  }
  for (const char letter : kAllClasses) {
    if (wanted.find(letter) != std::string::npos) out.classes += letter;
  }
  options->keyspace = out.keyspace;
  options->keyevent = out.keyevent;
  options->classes = out.classes;
  for (KeyspaceNotifier* notifier : options->notifiers) notifier->Follow();
  return Status::Ok();
}

std::string GetNotifications(const NotificationOptions& options) {
  // As in Redis, new keys are not mentioned beside A, and misses come last.
  std::string out = options.classes;
  const bool misses = !out.empty() && out.back() == 'm';
  if (misses) out.pop_back();
  if (StartsWith(out, kUsualClasses)) out = "A";
  if (options.keyspace) out += 'K';
  if (options.keyevent) out += 'E';
  if (misses) out += 'm';
  return out;
}

}  // namespace

void DeclareNotificationOptions(ConfigRegistry& config, NotificationOptions* options) {
  config.Custom({.name = "notify-keyspace-events"},
                {.set = [options](ConfigWords words,
                                  ConfigSource) { return SetNotifications(options, words); },
                 .get = [options] { return GetNotifications(*options); },
                 .one_word = true});
}

KeyspaceNotifier::KeyspaceNotifier(NotificationOptions* options, const Services* services,
                                   EffectFeed* feed)
    : options_(options), services_(services), feed_(feed) {
  options_->notifiers.push_back(this);
  Follow();
}

KeyspaceNotifier::~KeyspaceNotifier() {
  if (listening_) feed_->Remove(this);
  std::erase(options_->notifiers, this);
}

void KeyspaceNotifier::Follow() {
  if (options_->any() == listening_) return;
  listening_ = options_->any();
  listening_ ? feed_->Add(this) : feed_->Remove(this);
  feed_->set_announce_new_keys(listening_);
}

void KeyspaceNotifier::OnEffect(const Effect& effect) {
  for (const KeyEvent& event : effect.events) {
    const char letter = static_cast<char>(event.event_class);
    if (options_->classes.find(letter) == std::string::npos) continue;
    const std::string db = Format("@%u__:", event.db.value());
    if (options_->keyspace) {
      PublishToAll(*services_, ChannelKind::kChannel, "__keyspace" + db + std::string(event.key),
                   event.name);
    }
    if (options_->keyevent) {
      PublishToAll(*services_, ChannelKind::kChannel, "__keyevent" + db + std::string(event.name),
                   event.key);
    }
  }
}

}  // namespace torc
