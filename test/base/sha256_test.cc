#include "base/sha256.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"

namespace torc {
namespace {

std::string HexOf(std::string_view bytes) {
  const auto digest = Sha256(bytes);
  return Hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

TEST_CASE("digests are those of the standard's examples") {
  CHECK(HexOf("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(HexOf("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(HexOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(HexOf(std::string(1000000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("the padding is right at every length around a block's end") {
  // Of n times 'x', all together: one number that any slip in the padding would change.
  std::string all;
  for (size_t n = 50; n < 70; ++n) all += HexOf(std::string(n, 'x'));
  CHECK(HexOf(all) == "994282ac383aa724d2f1df4d2de2b8d8d3f25dcdd79be19edf5d03b10bd7d14f");
}

}  // namespace
}  // namespace torc
