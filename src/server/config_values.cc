#include "server/config_values.h"

#include <limits>
#include <optional>
#include <utility>

#include "base/config_words.h"
#include "base/text.h"

namespace torc {
namespace {

constexpr size_t kWordsPerLimit = 4;

Status SetSavePoints(std::vector<SavePoint>* points, ConfigWords words, ConfigSource source) {
  const bool is_never = words.empty() || (words.size() == 1 && words[0].empty());
  std::vector<SavePoint> read;
  if (!is_never) {
    if (words.size() % 2 != 0) return Status::InvalidArgument("Invalid save parameters");
    for (size_t i = 0; i < words.size(); i += 2) {
      const auto seconds = ParseInt64(words[i]);
      const auto changes = ParseInt64(words[i + 1]);
      if (!seconds || *seconds < 1 || !changes || *changes < 0) {
        return Status::InvalidArgument("Invalid save parameters");
      }
      read.push_back({*seconds, *changes});
    }
  }
  if (is_never || source != ConfigSource::kLaterLine) points->clear();
  points->insert(points->end(), read.begin(), read.end());
  return Status::Ok();
}

std::vector<std::string> SaveLines(const std::vector<SavePoint>& points) {
  if (points.empty()) return {"\"\""};
  std::vector<std::string> lines;
  for (const SavePoint& point : points) {
    lines.push_back(std::to_string(point.seconds) + " " + std::to_string(point.changes));
  }
  return lines;
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += ' ';
    text += part;
  }
  return text;
}

std::optional<ClientClass> ParseClass(std::string_view name) {
  if (EqualsIgnoreCase(name, "normal")) return ClientClass::kNormal;
  if (EqualsIgnoreCase(name, "replica") || EqualsIgnoreCase(name, "slave")) {
    return ClientClass::kReplica;
  }
  if (EqualsIgnoreCase(name, "pubsub")) return ClientClass::kPubSub;
  return std::nullopt;
}

std::optional<OutputLimit> ParseLimit(ConfigWords words) {
  const auto hard = ParseMemory(words[0]);
  const auto soft = ParseMemory(words[1]);
  const auto seconds = ParseInt64(words[2]);
  if (!hard || !soft || !seconds || *seconds < 0) return std::nullopt;
  return OutputLimit{*hard, *soft, *seconds};
}

Status SetOutputLimits(OutputLimits* limits, ConfigWords words) {
  if (words.size() % kWordsPerLimit != 0) {
    return Status::InvalidArgument("Wrong number of arguments in buffer limit configuration.");
  }
  OutputLimits changed = *limits;
  for (size_t i = 0; i < words.size(); i += kWordsPerLimit) {
    const auto client_class = ParseClass(words[i]);
    if (!client_class) {
      return Status::InvalidArgument(
          "Invalid client class specified in buffer limit configuration.");
    }
    const auto limit = ParseLimit(words.subspan(i + 1, kWordsPerLimit - 1));
    if (!limit) {
      return Status::InvalidArgument(
          "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }
    changed.by_class[static_cast<size_t>(*client_class)] = *limit;
  }
  *limits = changed;
  return Status::Ok();
}

// CONFIG GET keeps the replica class's older name and plain numbers; a file has units.
enum class LimitForm { kGet, kFile };

std::vector<std::string> LimitLines(const OutputLimits& limits, LimitForm form) {
  const bool is_file = form == LimitForm::kFile;
  const char* const names[kClientClassCount] = {"normal", is_file ? "replica" : "slave", "pubsub"};
  const auto bytes = [&](uint64_t count) {
    return is_file ? ConfigMemoryText(count) : std::to_string(count);
  };
  std::vector<std::string> lines;
  for (size_t i = 0; i < kClientClassCount; ++i) {
    const OutputLimit& limit = limits.by_class[i];
    lines.push_back(std::string(names[i]) + " " + bytes(limit.hard_bytes) + " " +
                    bytes(limit.soft_bytes) + " " + std::to_string(limit.soft_seconds));
  }
  return lines;
}

}  // namespace

void DeclareSavePoints(ConfigRegistry& registry, std::vector<SavePoint>* points,
                       ConfigApply apply) {
  registry.Custom(
      {.name = "save"},
      {.set = [points](ConfigWords words,
                       ConfigSource source) { return SetSavePoints(points, words, source); },
       .get = [points] { return points->empty() ? std::string() : Joined(SaveLines(*points)); },
       .lines = [points] { return SaveLines(*points); }},
      std::move(apply));
}

void DeclareOutputLimits(ConfigRegistry& registry, OutputLimits* limits, ConfigApply apply) {
  registry.Custom(
      {.name = "client-output-buffer-limit"},
      {.set = [limits](ConfigWords words, ConfigSource) { return SetOutputLimits(limits, words); },
       .get = [limits] { return Joined(LimitLines(*limits, LimitForm::kGet)); },
       .lines = [limits] { return LimitLines(*limits, LimitForm::kFile); }},
      std::move(apply));
}

}  // namespace torc
