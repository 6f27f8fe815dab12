// torc-server: reads the command line and the configuration, then serves until it is told to stop.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/memory.h"
#include "server/config_file.h"
#include "server/log_tool.h"
#include "server/server.h"
#include "server/system_disk.h"
#include "torc/version.h"

namespace {

constexpr const char* kHelp =
    "Usage: torc-server [/path/to/torc.conf] [options] [-]\n"
    "       torc-server -            read the configuration from standard input\n"
    "       torc-server --check-config [/path/to/torc.conf]   check it and exit\n"
    "       torc-server --check-log PATH [--records] [--until UNIX-SECONDS]   describe a log\n"
    "       torc-server --repair-log PATH [--until UNIX-SECONDS] [--yes]      cut what is torn\n"
    "       torc-server -v or --version\n"
    "       torc-server -h or --help\n"
    "\n"
    "Every directive of the configuration file may be given as an option, and then counts more:\n"
    "       torc-server /etc/torc.conf --port 7777 --loglevel verbose\n";

int PrintVersion() {
  std::printf("Torc server v=%s malloc=%s bits=64 (speaks Redis %s)\n", torc::kTorcVersion,
              torc::AllocatorName(), torc::kRedisVersion);
  return 0;
}

int RunLogTool(const torc::StatusOr<torc::LogToolRequest>& request) {
  if (!request.ok()) {
    std::fprintf(stderr, "%s\n", request.status().message().c_str());
    return 1;
  }
  torc::SystemDisk disk;
  torc::LogTool tool(
      &disk, [](const std::string& line) { std::puts(line.c_str()); },
      [](const std::string& question) {
        std::fputs(question.c_str(), stdout);
        std::fflush(stdout);
        const int answer = std::getchar();
        return answer == 'y' || answer == 'Y';
      });
  return tool.Run(*request);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (const auto request = torc::ParseLogToolRequest(arguments)) return RunLogTool(*request);
  const auto command_line = torc::ParseCommandLine(arguments);
  if (!command_line.ok()) {
    std::fprintf(stderr, "%s\n", command_line.status().message().c_str());
    return 1;
  }
  if (command_line->wants_version) return PrintVersion();
  if (command_line->wants_help) {
    std::fputs(kHelp, stdout);
    return 0;
  }
  torc::Server server;
  const torc::Status configured = server.Configure(*command_line);
  if (!configured.ok()) {
    std::fprintf(stderr, "%s\n", configured.message().c_str());
    return 1;
  }
  if (command_line->only_checks_config) {
    std::puts("The configuration is fine.");
    return 0;
  }
  const int result = server.Run();
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // All that outlives the process is closed by now. Memory goes back as a whole: to free 100
  // million keys one by one would take half a minute.
  std::fflush(nullptr);
  std::_Exit(result);
#endif
  return result;
}
