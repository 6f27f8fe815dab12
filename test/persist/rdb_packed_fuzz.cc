// Any bytes as each packed collection: cursors end, stay within their bytes, and what a listpack
// gave back makes a listpack that gives the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "persist/rdb_packed.h"

namespace {

template <class Cursor>
std::vector<std::string> Read(std::string_view bytes, bool* ok) {
  std::vector<std::string> texts;
  size_t text_bytes = 0;
  *ok = torc::AllTexts(Cursor(bytes), [&](std::string_view text) {
    texts.emplace_back(text);
    text_bytes += text.size();
  });
  TORC_CHECK(texts.size() <= bytes.size(), "an item takes a byte");
  TORC_CHECK(text_bytes <= 20 * bytes.size(), "no item is longer than its bytes can tell");
  return texts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size_bytes);
  bool ok = false;
  Read<torc::ZiplistCursor>(bytes, &ok);
  Read<torc::ZipmapCursor>(bytes, &ok);
  Read<torc::IntsetCursor>(bytes, &ok);
  const std::vector<std::string> texts = Read<torc::ListpackCursor>(bytes, &ok);
  torc::ListpackBuilder builder;
  for (const std::string& text : texts) builder.Add(text);
  const std::string again(builder.Finish());
  TORC_CHECK(Read<torc::ListpackCursor>(again, &ok) == texts, "a listpack holds what was added");
  TORC_CHECK(ok, "what was built is whole");
  return 0;
}
