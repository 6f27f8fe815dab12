#include "server/crash_report.h"

#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/text.h"
#include "torc/version.h"

namespace torc {
namespace {

// A signal handler can be given nothing: what it reports lives in globals, written by
// NoteExecuting.
struct Executing {
  const std::string_view* args = nullptr;
  size_t count = 0;
};
thread_local Executing t_executing;
std::atomic<int> g_descriptor{STDERR_FILENO};

// Only async-signal-safe calls from here on.
void Put(std::string_view text) {
  // A report that cannot be written has nowhere to complain.
  const ssize_t ignored =
      write(g_descriptor.load(std::memory_order_relaxed), text.data(), text.size());
  (void)ignored;
}

void PutNumber(uint64_t number) {
  Put(DecimalText::Unsigned(number).view());
}

void PutCommand() {
  constexpr size_t kArgsMax = 16;
  constexpr size_t kArgBytesMax = 128;
  const Executing executing = t_executing;
  if (executing.args == nullptr) return Put("no command was being executed\n");
  Put("executing:");
  // A secret must not reach the log.
  const std::string_view name = executing.args[0];
  const bool secret = EqualsIgnoreCase(name, "AUTH") || EqualsIgnoreCase(name, "HELLO") ||
                      EqualsIgnoreCase(name, "CONFIG") || EqualsIgnoreCase(name, "ACL");
  const size_t shown = secret ? 1 : std::min(executing.count, kArgsMax);
  for (size_t i = 0; i < shown; ++i) {
    Put(" '");
    Put(executing.args[i].substr(0, kArgBytesMax));
    Put("'");
  }
  Put("\n");
}

void Report(int signal_number) {
  constexpr int kFramesMax = 64;
  Put("\n=== TORC BUG REPORT START ===\nTorc ");
  Put(kTorcVersion);
  Put(" crashed by signal ");
  PutNumber(static_cast<uint64_t>(signal_number));
  Put("\n");
  PutCommand();
  Put("stack:\n");
  void* frames[kFramesMax];
  const int count = backtrace(frames, kFramesMax);
  backtrace_symbols_fd(frames, count, g_descriptor.load(std::memory_order_relaxed));
  Put("=== TORC BUG REPORT END ===\n");
  // SA_RESETHAND has put the default action back.
  raise(signal_number);
}

}  // namespace

void InstallCrashReport(int descriptor) {
  SetCrashReportDescriptor(descriptor);
  // The first backtrace() loads a library: not something to do within a signal handler.
  void* frame[1];
  backtrace(frame, 1);
  struct sigaction action {};
  action.sa_handler = Report;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
  for (const int signal_number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    sigaction(signal_number, &action, nullptr);
  }
}

void SetCrashReportDescriptor(int descriptor) {
  g_descriptor.store(descriptor);
}

void NoteExecuting(const std::string_view* args, size_t count) {
  t_executing = {args, count};
}

}  // namespace torc
