#include "types/string/string.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/check.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/share_count.h"
#include "persist/rdb_format.h"
#include "persist/rdb_writer.h"

namespace torc {
namespace {

// A large string outside its entry. A snapshot that holds it and copies of a very long one have
// references of their own; who writes to one with several references copies it first.
struct Blob {
  size_t size_bytes;
  uint32_t capacity_low;
  uint16_t capacity_high;
  uint16_t refs;
  size_t capacity_bytes() const { return size_t{capacity_high} << 32 | capacity_low; }
  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
};

static_assert(sizeof(Blob) == 16);

// Copies of strings from here on share the bytes, until one of them is written. A few references
// are left for snapshots.
constexpr size_t kSharedCopyBytesMin = size_t{256} << 10;
constexpr uint16_t kCopiesMax = 60000;

void SetCapacity(Blob* blob, size_t allocated_bytes) {
  const size_t capacity_bytes = allocated_bytes - sizeof(Blob);
  blob->capacity_low = static_cast<uint32_t>(capacity_bytes);
  blob->capacity_high = static_cast<uint16_t>(capacity_bytes >> 32);
}

enum class Content : uint8_t { kUnknown, kZeros };

Blob* NewBlob(size_t size_bytes, size_t capacity_bytes, Content content = Content::kUnknown) {
  const size_t total = AllocationSize(sizeof(Blob) + capacity_bytes);
  auto* blob =
      static_cast<Blob*>(content == Content::kZeros ? AllocateZeroed(total) : Allocate(total));
  blob->size_bytes = size_bytes;
  SetCapacity(blob, total);
  blob->refs = 1;
  return blob;
}

void Unref(Blob* blob) {
  if (ShareCount::Drop(blob->refs)) Free(blob);
}

size_t CapacityToGrow(size_t size_bytes) {
  return size_bytes + std::min(size_bytes, kBlobSlackBytesMax);
}

Blob* BlobOf(const Entry& entry) {
  return static_cast<Blob*>(entry.value_box());
}

StringEncoding EncodingOf(const Entry& entry) {
  return static_cast<StringEncoding>(entry.encoding());
}

int64_t LoadInt(const Entry& entry) {
  int64_t value;
  std::memcpy(&value, entry.inline_value().data(), sizeof(value));
  return value;
}

void StoreInt(Entry* entry, int64_t value) {
  std::memcpy(entry->mutable_inline_value(), &value, sizeof(value));
}

// The bytes as they lie there: of a packed text, the packed ones.
std::string_view RawText(const Entry& entry) {
  if (!entry.boxed()) return entry.inline_value();
  const Blob* blob = BlobOf(entry);
  return {blob->data(), blob->size_bytes};
}

uint32_t ClockFor(const StringPlace& place) {
  const AccessClock& clock = place.keyspace->access_clock();
  return place.found ? clock.Rewritten(*place.found.entry) : clock.Fresh();
}

// An existing unboxed entry takes the new inline value where it lies, if shape and size class
// allow.
bool AssignInPlace(const StringPlace& place, std::string_view bytes, StringEncoding encoding,
                   int64_t expiry_ms) {
  Entry* entry = place.found.entry;
  if (entry == nullptr || entry->boxed() || entry->type() != ValueType::kString ||
      entry->has_expiry() != (expiry_ms != Entry::kNoExpiry)) {
    return false;
  }
  place.keyspace->BeforeWrite(place.db, entry);
  if (!entry->ResizeInline(bytes.size())) return false;
  if (entry->has_expiry()) place.keyspace->SetExpiry(place.db, place.key, place.found, expiry_ms);
  entry->set_encoding(static_cast<uint8_t>(encoding));
  if (!bytes.empty()) std::memcpy(entry->mutable_inline_value(), bytes.data(), bytes.size());
  entry->set_clock(ClockFor(place));
  return true;
}

Entry* PutInline(const StringPlace& place, std::string_view bytes, StringEncoding encoding,
                 int64_t expiry_ms) {
  if (AssignInPlace(place, bytes, encoding, expiry_ms)) return place.found.entry;
  Entry* entry = place.keyspace->Put(place.db, place.key, place.found,
                                     {.encoding = static_cast<uint8_t>(encoding),
                                      .inline_bytes = bytes.size(),
                                      .expiry_ms = expiry_ms,
                                      .clock = ClockFor(place)});
  if (!bytes.empty()) std::memcpy(entry->mutable_inline_value(), bytes.data(), bytes.size());
  return entry;
}

Entry* PutBlob(const StringPlace& place, Blob* blob, StringEncoding encoding, int64_t expiry_ms) {
  Entry* entry = place.keyspace->Put(place.db, place.key, place.found,
                                     {.encoding = static_cast<uint8_t>(encoding),
                                      .boxed = true,
                                      .inline_bytes = sizeof(void*),
                                      .expiry_ms = expiry_ms,
                                      .clock = ClockFor(place)});
  entry->set_value_box(blob);
  return entry;
}

// The blob of a boxed entry, which nobody else reads any more.
Blob* OwnBlob(Entry* entry) {
  Blob* const shared = BlobOf(*entry);
  if (ShareCount::IsOne(shared->refs)) return shared;
  Blob* const own = NewBlob(shared->size_bytes, shared->capacity_bytes());
  std::memcpy(own->data(), shared->data(), shared->size_bytes);
  Unref(shared);
  entry->set_value_box(own);
  return own;
}

// Room for `size_bytes` bytes in the blob of a boxed entry, with slack for the next growth.
Blob* GrowBlob(Entry* entry, size_t size_bytes) {
  Blob* blob = OwnBlob(entry);
  if (size_bytes <= blob->capacity_bytes()) return blob;
  const size_t total = AllocationSize(sizeof(Blob) + CapacityToGrow(size_bytes));
  blob = static_cast<Blob*>(Reallocate(blob, total));
  SetCapacity(blob, total);
  entry->set_value_box(blob);
  return blob;
}

// So far that fresh zeros are cheaper than clearing what a longer block has behind the old bytes.
bool GrowsFar(const Entry* entry, size_t size_bytes) {
  const Blob* blob = BlobOf(*entry);
  return size_bytes > blob->capacity_bytes() && size_bytes / 2 > blob->size_bytes;
}

char* Lengthen(Entry* entry, size_t size_bytes) {
  Blob* const old = BlobOf(*entry);
  Blob* const longer = NewBlob(size_bytes, CapacityToGrow(size_bytes), Content::kZeros);
  std::memcpy(longer->data(), old->data(), old->size_bytes);
  entry->set_value_box(longer);
  Unref(old);
  return longer->data();
}

}  // namespace

StringView::StringView(const Entry& entry) {
  if (EncodingOf(entry) == StringEncoding::kInt) {
    digits_.emplace(LoadInt(entry));
    text_ = digits_->view();
    return;
  }
  text_ = RawText(entry);
  if (EncodingOf(entry) != StringEncoding::kPacked) [[likely]]
    return;
  const size_t text_bytes = TextPacker::TextBytes(text_);
  unpacked_ = std::make_unique_for_overwrite<char[]>(text_bytes);
  TextPacker::Unpack(text_, unpacked_.get());
  text_ = {unpacked_.get(), text_bytes};
}

std::optional<int64_t> IntegerOf(const Entry& entry) {
  if (EncodingOf(entry) == StringEncoding::kInt) return LoadInt(entry);
  if (EncodingOf(entry) == StringEncoding::kPacked) return std::nullopt;  // too long for a number
  return ParseInt64(RawText(entry));
}

size_t StringBytes(const Entry& entry) {
  if (EncodingOf(entry) == StringEncoding::kInt) return StringView(entry).text().size();
  const std::string_view bytes = RawText(entry);
  return EncodingOf(entry) == StringEncoding::kPacked ? TextPacker::TextBytes(bytes) : bytes.size();
}

Entry* SetString(const StringPlace& place, std::string_view text, int64_t expiry_ms,
                 StringForm form) {
  if (form != StringForm::kRaw) {
    constexpr size_t kDigitsMax = 20;
    if (form == StringForm::kAsSet && text.size() <= kDigitsMax) {
      if (const auto value = ParseInt64(text)) return SetInteger(place, *value, expiry_ms);
    }
    if (text.size() <= kEmbstrBytesMax) {
      return PutInline(place, text, StringEncoding::kEmbstr, expiry_ms);
    }
  }
  StringEncoding encoding = StringEncoding::kRaw;
  const ValueLimits& limits = place.keyspace->options().limits;
  if (TextPacker::Wants(limits, text.size()) && form != StringForm::kRaw) [[unlikely]] {
    const std::string_view packed = place.keyspace->packer().Pack(limits.packing, text);
    if (!packed.empty()) {
      text = packed;
      encoding = StringEncoding::kPacked;
    }
  }
  if (text.size() <= Entry::kInlineBytesMax) return PutInline(place, text, encoding, expiry_ms);
  return PutBlob(place, static_cast<Blob*>(NewStringBox(text)), encoding, expiry_ms);
}

void* NewStringBox(std::string_view bytes) {
  Blob* blob = NewBlob(bytes.size(), bytes.size());
  std::memcpy(blob->data(), bytes.data(), bytes.size());
  return blob;
}

Entry* SetInteger(const StringPlace& place, int64_t value, int64_t expiry_ms) {
  Entry* entry = place.found.entry;
  if (entry != nullptr && entry->type() == ValueType::kString && !entry->boxed() &&
      EncodingOf(*entry) == StringEncoding::kInt && entry->expiry_ms() == expiry_ms) {
    place.keyspace->BeforeWrite(place.db, entry);
    StoreInt(entry, value);
    entry->set_clock(ClockFor(place));
    return entry;
  }
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  return PutInline(place, {bytes, sizeof(bytes)}, StringEncoding::kInt, expiry_ms);
}

void* NewZeroStringBox(size_t size_bytes, size_t capacity_bytes) {
  return NewBlob(size_bytes, capacity_bytes, Content::kZeros);
}

char* StringBoxBytes(void* box) {
  return static_cast<Blob*>(box)->data();
}

bool ResizeCopies(const Entry& entry, size_t size_bytes) {
  if (!entry.boxed() || EncodingOf(entry) == StringEncoding::kPacked) return false;
  const Blob* blob = BlobOf(entry);
  return size_bytes > blob->capacity_bytes() || !ShareCount::IsOne(blob->refs);
}

char* ResizeString(const StringPlace& place, size_t size_bytes) {
  Entry* entry = place.found.entry;
  TORC_DCHECK(entry != nullptr, "only an existing string is resized");
  place.keyspace->BeforeWrite(place.db, entry);
  if (entry->boxed() && EncodingOf(*entry) != StringEncoding::kPacked) {
    if (GrowsFar(entry, size_bytes)) return Lengthen(entry, size_bytes);
    Blob* blob = GrowBlob(entry, size_bytes);
    if (size_bytes > blob->size_bytes) {
      std::memset(blob->data() + blob->size_bytes, 0, size_bytes - blob->size_bytes);
    }
    blob->size_bytes = size_bytes;
    return blob->data();
  }
  const StringView old(*entry);
  const size_t kept = std::min(old.text().size(), size_bytes);
  const int64_t expiry_ms = entry->expiry_ms();
  if (size_bytes > Entry::kInlineBytesMax) {
    Blob* blob = NewBlob(size_bytes, CapacityToGrow(size_bytes), Content::kZeros);
    std::memcpy(blob->data(), old.text().data(), kept);
    PutBlob(place, blob, StringEncoding::kRaw, expiry_ms);
    return blob->data();
  }
  std::string bytes(old.text().substr(0, kept));
  bytes.resize(size_bytes, '\0');
  return PutInline(place, bytes, StringEncoding::kRaw, expiry_ms)->mutable_inline_value();
}

namespace {

std::string_view EncodingName(const Entry& entry) {
  switch (EncodingOf(entry)) {
    case StringEncoding::kInt:
      return "int";
    case StringEncoding::kEmbstr:
      return "embstr";
    case StringEncoding::kRaw:
    case StringEncoding::kPacked:
      return "raw";
  }
  return "raw";
}

void FreeValue(Entry* entry) {
  Unref(BlobOf(*entry));
}

// A blob on its way into a snapshot: as it is, since what takes so long may not be compressed.
class HeldBlob final : public HeldValue {
 public:
  explicit HeldBlob(Blob* blob) : blob_(blob) { ShareCount::Add(blob_->refs); }
  ~HeldBlob() override { Unref(blob_); }
  bool SaveSome(RdbWriter& writer, size_t bytes_max) override {
    if (written_bytes_ == 0) writer.Length(blob_->size_bytes);
    const size_t count =
        std::min(std::max<size_t>(bytes_max, 1), blob_->size_bytes - written_bytes_);
    writer.Bytes({blob_->data() + written_bytes_, count});
    written_bytes_ += count;
    return written_bytes_ < blob_->size_bytes;
  }
  // Only the pages: the block follows, and costs little then.
  bool FreeSome(size_t items_max) override {
    if (blob_->capacity_bytes() < kPurgedWhenFreedBytes || !ShareCount::IsOne(blob_->refs)) {
      return false;
    }
    const size_t count = std::min(std::min(items_max, kItemsMax) * kBytesPerItem, left_bytes_);
    left_bytes_ -= count;
    DiscardPages(blob_->data() + left_bytes_, blob_->data() + left_bytes_ + count);
    return left_bytes_ > 0;
  }

