#include "resp/inline_args.h"

#include <string>
#include <utility>

#include "base/word_reader.h"

namespace torc {

bool SplitInlineArgs(std::string_view line, RequestBatch* batch) {
  WordReader reader(line);
  std::string_view plain;
  std::string unquoted;
  for (;;) {
    switch (reader.Next(&plain, &unquoted)) {
      case WordReader::Found::kPlain:
        batch->args.push_back(plain);
        break;
      case WordReader::Found::kQuoted:
        batch->args.push_back(batch->scratch.emplace_back(std::move(unquoted)));
        break;
      case WordReader::Found::kEnd:
        return true;
      case WordReader::Found::kUnbalanced:
        return false;
    }
  }
}

}  // namespace torc
