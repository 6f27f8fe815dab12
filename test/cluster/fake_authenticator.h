#pragma once

// A keyed tag for tests: as good as any against damage, none against an enemy.

#include <string>

#include "base/bytes.h"
#include "base/hash.h"
#include "cluster/wire_frame.h"

namespace torc {

class FakeAuthenticator : public FrameAuthenticator {
 public:
  explicit FakeAuthenticator(uint64_t key) : key_(key) {}
  size_t tag_bytes() const override { return 16; }
  void Sign(std::string_view bytes, std::span<char> tag) const override {
    StoreLe(tag.data(), HashBytes(bytes, key_));
    StoreLe(tag.data() + 8, HashBytes(bytes, ~key_));
  }

 private:
  uint64_t key_;
};

}  // namespace torc
