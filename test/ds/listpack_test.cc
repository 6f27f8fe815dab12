#include "ds/listpack.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace torc {
namespace {

std::string Packed(std::string_view text) {
  const PackedForm form(text);
  std::string bytes(form.size_bytes(), '\0');
  form.Write(bytes.data());
  return bytes;
}

TEST_CASE("every text comes back as it was packed, and its bytes lead to both neighbours") {
  std::vector<std::string> texts = {"",
                                    "a",
                                    "0",
                                    "127",
                                    "128",
                                    "-1",
                                    "4095",
                                    "4096",
                                    "-4096",
                                    "-4097",
                                    "32767",
                                    "32768",
                                    "-32768",
                                    "-32769",
                                    "8388607",
                                    "8388608",
                                    "-8388608",
                                    "-8388609",
                                    "2147483647",
                                    "2147483648",
                                    "-2147483649",
                                    "9223372036854775807",
                                    "-9223372036854775808",
                                    "9223372036854775808",
                                    "-0",
                                    "007",
                                    "+1",
                                    " 1",
                                    "1.5"};
  for (const size_t size : {62U, 63U, 64U, 125U, 126U, 127U, 4095U, 4096U, 16377U, 16378U, 16379U,
                            70000U, 2097146U, 2097147U}) {
    texts.emplace_back(size, 'x');
  }
  std::string sequence;
  for (const std::string& text : texts) sequence += Packed(text);
  const char* at = sequence.data();
  for (const std::string& text : texts) {
    CAPTURE(text.substr(0, 30));
    CAPTURE(text.size());
    CHECK(PackedForm(text).IsAt(at, sequence.data() + sequence.size()));
    CHECK_FALSE(PackedForm(text + "y").IsAt(at, sequence.data() + sequence.size()));
    CHECK(PackedText(ReadPacked(at)).view() == text);
    at = NextPacked(at);
  }
  CHECK(at == sequence.data() + sequence.size());
  for (size_t i = texts.size(); i-- > 0;) {
    at = PrevPacked(at);
    CHECK(PackedText(ReadPacked(at)).view() == texts[i]);
  }
  CHECK(at == sequence.data());
}

TEST_CASE("elements have the bytes that Redis's format gives them") {
  CHECK(Packed("5") == std::string("\x05\x01", 2));
  CHECK(Packed("-1") == std::string("\xdf\xff\x02", 3));
  CHECK(Packed("300") == std::string("\xc1\x2c\x02", 3));
  CHECK(Packed("5000") == std::string("\xf1\x88\x13\x03", 4));
  CHECK(Packed("abc") == std::string("\x83"
                                     "abc\x04",
                                     5));
  CHECK(Packed("-8388608") == std::string("\xf2\x00\x00\x80\x04", 5));
}

}  // namespace
}  // namespace torc