 private:
  // What takes as long to free as an element of a collection.
  static constexpr size_t kBytesPerItem = 1024;
  static constexpr size_t kItemsMax = size_t{1} << 20;

  Blob* blob_;
  size_t written_bytes_ = 0;
  size_t left_bytes_ = blob_->capacity_bytes();  // while it is being freed
};

void CopyValue(const Entry& from, Entry* to) {
  if (!from.boxed()) {
    const std::string_view bytes = from.inline_value();
    if (!bytes.empty()) std::memcpy(to->mutable_inline_value(), bytes.data(), bytes.size());
    return;
  }
  Blob* const old = BlobOf(from);
  if (old->size_bytes >= kSharedCopyBytesMin && ShareCount::Owners(old->refs) < kCopiesMax) {
    ShareCount::Add(old->refs);
    return to->set_value_box(old);
  }
  Blob* blob = NewBlob(old->size_bytes, old->size_bytes);
  std::memcpy(blob->data(), old->data(), old->size_bytes);
  to->set_value_box(blob);
}

bool Relocate(Entry* entry, BlockMover& mover, uint64_t* /*place*/, size_t /*items_max*/) {
  if (entry->boxed() && ShareCount::IsOne(BlobOf(*entry)->refs)) {
    entry->set_value_box(mover.Move(entry->value_box()));
  }
  return false;
}

size_t OutsideBytes(const Entry& entry) {
  return entry.boxed() ? sizeof(Blob) + BlobOf(entry)->capacity_bytes() : 0;
}

size_t Length(const Entry& entry) {
  (void)entry;
  return 1;
}

int64_t ReferenceCount(const Entry& entry) {
  constexpr int64_t kSharedIntegers = 10000;
  const bool shared = EncodingOf(entry) == StringEncoding::kInt && LoadInt(entry) >= 0 &&
                      LoadInt(entry) < kSharedIntegers;
  return shared ? INT32_MAX : 1;
}

uint64_t DigestValue(const Entry& entry, uint64_t seed) {
  return HashBytes(StringView(entry).text(), seed);
}

}  // namespace

std::unique_ptr<HeldValue> HoldString(const Entry& entry) {
  // A packed text is unpacked as a whole anyhow; value-compression-max-bytes bounds it.
  if (!entry.boxed() || EncodingOf(entry) == StringEncoding::kPacked ||
      BlobOf(entry)->size_bytes <= RdbWriter::kCompressedBytesMax) {
    return nullptr;
  }
  return std::make_unique<HeldBlob>(BlobOf(entry));
}

const TypeOps kStringType = {.name = "string",
                             .encoding = EncodingName,
                             .free_value = FreeValue,
                             .copy_value = CopyValue,
                             .outside_bytes = OutsideBytes,
                             .length = Length,
                             .reference_count = ReferenceCount,
                             .digest = DigestValue,
                             .relocate = Relocate,
                             .rdb_types = RdbTypes({RdbType::kString}),
                             .rdb_type = StringRdbType,
                             .save = SaveString,
                             .load = LoadString,
                             .hold = HoldString,
                             .rebuild = RebuildString};

}  // namespace torc
