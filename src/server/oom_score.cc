#include "server/oom_score.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace torc {
namespace {

constexpr int64_t kValueMax = 2000;
constexpr int64_t kScoreMax = 1000;  // the kernel's

using FileHandle = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

}  // namespace

OomScore::OomScore(ConfigRegistry& config, std::string path) : path_(std::move(path)) {
  // Two words mean the same; CONFIG GET shows the first.
  static constexpr ConfigChoice kModes[] = {{"no", static_cast<int>(Mode::kNo)},
                                            {"yes", static_cast<int>(Mode::kRelative)},
                                            {"relative", static_cast<int>(Mode::kRelative)},
                                            {"absolute", static_cast<int>(Mode::kAbsolute)}};
  const ConfigApply apply = [this] { return Apply(); };
  config.Enum({.name = "oom-score-adj"}, kModes, &mode_, apply);
  config.Custom({.name = "oom-score-adj-values"},
                {.set = [this](ConfigWords words, ConfigSource) { return SetValues(words); },
                 .get =
                     [this] {
                       return std::to_string(values_[0]) + ' ' + std::to_string(values_[1]) + ' ' +
                              std::to_string(values_[2]);
                     }},
                apply);
}

Status OomScore::SetValues(ConfigWords words) {
  if (words.size() != values_.size()) {
    return Status::InvalidArgument("wrong number of arguments");
  }
  std::array<int64_t, 3> values{};
  for (size_t i = 0; i < values.size(); ++i) {
    const auto value = ParseInt64(words[i]);
    if (!value || *value < -kValueMax || *value > kValueMax) {
      return Status::InvalidArgument(
          "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    }
    values[i] = *value;
  }
  values_ = values;
  if (!std::is_sorted(values.begin(), values.end())) {
    Log(LogLevel::kWarning,
        "oom-score-adj-values are not in ascending order: a process that may end first should "
        "have the higher one");
  }
  return Status::Ok();
}

std::optional<int64_t> OomScore::Read() const {
  const FileHandle file(std::fopen(path_.c_str(), "re"), &std::fclose);
  char text[32] = "";
  if (file == nullptr || std::fgets(text, sizeof(text), file.get()) == nullptr) return std::nullopt;
  const std::string_view line = text;
  return ParseInt64(line.substr(0, line.find('\n')));
}

Status OomScore::Write(int64_t score) const {
  FileHandle file(std::fopen(path_.c_str(), "we"), &std::fclose);
  if (file != nullptr) {
    const bool printed = std::fprintf(file.get(), "%lld\n", static_cast<long long>(score)) > 0;
    // The kernel judges the number when it is handed over.
    const bool taken = std::fflush(file.get()) == 0;
    if (printed && taken) return Status::Ok();
  }
  Log(LogLevel::kWarning, "Unable to write oom_score_adj: %s", std::strerror(errno));
  return Status::IoError("Failed to set current oom_score_adj. Check server logs.");
}

Status OomScore::Apply() {
  if (mode_ == Mode::kNo && !original_) return Status::Ok();
  if (!original_) original_ = Read().value_or(0);
  int64_t score = *original_;
  if (mode_ == Mode::kRelative) score += values_[0];
  if (mode_ == Mode::kAbsolute) score = values_[0];
  TORC_RETURN_IF_ERROR(Write(std::clamp(score, -kScoreMax, kScoreMax)));
  if (mode_ == Mode::kNo) original_.reset();
  return Status::Ok();
}

}  // namespace torc
