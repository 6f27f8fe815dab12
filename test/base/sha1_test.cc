#include "base/sha1.h"

#include <doctest/doctest.h>

#include <string>

namespace torc {
namespace {

std::string Hex(std::string_view bytes) {
  const auto digest = Sha1Hex(bytes);
  return {digest.begin(), digest.end()};
}

TEST_CASE("SHA-1 of the standard's examples and of every length around a block's end") {
  CHECK(Hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(Hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  CHECK(Hex(std::string(1000000, 'a')) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  CHECK(Hex(std::string(55, 'x')) == "cef734ba81a024479e09eb5a75b6ddae62e6abf1");
  CHECK(Hex(std::string(56, 'x')) == "901305367c259952f4e7af8323f480d59f81335b");
  CHECK(Hex(std::string(63, 'x')) == "0ddc4e0cccd9a12850deb5abb0853a4425559fec");
  CHECK(Hex(std::string(64, 'x')) == "bb2fa3ee7afb9f54c6dfb5d021f14b1ffe40c163");
}

}  // namespace
}  // namespace torc
