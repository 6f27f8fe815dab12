#include "command/scan_args.h"

#include "base/text.h"
#include "resp/errors.h"

namespace torc {

std::optional<uint64_t> ParseScanCursor(std::string_view text) {
  text = errors::ShownText(text);
  if (text.empty()) return 0;
  const bool negative = StartsWith(text, "-");
  if (negative || StartsWith(text, "+")) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  while (text.size() > 1 && text[0] == '0') text.remove_prefix(1);
  const auto magnitude = ParseUint64(text);
  if (!magnitude) return std::nullopt;
  return negative ? ~*magnitude + 1 : *magnitude;
}

ScanOptions ParseScanOptions(ArgCursor& args, ScanKind kind) {
  ScanOptions options;
  while (!args.AtEnd() && args.ok()) {
    if (args.TakeWith("COUNT", 1)) {
      options.count = args.Integer();
      if (args.ok() && options.count < 1) args.FailSyntax();
    } else if (args.TakeWith("MATCH", 1)) {
      options.pattern = args.Next();
    } else if (kind == ScanKind::kKeys && args.TakeWith("TYPE", 1)) {
      options.type = args.Next();
    } else if (kind == ScanKind::kFields && args.Take("NOVALUES")) {
      options.no_values = true;
    } else {
      args.FailSyntax();
    }
  }
  return options;
}

void ReplyEmptyScan(ReplyWriter& reply) {
  reply.Array(2);
  reply.Bulk("0");
  reply.Array(0);
}

}  // namespace torc
