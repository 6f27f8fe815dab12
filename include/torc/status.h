#pragma once

// Status and StatusOr<T>: how Torc reports what the world did wrong (disk, peer bytes,
// configuration). Not for a client's mistakes: those are RESP error replies. Not for our own bugs:
// those are TORC_CHECK.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace torc {

enum class StatusCode : uint8_t {
  kOk,
  kInvalidArgument,    // the caller's or the operator's input is wrong
  kNotFound,           // the named thing does not exist
  kAlreadyExists,      // it exists and must not
  kOutOfRange,         // past an end or a limit
  kCorruption,         // bytes on disk or wire are not what they must be
  kIoError,            // the operating system said no
  kUnavailable,        // may work later
  kResourceExhausted,  // a named limit is reached
};

// Ok, or a code and a message for a person. Cheap to return when ok (no allocation).
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  static Status Ok() { return {}; }
  static Status InvalidArgument(std::string m) {
    return {StatusCode::kInvalidArgument, std::move(m)};
  }
  static Status NotFound(std::string m) { return {StatusCode::kNotFound, std::move(m)}; }
  static Status AlreadyExists(std::string m) { return {StatusCode::kAlreadyExists, std::move(m)}; }
  static Status OutOfRange(std::string m) { return {StatusCode::kOutOfRange, std::move(m)}; }
  static Status Corruption(std::string m) { return {StatusCode::kCorruption, std::move(m)}; }
  static Status IoError(std::string m) { return {StatusCode::kIoError, std::move(m)}; }
  static Status Unavailable(std::string m) { return {StatusCode::kUnavailable, std::move(m)}; }
  static Status ResourceExhausted(std::string m) {
    return {StatusCode::kResourceExhausted, std::move(m)};
  }

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same error with `context` and ": " before its message; Ok stays Ok.
  Status WithContext(std::string_view context) && {
    if (!ok()) message_.insert(0, std::string(context) + ": ");
    return std::move(*this);
  }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

// A T, or the Status that says why there is none. value() may be called only when ok().
template <typename T>
class [[nodiscard]] StatusOr {
 public:
  StatusOr(Status status) : status_(std::move(status)) {}  // NOLINT: implicit by design
  StatusOr(T value) : value_(std::move(value)) {}          // NOLINT: implicit by design

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return std::move(*value_); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace torc

// Returns the Status of `expr` from the enclosing function unless it is ok.
#define TORC_RETURN_IF_ERROR(expr)                                  \
  do {                                                              \
    if (::torc::Status torc_status_ = (expr); !torc_status_.ok()) { \
      return torc_status_;                                          \
    }                                                               \
  } while (false)
