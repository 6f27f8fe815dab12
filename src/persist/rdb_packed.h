#pragma once

// Redis's packed collections as they stand in RDB strings: listpacks, and, in files of older
// versions, ziplists, zipmaps and intsets. Cursors read them from first to last; builders write
// listpacks and intsets. Layouts: persist/RDB_FORMAT.md.
//
// Cursors take any bytes: they never pass the end, and a broken collection makes Next return false
// with ok() false. Use:
//
//   ListpackCursor cursor(reader.String());
//   std::string field;                          // a text dies at the next Next
//   PackedItem item;
//   while (cursor.Next(&item)) …item.text()…
//   if (!cursor.ok()) reader.Fail("a hash's listpack is damaged");
//
// or AllTexts(&cursor, visit) where every item is wanted as text.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"

namespace torc {

// An element: a text, or a number that stands for its decimal text.
class PackedItem {
 public:
  bool is_number() const { return is_number_; }
  // Only of a number.
  int64_t number() const { return number_; }
  // Of either kind. Lives as long as this item and the bytes it came from, until the next Next.
  std::string_view text() const { return is_number_ ? digits_->view() : text_; }

  void SetText(std::string_view text) {
    is_number_ = false;
    text_ = text;
  }
  void SetNumber(int64_t number) {
    is_number_ = true;
    number_ = number;
    digits_.emplace(number);
  }

 private:
  bool is_number_ = false;
  int64_t number_ = 0;
  std::string_view text_;
  std::optional<DecimalText> digits_;
};

// What the cursors share: the rest of the bytes and whether all was well so far.
class PackedCursor {
 public:
  // False after a damaged item, or when the end came too early.
  bool ok() const { return ok_; }

 protected:
  explicit PackedCursor(std::string_view rest) : rest_(rest) {}
  bool Break() {
    ok_ = false;
    return false;
  }
  // The next bytes, if there are so many.
  std::optional<std::string_view> Take(uint64_t size_bytes);
  // A little-endian two's complement number of 1 to 8 bytes.
  std::optional<int64_t> TakeNumber(size_t size_bytes);
  std::optional<uint8_t> TakeByte();

  std::string_view rest_;
  bool ok_ = true;
};

class ListpackCursor : public PackedCursor {
 public:
  explicit ListpackCursor(std::string_view bytes);
  bool Next(PackedItem* item);

 private:
  bool TakeItem(uint8_t first, PackedItem* item);
  bool TakeText(uint64_t size_bytes, PackedItem* item);
  bool TakeInteger(size_t size_bytes, PackedItem* item);
};

class ZiplistCursor : public PackedCursor {
 public:
  explicit ZiplistCursor(std::string_view bytes);
  bool Next(PackedItem* item);

 private:
  bool TakeItem(uint8_t first, PackedItem* item);
};

// Fields and values in turn.
class ZipmapCursor : public PackedCursor {
 public:
  explicit ZipmapCursor(std::string_view bytes);
  bool Next(PackedItem* item);

 private:
  std::optional<uint64_t> TakeLength(uint8_t first);
  bool at_value_ = false;
};

class IntsetCursor : public PackedCursor {
 public:
  explicit IntsetCursor(std::string_view bytes);
  bool Next(PackedItem* item);
  // How many there are in all.
  uint32_t count() const { return count_; }

 private:
  size_t number_bytes_ = 0;
  uint32_t count_ = 0;
};

// Calls visit(std::string_view) for each item; false if the collection is damaged.
template <class Cursor, class Visit>
bool AllTexts(Cursor&& cursor, Visit&& visit) {
  PackedItem item;
  while (cursor.Next(&item)) visit(item.text());
  return cursor.ok();
}

// Builds a listpack. Texts that are integers in canonical form become numbers, as Redis does.
class ListpackBuilder {
 public:
  ListpackBuilder();
  void Add(std::string_view text);
  void AddNumber(int64_t number);
  uint32_t count() const { return count_; }
  // So far, with the end.
  size_t size_bytes() const { return bytes_.size() + 1; }
  // The whole; lives until the next call. Afterwards only Clear.
  std::string_view Finish();
  void Clear();

 private:
  void EndItem(size_t from);
  std::string bytes_;
  uint32_t count_ = 0;
};

// Builds an intset from numbers in ascending order. `number_bytes` is 2, 4 or 8: IntsetNumberBytes
// of the lowest and the highest.
class IntsetBuilder {
 public:
  explicit IntsetBuilder(size_t number_bytes);
  void Add(int64_t number);
  std::string_view Finish();

 private:
  std::string bytes_;
  size_t number_bytes_;
  uint32_t count_ = 0;
};
size_t IntsetNumberBytes(int64_t lowest, int64_t highest);

}  // namespace torc
