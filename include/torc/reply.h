#pragma once

// Reply: a RESP value as a tree, for embedders and tests. The server sends bytes instead.

#include <cstdint>
#include <string>
#include <vector>

namespace torc {

struct Reply {
  enum class Kind : uint8_t {
    kSimple,
    kError,
    kInteger,
    kBulk,
    kNull,
    kArray,
    kMap,
    kSet,
    kPush,
    kDouble,
    kBool,
    kBigNumber,
    kVerbatim,
  };
  Kind kind = Kind::kNull;
  std::string text;             // simple, error (without '-'), bulk, double, big number, verbatim
  int64_t integer = 0;          // integer; bool as 0 or 1
  std::vector<Reply> elements;  // array, set, push; a map's keys and values in turn

  bool ok() const { return kind == Kind::kSimple && text == "OK"; }
  bool error() const { return kind == Kind::kError; }
};

}  // namespace torc
