#include "server/log_tool.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/crc.h"
#include "base/text.h"
#include "persist/log_directory.h"
#include "persist/log_file_reader.h"
#include "persist/log_record.h"

namespace torc {
namespace {

constexpr size_t kManifestBytesMax = size_t{16} << 20;
constexpr size_t kChunkBytes = size_t{1} << 20;
constexpr size_t kShownBytesMax = 100;

unsigned long long Wide(uint64_t value) {
  return value;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string Beginning(Disk* disk, const std::string& path) {
  auto file = disk->Open(path, Disk::Mode::kRead);
  std::array<char, 5> bytes{};
  if (!file.ok()) return {};
  const auto count = (*file)->ReadAt(0, bytes);
  return count.ok() ? std::string(bytes.data(), *count) : std::string();
}

std::string Shown(std::span<const std::string_view> args) {
  std::string line;
  for (const std::string_view arg : args) {
    if (line.size() > kShownBytesMax) return line + " ...";
    line += (line.empty() ? "" : " ") + Escaped(arg.substr(0, kShownBytesMax));
  }
  return line;
}

}  // namespace

std::optional<StatusOr<LogToolRequest>> ParseLogToolRequest(
    std::span<const std::string> arguments) {
  if (arguments.empty()) return std::nullopt;
  LogToolRequest request;
  request.repair = arguments[0] == "--repair-log";
  if (!request.repair && arguments[0] != "--check-log") return std::nullopt;
  using Answer = StatusOr<LogToolRequest>;
  for (size_t i = 1; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--records") {
      request.list_records = true;
    } else if (word == "--yes") {
      request.assume_yes = true;
    } else if (word == "--until") {
      const auto unix_s = i + 1 < arguments.size() ? ParseInt64(arguments[++i]) : std::nullopt;
      if (!unix_s) return Answer(Status::InvalidArgument("--until wants Unix seconds"));
      request.until_unix_s = unix_s;
    } else if (request.path.empty() && !word.starts_with("--")) {
      request.path = word;
    } else {
      return Answer(Status::InvalidArgument("'" + word + "' is not understood"));
    }
  }
  if (request.path.empty()) {
    return Answer(Status::InvalidArgument(arguments[0] + " wants a path: a log's directory, "
                                                         "manifest, base or increment"));
  }
  return Answer(std::move(request));
}

int LogTool::Run(const LogToolRequest& request) {
  std::string path = request.path;
  if (const auto names = disk_->List(path); names.ok()) {
    const auto manifest = std::ranges::find_if(*names, [](const std::string& name) {
      return name.ends_with(".manifest") && !name.starts_with("temp-");
    });
    if (manifest == names->end()) {
      print_(path + ": no manifest in this directory");
      return 1;
    }
    path += "/" + *manifest;
  }
  const bool is_manifest = path.ends_with(".manifest");
  return (is_manifest ? CheckManifest(request, path) : CheckFile(request, path, true)) ? 0 : 1;
}

bool LogTool::CheckManifest(const LogToolRequest& request, const std::string& path) {
  const auto text = ReadSmallFile(disk_, path, kManifestBytesMax);
  if (!text.ok()) {
    print_(text.status().message());
    return false;
  }
  const auto manifest = ParseManifest(*text);
  if (!manifest.ok()) {
    print_(path + ": " + manifest.status().message());
    print_("It reads:");
    print_(*text);
    print_(
        "If it names the right files, delete its last line (#TORC:M ...): without a checksum it is "
        "taken as it is.");
    return false;
  }
  print_(Format("%s: %s, %zu increments", path.c_str(),
                HasManifestChecksum(*text) ? "checksum fits" : "no checksum (a Redis wrote it)",
                manifest->increments.size()));
  const std::string folder = FolderOf(path) + "/";
  bool good = !manifest->base || CheckFile(request, folder + manifest->base->name, false);
  for (const LogFileEntry& entry : manifest->increments) {
    good &= CheckFile(request, folder + entry.name, &entry == &manifest->increments.back());
  }
  return good;
}

bool LogTool::CheckFile(const LogToolRequest& request, const std::string& path, bool is_last) {
  if (Beginning(disk_, path) == "REDIS") return CheckSnapshot(path);
  return CheckCommands(request, path, is_last);
}

// An RDB file: the checksum at its end says whether it is whole.
bool LogTool::CheckSnapshot(const std::string& path) {
  auto file = disk_->Open(path, Disk::Mode::kRead);
  if (!file.ok()) {
    print_(file.status().message());
    return false;
  }
  const uint64_t size_bytes = (*file)->Size().ok() ? *(*file)->Size() : 0;
  std::vector<char> chunk(kChunkBytes);
  uint64_t crc = 0;
  const uint64_t body_bytes = size_bytes < 17 ? 0 : size_bytes - 8;
  for (uint64_t at = 0; at < body_bytes;) {
    const auto wanted = static_cast<size_t>(std::min<uint64_t>(chunk.size(), body_bytes - at));
    const auto count = (*file)->ReadAt(at, {chunk.data(), wanted});
    if (!count.ok() || *count == 0) {
      print_(path + ": cannot be read: " + count.status().message());
      return false;
    }
    crc = Crc64(crc, {chunk.data(), *count});
    at += *count;
  }
  std::array<char, 9> head{};
  std::array<char, 8> tail{};
  const bool read =
      body_bytes > 0 && (*file)->ReadAt(0, head).ok() && (*file)->ReadAt(body_bytes, tail).ok();
  const uint64_t expected = read ? LoadLe<uint64_t>(tail.data()) : 0;
  const bool summed = expected != 0;
  const bool good = read && (!summed || expected == crc);
  print_(Format("%s: snapshot, RDB version %s, %llu bytes: %s", path.c_str(),
                std::string(head.data() + 5, 4).c_str(), Wide(size_bytes),
                !good    ? "damaged: its checksum does not fit, or it ends too early"
                : summed ? "checksum fits"
                         : "it has no checksum"));
  return good;
}

bool LogTool::CheckCommands(const LogToolRequest& request, const std::string& path, bool is_last) {
  auto file = disk_->Open(path, request.repair ? Disk::Mode::kAppend : Disk::Mode::kRead);
  if (!file.ok()) {
    print_(file.status().message());
    return false;
  }
  LogFileReader reader(file->get(), path, {});
  if (request.until_unix_s) reader.reader().SetTimeLimit(*request.until_unix_s);
  RequestBatch batch;
  auto step = LogReader::Step::kBatch;
  while (step == LogReader::Step::kBatch) {
    batch.Clear();
    const auto next = reader.Next(1000, &batch);
    if (!next.ok()) {
      print_(next.status().message());
      return false;
    }
    step = *next;
  }
  const LogReader& at = reader.reader();
  print_(Format("%s: %s, %llu bytes, %llu commands up to offset %llu, position %llu", path.c_str(),
                at.id() ? "checksummed" : "without checksums (a Redis wrote it)",
                Wide(reader.size_bytes()), Wide(at.commands()), Wide(at.offset()),
                Wide(at.position())));
  if (at.unix_s() > 0) print_(Format("  last timestamp %lld", static_cast<long long>(at.unix_s())));
  if (request.list_records && !ListRecords(file->get(), at.offset())) return false;
  if (step == LogReader::Step::kEnd) return true;
  if (step == LogReader::Step::kTimeLimit) {
    print_(Format("  what follows offset %llu is later than %lld", Wide(at.offset()),
                  static_cast<long long>(*request.until_unix_s)));
    if (!is_last) print_("  Later files follow: take them out of the manifest as well.");
  } else {
    const auto place = is_last ? LogFileReader::Place::kLast : LogFileReader::Place::kEarlier;
    const Status may_cut = reader.MayCut(place, true);
    print_("  " + at.damage().what);
    print_(may_cut.ok()
               ? "  A torn end: nothing of it had been promised, the server cuts it itself."
               : "  " + may_cut.message());
  }
  return request.repair && Cut(request, path, at.offset(), reader.size_bytes());
}

bool LogTool::Cut(const LogToolRequest& request, const std::string& path, uint64_t offset,
                  uint64_t size_bytes) {
  const std::string question = Format(
      "Cut %s at offset %llu? %llu bytes behind it are lost for good; a copy of the "
      "directory is the way back. [y/N] ",
      path.c_str(), Wide(offset), Wide(size_bytes - offset));
  if (!request.assume_yes && !ask_(question)) {
    print_("Nothing was changed.");
    return false;
  }
  auto file = disk_->Open(path, Disk::Mode::kAppend);
  Status cut = file.ok() ? (*file)->Truncate(offset) : file.status();
  if (cut.ok()) cut = (*file)->Sync();
  print_(cut.ok() ? Format("%s now ends at offset %llu.", path.c_str(), Wide(offset))
                  : cut.message());
  return cut.ok();
}

// Every command and note with its offset in the file and the position behind it.
bool LogTool::ListRecords(File* file, uint64_t end) {
  std::string window;
  RequestBatch batch;
  uint64_t position = 0;
  size_t wanted = kChunkBytes;
  for (uint64_t at = 0; at < end;) {
    window.resize(static_cast<size_t>(std::min<uint64_t>(wanted, end - at)));
    const auto count = file->ReadAt(at, window);
    if (!count.ok()) {
      print_(count.status().message());
      return false;
    }
    std::string_view rest = std::string_view(window).substr(0, *count);
    const uint64_t before = at;
    size_t size_bytes = 0;
    while (!rest.empty()) {
      batch.Clear();
      const RecordResult result = NextRecord(rest, &batch, &size_bytes);
      if (result != RecordResult::kRecord && result != RecordResult::kNote) break;
      const std::string_view line = rest.substr(0, size_bytes);
      const auto note = result == RecordResult::kNote ? ParseNote(line) : std::nullopt;
      if (note && (note->kind == LogNote::Kind::kHead || note->kind == LogNote::Kind::kBatch)) {
        position = note->position;
      } else if (result == RecordResult::kRecord) {
        position += size_bytes;
      }
      print_(Format("  %10llu %10llu  ", Wide(at), Wide(position)) +
             (result == RecordResult::kNote ? Escaped(TrimBlanks(line))
                                            : Shown(batch.Args(batch.commands[0]))));
      rest.remove_prefix(size_bytes);
      at += size_bytes;
    }
    wanted = at > before ? kChunkBytes : wanted * 2;
    if (at == before && *count < wanted / 2) return true;
  }
  return true;
}

}  // namespace torc
