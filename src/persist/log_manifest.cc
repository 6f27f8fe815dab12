#include "persist/log_manifest.h"

#include <algorithm>
#include <utility>

#include "base/config_words.h"
#include "base/crc.h"
#include "base/text.h"

namespace torc {
namespace {

constexpr std::string_view kChecksumTag = "#TORC:M ";
constexpr size_t kLineBytesMax = 1024;
constexpr size_t kManifestBytesMax = size_t{16} << 20;

void AppendLine(std::string* out, const LogFileEntry& entry, char type) {
  *out += "file " + QuoteConfigWordIfNeeded(entry.name);
  *out += Format(" seq %llu type %c\n", static_cast<unsigned long long>(entry.sequence), type);
}

Status Bad(size_t line, const char* what) {
  return Status::Corruption(Format("Invalid AOF manifest file format: line %zu: %s", line, what));
}

// A name of a file in the directory, and nothing that leads out of it.
bool IsFileName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

struct ParsedLine {
  LogFileEntry entry;
  char type = 0;
};

std::optional<ParsedLine> ParseLine(std::string_view line) {
  const auto words = SplitConfigLine(line);
  if (!words || words->size() < 6 || words->size() % 2 != 0) return std::nullopt;
  ParsedLine parsed;
  bool has_sequence = false;
  for (size_t i = 0; i < words->size(); i += 2) {
    const std::string& name = (*words)[i];
    const std::string& value = (*words)[i + 1];
    if (EqualsIgnoreCase(name, "file")) {
      if (!parsed.entry.name.empty() || !IsFileName(value)) return std::nullopt;
      parsed.entry.name = value;
    } else if (EqualsIgnoreCase(name, "seq")) {
      const auto sequence = ParseUint64(value);
      if (has_sequence || !sequence || *sequence == 0) return std::nullopt;
      parsed.entry.sequence = *sequence;
      has_sequence = true;
    } else if (EqualsIgnoreCase(name, "type")) {
      if (parsed.type != 0 || value.size() != 1) return std::nullopt;
      parsed.type = value[0];
    }
  }
  if (parsed.entry.name.empty() || !has_sequence || parsed.type == 0) return std::nullopt;
  // A name of bytes that we would have to escape may not fit when we write the line again.
  std::string written;
  AppendLine(&written, parsed.entry, parsed.type);
  if (written.size() > kLineBytesMax) return std::nullopt;
  return parsed;
}

Status Add(LogManifest* manifest, ParsedLine parsed, size_t line) {
  switch (parsed.type) {
    case 'b':
      if (manifest->base) return Bad(line, "a second base file");
      manifest->base = std::move(parsed.entry);
      return Status::Ok();
    case 'h':
      manifest->history.push_back(std::move(parsed.entry));
      return Status::Ok();
    case 'i':
      if (parsed.entry.sequence <= manifest->LastIncrement()) {
        return Bad(line, "increments are not in ascending order");
      }
      manifest->increments.push_back(std::move(parsed.entry));
      return Status::Ok();
    default:
      return Bad(line, "unknown type of file");
  }
}

std::string ChecksumLine(std::string_view before) {
  const uint32_t crc = Crc32c(Crc32c(0, before), kChecksumTag);
  return std::string(kChecksumTag) + Format("%08x\n", crc);
}

}  // namespace

void LogManifest::ReplaceBase(LogFileEntry new_base, uint64_t first_kept) {
  if (base) history.push_back(std::move(*base));
  base = std::move(new_base);
  const auto kept = std::ranges::find_if(
      increments, [&](const LogFileEntry& entry) { return entry.sequence >= first_kept; });
  history.insert(history.end(), std::make_move_iterator(increments.begin()),
                 std::make_move_iterator(kept));
  increments.erase(increments.begin(), kept);
}

std::string BaseFileName(std::string_view stem, uint64_t sequence, BaseForm form) {
  return std::string(stem) + Format(".%llu.base.%s", static_cast<unsigned long long>(sequence),
                                    form == BaseForm::kSnapshot ? "rdb" : "aof");
}

std::string IncrementFileName(std::string_view stem, uint64_t sequence) {
  return std::string(stem) + Format(".%llu.incr.aof", static_cast<unsigned long long>(sequence));
}

std::string ManifestFileName(std::string_view stem) {
  return std::string(stem) + ".manifest";
}

std::string FormatManifest(const LogManifest& manifest) {
  std::string text;
  if (manifest.base) AppendLine(&text, *manifest.base, 'b');
  for (const LogFileEntry& entry : manifest.history) AppendLine(&text, entry, 'h');
  for (const LogFileEntry& entry : manifest.increments) AppendLine(&text, entry, 'i');
  return text + ChecksumLine(text);
}

StatusOr<LogManifest> ParseManifest(std::string_view text) {
  if (text.empty()) return Status::Corruption("Found an empty AOF manifest");
  if (text.size() > kManifestBytesMax) return Bad(1, "the file is far too large");
  LogManifest manifest;
  size_t number = 0;
  for (size_t at = 0; at < text.size();) {
    ++number;
    const size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return Bad(number, "it has no end");
    if (end - at > kLineBytesMax) return Bad(number, "it is too long");
    const std::string_view line = text.substr(at, end - at);
    if (line.starts_with('#')) {
      if (text.substr(at) != ChecksumLine(text.substr(0, at))) {
        return Bad(number, "the checksum does not fit");
      }
      break;
    }
    auto parsed = ParseLine(line);
    if (!parsed) return Bad(number, "it is not of the form: file NAME seq NUMBER type b|h|i");
    TORC_RETURN_IF_ERROR(Add(&manifest, std::move(*parsed), number));
    at = end + 1;
  }
  return manifest;
}

bool HasManifestChecksum(std::string_view text) {
  return text.find("\n#TORC:M ") != std::string_view::npos || StartsWith(text, kChecksumTag);
}

}  // namespace torc
