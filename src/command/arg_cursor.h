#pragma once

// Reads a command's arguments from left to right. The first error is latched and reported once, by
// Done: a handler reads all it wants, asks Done, and only then acts.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/text.h"
#include "resp/errors.h"
#include "resp/reply_writer.h"

namespace torc {

using Argv = std::span<const std::string_view>;

class ArgCursor {
 public:
  // `at` is the first argument behind the command's name.
  ArgCursor(Argv argv, size_t at) : argv_(argv), at_(at) {}

  bool AtEnd() const { return at_ >= argv_.size(); }
  size_t remaining() const { return argv_.size() - at_; }
  // The next argument; the arity check, or AtEnd, has made sure that there is one.
  std::string_view Next() {
    if (AtEnd()) {
      Fail(errors::kSyntax);
      return {};
    }
    return argv_[at_++];
  }
  std::string_view Key() { return Next(); }
  std::string_view Peek() const { return AtEnd() ? std::string_view() : argv_[at_]; }
  // All arguments that are left.
  Argv Rest() {
    const Argv rest = argv_.subspan(at_);
    at_ = argv_.size();
    return rest;
  }
  // Takes the next argument if it is this word, in any case.
  bool Take(std::string_view word) {
    if (AtEnd() || !EqualsIgnoreCase(argv_[at_], word)) return false;
    ++at_;
    return true;
  }
  // The same, but only if at least `values` more arguments follow the word.
  bool TakeWith(std::string_view word, size_t values) { return remaining() > values && Take(word); }
  int64_t Integer(std::string_view error = errors::kNotInteger) {
    const auto value = ParseInt64(Next());
    if (!value) Fail(error);
    return value.value_or(0);
  }
  // An integer within [low, high]; otherwise `error`.
  int64_t IntegerIn(int64_t low, int64_t high, std::string_view error) {
    const int64_t value = Integer(error);
    if (ok() && (value < low || value > high)) Fail(error);
    return value;
  }
  // An integer as C's int: what database numbers are.
  int64_t Int32() {
    const int64_t value = Integer();
    if (ok() && value != static_cast<int32_t>(value)) Fail(errors::kNotInt32);
    return value;
  }
  double Double(std::string_view error = errors::kNotFloat) {
    const auto value = ParseDouble(Next());
    if (!value) Fail(error);
    return value.value_or(0);
  }
  // Latches an error text (with its code word); the first one stays. The text is copied.
  void Fail(std::string_view error) {
    if (error_.empty()) error_ = error;
  }
  void FailSyntax() { Fail(errors::kSyntax); }

  bool ok() const { return error_.empty(); }
  std::string_view error() const { return error_; }
  // True if all arguments were read without an error; otherwise replies the error.
  bool Done(ReplyWriter& reply) {
    if (ok() && !AtEnd()) FailSyntax();
    if (!ok()) reply.Error(error_);
    return ok();
  }

 private:
  Argv argv_;
  size_t at_;
  std::string error_;
};

}  // namespace torc
