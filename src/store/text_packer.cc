#include "store/text_packer.h"

#include <lz4.h>
#include <zstd.h>

#include <cstring>

#include "base/check.h"

namespace torc {
namespace {

constexpr size_t kHeadBytes = 5;
// Zstandard's fastest level that packs well; measured in utils/bench/COMPRESSION.md.
constexpr int kZstdLevel = 1;

}  // namespace

struct TextPacker::Zstd {
  Zstd() : context(ZSTD_createCCtx()) { TORC_CHECK(context != nullptr, "a context fits"); }
  ~Zstd() { ZSTD_freeCCtx(context); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;
  ZSTD_CCtx* context;
};

TextPacker::TextPacker() = default;
TextPacker::~TextPacker() = default;

// Answers 0 if it does not fit into `bytes_max`.
size_t TextPacker::PackBody(PackingKind kind, std::string_view text, char* to, size_t bytes_max) {
  if (kind == PackingKind::kLz4) {
    const int bytes = LZ4_compress_default(text.data(), to, static_cast<int>(text.size()),
                                           static_cast<int>(bytes_max));
    return bytes > 0 ? static_cast<size_t>(bytes) : 0;
  }
  if (zstd_ == nullptr) zstd_ = std::make_unique<Zstd>();
  const size_t bytes =
      ZSTD_compressCCtx(zstd_->context, to, bytes_max, text.data(), text.size(), kZstdLevel);
  return ZSTD_isError(bytes) != 0 ? 0 : bytes;
}

std::string_view TextPacker::Pack(PackingKind kind, std::string_view text) {
  constexpr size_t kScratchKeptBytes = size_t{64} << 10;
  const size_t worth_bytes = text.size() - text.size() / 8;
  if (worth_bytes <= kHeadBytes || text.size() > UINT32_MAX) return {};
  if (scratch_.capacity() > kScratchKeptBytes) scratch_ = std::string();
  scratch_.resize(worth_bytes);
  const auto text_bytes = static_cast<uint32_t>(text.size());
  std::memcpy(scratch_.data(), &text_bytes, sizeof(text_bytes));
  scratch_[kHeadBytes - 1] = static_cast<char>(kind);
  const size_t bytes = PackBody(kind, text, scratch_.data() + kHeadBytes, worth_bytes - kHeadBytes);
  if (bytes == 0) return {};
  return {scratch_.data(), kHeadBytes + bytes};
}

size_t TextPacker::TextBytes(std::string_view packed) {
  uint32_t text_bytes;
  std::memcpy(&text_bytes, packed.data(), sizeof(text_bytes));
  return text_bytes;
}

void TextPacker::Unpack(std::string_view packed, char* to) {
  const size_t text_bytes = TextBytes(packed);
  const auto kind = static_cast<PackingKind>(packed[kHeadBytes - 1]);
  packed.remove_prefix(kHeadBytes);
  size_t bytes = 0;
  if (kind == PackingKind::kLz4) {
    bytes = static_cast<size_t>(LZ4_decompress_safe(
        packed.data(), to, static_cast<int>(packed.size()), static_cast<int>(text_bytes)));
  } else {
    bytes = ZSTD_decompress(to, text_bytes, packed.data(), packed.size());
  }
  TORC_CHECK(bytes == text_bytes, "what was packed here is unpacked here");
}

}  // namespace torc
