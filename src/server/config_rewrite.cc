#include "server/config_rewrite.h"

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/config_words.h"
#include "base/text.h"

namespace torc {
namespace {

class Rewriter {
 public:
  explicit Rewriter(const ConfigRegistry& registry) : entries_(registry.Lines()) {
    used_.resize(entries_.size());
    mentioned_.resize(entries_.size());
    for (size_t i = 0; i < entries_.size(); ++i) {
      by_name_.emplace(Lowercase(entries_[i].name), i);
      if (!entries_[i].alias.empty()) by_name_.emplace(Lowercase(entries_[i].alias), i);
    }
  }

  void OldLine(std::string_view raw) {
    const std::string_view line = TrimBlanks(raw);
    if (line == kRewriteSignature) has_signature_ = true;
    if (line.empty() || line.front() == '#') return Keep(raw);
    const auto words = SplitConfigLine(line);
    if (words && EqualsIgnoreCase((*words)[0], "include")) return Keep(raw);
    const auto entry = words ? by_name_.find(Lowercase((*words)[0])) : by_name_.end();
    if (entry == by_name_.end()) return Keep("# not understood: " + std::string(line));
    if (entries_[entry->second].is_kept_as_is) return Keep(raw);
    ReplaceOldLine(entry->second);
  }

  std::string Finish() {
    for (size_t i = 0; i < entries_.size(); ++i) {
      const ConfigLines& entry = entries_[i];
      if (entry.is_kept_as_is || (entry.is_default && !mentioned_[i])) continue;
      while (used_[i] < entry.lines.size()) AppendNew(entry.lines[used_[i]++]);
    }
    return std::move(text_);
  }

 private:
  void Keep(std::string_view line) {
    text_ += line;
    text_ += '\n';
  }

  void ReplaceOldLine(size_t index) {
    mentioned_[index] = true;
    const std::vector<std::string>& lines = entries_[index].lines;
    if (used_[index] < lines.size()) Keep(lines[used_[index]++]);
  }

  void AppendNew(std::string_view line) {
    if (!has_signature_) Keep(kRewriteSignature);
    has_signature_ = true;
    Keep(line);
  }

  std::vector<ConfigLines> entries_;
  std::map<std::string, size_t, std::less<>> by_name_;
  std::vector<size_t> used_;     // how many of an entry's lines are in the text
  std::vector<bool> mentioned_;  // by the old text
  bool has_signature_ = false;
  std::string text_;
};

}  // namespace

std::string RewriteConfig(std::string_view old_text, const ConfigRegistry& registry) {
  Rewriter rewriter(registry);
  // The newline at the end of the last line begins no further one.
  if (old_text.ends_with('\n')) old_text.remove_suffix(1);
  if (!old_text.empty()) {
    for (const std::string_view line : Split(old_text, '\n')) rewriter.OldLine(line);
  }
  return rewriter.Finish();
}

}  // namespace torc
