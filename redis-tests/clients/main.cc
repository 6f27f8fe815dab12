// Black-box tests by clients. `--server PATH` names the server binary under test (redis-server when
// absent), `--server-args "WORDS"` gives every server these arguments, too; all other arguments are
// doctest's.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <string_view>
#include <vector>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--server" && i + 1 < argc) {
      ::setenv("SERVER_UNDER_TEST", argv[++i], 1);
    } else if (std::string_view(argv[i]) == "--server-args" && i + 1 < argc) {
      ::setenv("SERVER_UNDER_TEST_ARGS", argv[++i], 1);
    } else {
      rest.push_back(argv[i]);
    }
  }
  doctest::Context context(static_cast<int>(rest.size()), rest.data());
  return context.run();
}
