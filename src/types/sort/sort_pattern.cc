#include "types/sort/sort_pattern.h"

#include "types/hash/hash.h"
#include "types/string/string.h"

namespace torc {
namespace {

std::optional<std::string> FieldOf(const CommandContext& context, const Entry& entry,
                                   std::string_view field) {
  if (entry.type() != ValueType::kHash || field.size() > CompactBlock::kElementBytesMax) {
    return std::nullopt;
  }
  const HashView::Field found = HashView(entry).Find(CompactNeedle(field));
  if (!found) return std::nullopt;
  const int64_t deadline_ms = found.rank();
  if (deadline_ms != kUnranked && deadline_ms < context.now.value()) return std::nullopt;
  return std::string(CompactText(found.value()).view());
}

}  // namespace

SortPattern::SortPattern(std::string_view pattern) : itself_(pattern == "#") {
  const size_t star = pattern.find('*');
  constant_ = star == std::string_view::npos;
  if (constant_) return;
  prefix_ = pattern.substr(0, star);
  postfix_ = pattern.substr(star + 1);
  const size_t arrow = postfix_.find("->");
  if (arrow == std::string_view::npos || arrow + 2 == postfix_.size()) return;
  field_ = postfix_.substr(arrow + 2);
  postfix_ = postfix_.substr(0, arrow);
}

std::optional<std::string> SortPattern::Lookup(CommandContext& context,
                                               std::string_view element) const {
  if (itself_) return std::string(element);
  if (constant_) return std::nullopt;
  std::string key(prefix_);
  key.append(element).append(postfix_);
  const Entry* entry = context.Read(context.Key(key));
  if (entry == nullptr) return std::nullopt;
  if (!field_.empty()) return FieldOf(context, *entry, field_);
  if (entry->type() != ValueType::kString) return std::nullopt;
  return std::string(StringView(*entry).text());
}

}  // namespace torc
