// The load generator: `load --help` lists its options, README.md says what its figures mean.

#include <cstdio>

#include "load_options.h"
#include "load_report.h"
#include "load_run.h"

int main(int argc, char** argv) {
  const auto options = torc::bench::ParseLoadOptions(argc, argv);
  if (!options) return 2;
  torc::bench::LoadRun run(*options);
  const torc::bench::LoadResult result = run.Run();
  printf("%s\n", torc::bench::LoadReport(result, run.probe()).c_str());
  if (result.errors == 0 || options->errors_allowed) return 0;
  fprintf(stderr, "%llu error replies\n", static_cast<unsigned long long>(result.errors));
  return 1;
}
