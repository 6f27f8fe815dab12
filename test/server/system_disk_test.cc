#include "server/system_disk.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

namespace torc {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "torc-disk-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const char* name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST_CASE("what is written to a file can be read, cut and read again") {
  const Folder folder;
  SystemDisk disk;
  {
    auto file = disk.Open(folder / "a", Disk::Mode::kReplace);
    REQUIRE(file.ok());
    CHECK((*file)->Write("hello ").value() == 6);
    CHECK((*file)->Write("world").value() == 5);
    CHECK((*file)->Sync().ok());
  }
  auto file = disk.Open(folder / "a", Disk::Mode::kAppend);
  REQUIRE(file.ok());
  CHECK((*file)->Truncate(8).ok());
  CHECK((*file)->Write("!").value() == 1);
  CHECK((*file)->Size().value() == 9);
  std::array<char, 16> bytes{};
  CHECK((*file)->ReadAt(3, bytes).value() == 6);
  CHECK(std::string_view(bytes.data(), 6) == "lo wo!");
  CHECK((*file)->ReadAt(9, bytes).value() == 0);
}

TEST_CASE("files and folders are listed, renamed and removed, and a missing one is told as such") {
  const Folder folder;
  SystemDisk disk;
  CHECK(disk.Open(folder / "a", Disk::Mode::kRead).status().code() == StatusCode::kNotFound);
  CHECK(disk.Open(folder / "a", Disk::Mode::kAppend).status().code() == StatusCode::kNotFound);
  CHECK(disk.Open(folder / "a", Disk::Mode::kReplace).ok());
  CHECK(disk.Rename(folder / "a", folder / "b").ok());
  CHECK(disk.MakeDirectory(folder / "c").ok());
  CHECK(disk.MakeDirectory(folder / "c").ok());
  CHECK(disk.MakeDirectory(folder / "b").code() == StatusCode::kAlreadyExists);
  CHECK(disk.SyncDirectory(folder.path()).ok());
  auto names = disk.List(folder.path()).value();
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"b", "c"});
  CHECK(disk.Remove(folder / "b").ok());
  CHECK(disk.Remove(folder / "b").code() == StatusCode::kNotFound);
}

TEST_CASE("a full disk is told from a broken one") {
  SystemDisk disk;
  auto file = disk.Open("/dev/full", Disk::Mode::kAppend);
  REQUIRE(file.ok());
  CHECK((*file)->Write("x").status().code() == StatusCode::kResourceExhausted);
}

TEST_CASE("a lock is held once, until its holder lets go") {
  const Folder folder;
  SystemDisk disk;
  auto held = disk.Lock(folder / "lock");
  REQUIRE(held.ok());
  CHECK(disk.Lock(folder / "lock").status().code() == StatusCode::kAlreadyExists);
  held->reset();
  CHECK(disk.Lock(folder / "lock").ok());
}

}  // namespace
}  // namespace torc
