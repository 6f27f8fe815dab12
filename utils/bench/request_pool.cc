#include "request_pool.h"

#include <algorithm>

#include "base/text.h"

namespace torc::bench {
namespace {

constexpr size_t kRequestsMin = 1024;
constexpr std::string_view kDigits = "000000000000";

void Replace(std::string& text, std::string_view token, std::string_view with) {
  for (size_t at = text.find(token); at != std::string::npos;
       at = text.find(token, at + with.size())) {
    text.replace(at, token.size(), with);
  }
}

std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  for (const std::string_view word : Split(line, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

}  // namespace

RequestPool::RequestPool(const RequestPoolOptions& options)
    : key_count_(options.key_count),
      order_(options.order),
      next_key_(options.first_key),
      rng_(options.seed) {
  std::vector<std::string_view> bag;
  for (const WeightedTemplate& entry : options.mix) bag.insert(bag.end(), entry.weight, entry.line);
  const size_t rounds = kRequestsMin / std::min(bag.size(), kRequestsMin) + 1;
  size_t requests = std::max(bag.size() * rounds, options.batch_max);
  for (size_t i = 0; i < requests; ++i) {
    if (i % bag.size() == 0) {
      for (size_t j = bag.size(); j > 1; --j) std::swap(bag[j - 1], bag[rng_.Below(j)]);
    }
    Append(bag[i % bag.size()], options.value_bytes);
  }
  request_at_.push_back(bytes_.size());
  first_digits_.push_back(digits_end_.size());
}

void RequestPool::Append(std::string_view line, size_t value_bytes) {
  request_at_.push_back(bytes_.size());
  first_digits_.push_back(digits_end_.size());
  const std::vector<std::string> words = Words(line);
  bytes_ += "*" + std::to_string(words.size()) + "\r\n";
  for (std::string word : words) {
    Replace(word, "__value__", std::string(value_bytes, 'x'));
    Replace(word, "__key__", std::string("key:").append(kDigits));
    Replace(word, "__number__", std::string(kDigits));
    Replace(word, "__ctr__", std::string("ctr:").append(kDigits));
    bytes_ += "$" + std::to_string(word.size()) + "\r\n";
    for (size_t at = word.find(kDigits); at != std::string::npos;
         at = word.find(kDigits, at + kDigits.size())) {
      digits_end_.push_back(bytes_.size() + at + kDigits.size());
    }
    bytes_ += word + "\r\n";
  }
}

bool RequestPool::WrapsAt(size_t count) const {
  return next_request_ + count > request_at_.size() - 1;
}

std::string_view RequestPool::Take(size_t count) {
  if (WrapsAt(count)) next_request_ = 0;
  const size_t first = next_request_;
  next_request_ += count;
  for (size_t i = first_digits_[first]; i < first_digits_[next_request_]; ++i) {
    WriteKey(&bytes_[digits_end_[i] - 1]);
  }
  const size_t begin = request_at_[first];
  return std::string_view(bytes_).substr(begin, request_at_[next_request_] - begin);
}

// Digits above the largest key number are zero from the start and stay so.
void RequestPool::WriteKey(char* last_digit) {
  uint64_t key = NextKey();
  for (uint64_t limit = key_count_ - 1;; limit /= 10) {
    *last_digit-- = static_cast<char>('0' + key % 10);
    key /= 10;
    if (limit < 10) return;
  }
}

uint64_t RequestPool::NextKey() {
  if (order_ == KeyOrder::kRandom) return rng_.Below(key_count_);
  const uint64_t key = next_key_;
  next_key_ = next_key_ + 1 == key_count_ ? 0 : next_key_ + 1;
  return key;
}

}  // namespace torc::bench
