#include "command/acl_user.h"

#include <algorithm>
#include <utility>

#include "base/sha256.h"
#include "base/text.h"

namespace torc {
namespace {

constexpr size_t kHashDigits = 64;

bool IsHash(std::string_view text) {
  return text.size() == kHashDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string HashOf(std::string_view password) {
  const auto digest = Sha256(password);
  return Hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// Of equal length: in time that tells nothing of where they differ.
bool SameHash(std::string_view a, std::string_view b) {
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace

AclUser::AclUser(std::string name, AclSelector::Channels channels) : name_(std::move(name)) {
  Reset(channels);
}

void AclUser::Reset(AclSelector::Channels channels) {
  enabled_ = nopass_ = false;
  sanitize_payload_ = true;
  password_hashes_.clear();
  selectors_.assign(1, AclSelector(channels));
}

AclFault AclUser::Apply(std::string_view rule, const CommandRegistry& registry,
                        AclSelector::Channels channels) {
  AclFault fault = AclFault::kNone;
  if (rule.empty()) return fault;
  if (EqualsIgnoreCase(rule, "on")) {
    enabled_ = true;
  } else if (EqualsIgnoreCase(rule, "off")) {
    enabled_ = false;
  } else if (EqualsIgnoreCase(rule, "nopass")) {
    nopass_ = true;
    password_hashes_.clear();
  } else if (EqualsIgnoreCase(rule, "resetpass")) {
    nopass_ = false;
    password_hashes_.clear();
  } else if (EqualsIgnoreCase(rule, "sanitize-payload")) {
    sanitize_payload_ = true;
  } else if (EqualsIgnoreCase(rule, "skip-sanitize-payload")) {
    sanitize_payload_ = false;
  } else if (EqualsIgnoreCase(rule, "reset")) {
    Reset(channels);
  } else if (EqualsIgnoreCase(rule, "clearselectors")) {
    selectors_.erase(selectors_.begin() + 1, selectors_.end());
  } else if (rule.find_first_of("><#!") == 0) {
    fault = ApplyPassword(rule);
  } else if (rule.front() == '(' && rule.back() == ')') {
    fault = AddSelector(rule.substr(1, rule.size() - 2), registry, channels);
  } else {
    fault = selectors_.front().Apply(rule, registry);
  }
  unrestricted_ = std::any_of(selectors_.begin(), selectors_.end(),
                              [](const AclSelector& each) { return each.allows_everything(); });
  return fault;
}

AclFault AclUser::ApplyPassword(std::string_view rule) {
  const char sign = rule.front();
  const bool given_as_hash = sign == '#' || sign == '!';
  rule.remove_prefix(1);
  if (given_as_hash && !IsHash(rule)) return AclFault::kBadHash;
  const std::string hash = given_as_hash ? std::string(rule) : HashOf(rule);
  const auto known = std::find(password_hashes_.begin(), password_hashes_.end(), hash);
  if (sign == '<' || sign == '!') {
    if (known == password_hashes_.end()) return AclFault::kNoSuchPassword;
    password_hashes_.erase(known);
    return AclFault::kNone;
  }
  if (known == password_hashes_.end()) password_hashes_.push_back(hash);
  nopass_ = false;
  return AclFault::kNone;
}

AclFault AclUser::AddSelector(std::string_view rules, const CommandRegistry& registry,
                              AclSelector::Channels channels) {
  AclSelector selector(channels);
  for (const std::string_view rule : Split(TrimBlanks(rules), ' ')) {
    const AclFault fault = selector.Apply(rule, registry);
    if (fault != AclFault::kNone) return fault;
  }
  selectors_.push_back(std::move(selector));
  return AclFault::kNone;
}

bool AclUser::HasPassword(std::string_view password) const {
  const std::string hash = HashOf(password);
  bool found = false;
  for (const std::string& known : password_hashes_) found |= SameHash(hash, known);
  return found;
}

AclVerdict AclUser::Check(AclCall& call) const {
  AclVerdict worst;
  for (const AclSelector& selector : selectors_) {
    const AclVerdict verdict = selector.Check(call);
    if (verdict.allowed()) return verdict;
    // What came furthest tells most.
    if (verdict.denial > worst.denial ||
        (verdict.denial == worst.denial && verdict.position > worst.position)) {
      worst = verdict;
    }
  }
  return worst;
}

bool AclUser::ReadsAllKeys(const Command& command, Argv argv) const {
  AclCall call(command, argv);
  return std::any_of(selectors_.begin(), selectors_.end(), [&](const AclSelector& selector) {
    return selector.ReadsAllKeys() && selector.Check(call).allowed();
  });
}

bool AclUser::AllowsChannel(std::string_view channel, bool as_pattern) const {
  return std::any_of(selectors_.begin(), selectors_.end(), [&](const AclSelector& selector) {
    return selector.AllowsChannel(channel, as_pattern);
  });
}

std::vector<std::string_view> AclUser::Flags() const {
  std::vector<std::string_view> flags = {enabled_ ? "on" : "off"};
  if (nopass_) flags.emplace_back("nopass");
  flags.emplace_back(sanitize_payload_ ? "sanitize-payload" : "skip-sanitize-payload");
  return flags;
}

std::string AclUser::Rules() const {
  std::string text;
  for (const std::string_view flag : Flags()) text.append(flag).append(" ");
  for (const std::string& hash : password_hashes_) text.append("#").append(hash).append(" ");
  text += selectors_.front().Rules();
  for (size_t i = 1; i < selectors_.size(); ++i) text.append(" (" + selectors_[i].Rules() + ")");
  return text;
}

AclRules JoinSelectors(Argv words) {
  AclRules out;
  std::string selector;
  for (const std::string_view word : words) {
    if (!selector.empty()) {
      selector.append(" ").append(word);
    } else if (word.starts_with('(') && !word.ends_with(')')) {
      out.unmatched = selector = word;
    } else {
      out.rules.emplace_back(word);
      continue;
    }
    if (word.ends_with(')')) {
      out.rules.push_back(std::exchange(selector, {}));
      out.unmatched.clear();
    }
  }
  return out;
}

}  // namespace torc
