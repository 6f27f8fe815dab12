#include "server/config_disk.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace torc {
namespace {

namespace fs = std::filesystem;

// A folder of its own below the system's temporary one, gone at the end.
struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "torc-config-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  std::string File(const char* name) const { return path + "/" + name; }
  void Write(const char* name, const std::string& text) const {
    std::ofstream(File(name), std::ios::binary) << text;
  }
  size_t Count() const {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(path)) ++count;
    return count;
  }
  std::string path;
};

TEST_CASE(
    "files are read whole, and a missing one or a folder is refused with the system's words") {
  const Folder folder;
  DiskConfigFiles files;
  const std::string text(100000, 'x');
  folder.Write("a.conf", text);
  const auto read = files.Read(folder.File("a.conf"));
  REQUIRE(read.ok());
  CHECK(*read == text);
  CHECK(files.Read(folder.File("none")).status().message() == "No such file or directory");
  CHECK(files.Read(folder.path).status().message() == "Is a directory");
}

TEST_CASE("a file larger than the limit is refused, one at the limit is read") {
  const Folder folder;
  DiskConfigFiles files;
  folder.Write("max", "");
  fs::resize_file(folder.File("max"), kConfigFileBytesMax);
  CHECK(files.Read(folder.File("max")).ok());
  fs::resize_file(folder.File("max"), kConfigFileBytesMax + 1);
  CHECK(files.Read(folder.File("max")).status().code() == StatusCode::kResourceExhausted);
}

TEST_CASE("globs give sorted paths") {
  const Folder folder;
  for (const char* name : {"b.conf", "a.conf", "c.txt"}) folder.Write(name, "");
  DiskConfigFiles files;
  CHECK(files.Match(folder.File("*.conf")) ==
        std::vector<std::string>{folder.File("a.conf"), folder.File("b.conf")});
  CHECK(files.Match(folder.File("*.none")).empty());
}

TEST_CASE("replacing a file keeps its permissions and leaves nothing beside it") {
  const Folder folder;
  folder.Write("a.conf", "old");
  fs::permissions(folder.File("a.conf"), fs::perms::owner_read | fs::perms::owner_write);
  REQUIRE(ReplaceFile(folder.File("a.conf"), "new").ok());
  DiskConfigFiles files;
  CHECK(*files.Read(folder.File("a.conf")) == "new");
  CHECK(fs::status(folder.File("a.conf")).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(folder.Count() == 1);
}

TEST_CASE("a symbolic link stays one: the file behind it is replaced") {
  const Folder folder;
  folder.Write("real", "old");
  fs::create_symlink(folder.File("real"), folder.File("link"));
  REQUIRE(ReplaceFile(folder.File("link"), "new").ok());
  CHECK(fs::is_symlink(folder.File("link")));
  DiskConfigFiles files;
  CHECK(*files.Read(folder.File("real")) == "new");
}

TEST_CASE("a file that cannot be written keeps its old content") {
  const Folder folder;
  fs::create_directory(folder.File("d"));
  const Status onto_folder = ReplaceFile(folder.File("d"), "new");
  CHECK_FALSE(onto_folder.ok());
  CHECK(onto_folder.message().starts_with("rename: "));
  CHECK(folder.Count() == 1);
  CHECK(ReplaceFile(folder.File("none/a.conf"), "new").message() ==
        "open: No such file or directory");
}

}  // namespace
}  // namespace torc
