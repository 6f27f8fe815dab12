#pragma once

// What a crash leaves in the log: the signal, the stack, and the command that was being executed.

#include <cstddef>
#include <string_view>

namespace torc {

// Installs handlers for SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT which write a report to
// `descriptor` and then let the signal do its work (a core file, if the system makes them). Once
// per process.
void InstallCrashReport(int descriptor);
// Where later reports go (the log was reopened).
void SetCrashReportDescriptor(int descriptor);

// The command that this thread executes now; the arguments must stay until the next call. (nullptr,
// 0): none.
void NoteExecuting(const std::string_view* args, size_t count);

}  // namespace torc
