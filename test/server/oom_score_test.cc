#include "server/oom_score.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace torc {
namespace {

// Settings over a file that stands for the kernel's.
struct Fixture {
  std::string path = std::filesystem::temp_directory_path() / "torc_oom_score_XXXXXX";
  ConfigRegistry registry;
  std::unique_ptr<OomScore> score;

  Fixture() {
    const int fd = mkstemp(path.data());
    REQUIRE(fd >= 0);
    Kernel("50");
    score = std::make_unique<OomScore>(registry, path);
  }
  ~Fixture() { std::filesystem::remove(path); }

  void Kernel(std::string_view value) { std::ofstream(path) << value << '\n'; }
  int Score() {
    int value = -1;
    std::ifstream(path) >> value;
    return value;
  }
  std::string Get(std::string_view name) { return registry.Get({&name, 1})[0].value; }
  std::string Set(std::string_view name, std::string_view value) {
    const ConfigPair pair = {name, value};
    const Status set = registry.Set({&pair, 1}, ProtectedConfigs::kRefuse);
    return set.ok() ? "OK" : set.message().substr(set.message().rfind(" - ") + 3);
  }
};

TEST_CASE("the score is written while it is asked for, and the one before comes back") {
  Fixture f;
  CHECK(f.score->Apply().ok());
  CHECK(f.Score() == 50);
  CHECK(f.Set("oom-score-adj-values", "7 200 800") == "OK");
  CHECK(f.Score() == 50);
  CHECK(f.Set("oom-score-adj", "yes") == "OK");
  CHECK(f.Get("oom-score-adj") == "yes");
  CHECK(f.Score() == 57);
  CHECK(f.Set("oom-score-adj-values", "-5 200 800") == "OK");
  CHECK(f.Score() == 45);
  CHECK(f.Set("oom-score-adj", "absolute") == "OK");
  CHECK(f.Score() == -5);
  CHECK(f.Set("oom-score-adj-values", "2000 2000 2000") == "OK");
  CHECK(f.Score() == 1000);
  CHECK(f.Set("oom-score-adj", "no") == "OK");
  CHECK(f.Score() == 50);
}

TEST_CASE("what the kernel has when it is asked for again counts as the one before") {
  Fixture f;
  CHECK(f.Set("oom-score-adj", "absolute") == "OK");
  CHECK(f.Score() == 0);
  CHECK(f.Set("oom-score-adj", "no") == "OK");
  f.Kernel("300");
  CHECK(f.Set("oom-score-adj", "no") == "OK");
  CHECK(f.Score() == 300);
  CHECK(f.Set("oom-score-adj", "relative") == "OK");
  CHECK(f.Set("oom-score-adj", "no") == "OK");
  CHECK(f.Score() == 300);
}

TEST_CASE("values are three numbers within bounds, or nothing changes") {
  Fixture f;
  constexpr std::string_view kRange =
      "Invalid oom-score-adj-values, elements must be between -2000 and 2000.";
  CHECK(f.Set("oom-score-adj-values", "1 2") == "wrong number of arguments");
  CHECK(f.Set("oom-score-adj-values", "1 2 3 4") == "wrong number of arguments");
  for (const char* values : {"1 2 x", "1 2 3.5", "1 2 2001", "-2001 2 3"}) {
    CAPTURE(values);
    CHECK(f.Set("oom-score-adj-values", values) == kRange);
  }
  CHECK(f.Get("oom-score-adj-values") == "0 200 800");
  CHECK(f.Set("oom-score-adj", "maybe") ==
        "argument(s) must be one of the following: no, yes, relative, absolute");
}

TEST_CASE("a score that the kernel refuses leaves the settings as they were") {
  Fixture f;
  std::filesystem::remove(f.path);
  std::filesystem::create_directory(f.path);
  CHECK(f.Set("oom-score-adj", "yes") == "Failed to set current oom_score_adj. Check server logs.");
  CHECK(f.Get("oom-score-adj") == "no");
}

}  // namespace
}  // namespace torc
