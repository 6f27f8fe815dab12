#pragma once

// Shared<T>: a counted reference to a value that is copied when one of its users writes it. T is
// made of parts that are cheap to copy: trees and other Shared.

#include <cstdint>
#include <utility>

#include "base/share_count.h"

namespace torc {

template <class T>
class Shared {
 public:
  // A value of its own.
  template <class... Args>
  static Shared Make(Args&&... args) {
    return Shared(new Box{1, T(std::forward<Args>(args)...)});
  }
  Shared() = default;
  Shared(const Shared& other) : box_(other.box_) {
    if (box_ != nullptr) ShareCount::Add(box_->refs);
  }
  Shared(Shared&& other) noexcept : box_(std::exchange(other.box_, nullptr)) {}
  Shared& operator=(Shared other) noexcept {
    std::swap(box_, other.box_);
    return *this;
  }
  ~Shared() {
    if (box_ != nullptr && ShareCount::Drop(box_->refs)) delete box_;
  }

  explicit operator bool() const { return box_ != nullptr; }
  const T& operator*() const { return box_->value; }
  const T* operator->() const { return &box_->value; }
  // The value to write: a copy, if others use it.
  T& Write() {
    if (!ShareCount::IsOne(box_->refs)) *this = Make(std::as_const(box_->value));
    return box_->value;
  }
  static constexpr size_t kBytes = sizeof(uint64_t) + sizeof(T);

 private:
  struct Box {
    uint64_t refs;
    T value;
  };
  explicit Shared(Box* box) : box_(box) {}
  Box* box_ = nullptr;
};

}  // namespace torc
