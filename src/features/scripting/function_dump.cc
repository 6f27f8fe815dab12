// FUNCTION DUMP and RESTORE:
//
//   | opcode 245 | the library's text as an RDB string | … | version, 2 bytes | CRC64, 8 bytes |
//
// as redis-server writes and reads it.

#include <utility>

#include "features/scripting/function_library.h"
#include "persist/payload_footer.h"
#include "persist/rdb_format.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"

namespace torc {
namespace {

constexpr std::string_view kBadPayload = "ERR DUMP payload version or checksum are wrong";
constexpr std::string_view kNotAFunction = "ERR given type is not a function";
constexpr std::string_view kBadLibrary = "ERR failed loading functions payload";

}  // namespace

std::vector<std::string> FunctionLibraries::Sources() const {
  std::vector<std::string> sources;
  for (const auto& [name, library] : libraries_) sources.push_back(library.code);
  return sources;
}

std::string FunctionLibraries::Dump() const {
  Buffer out;
  RdbWriter writer(&out);
  for (const auto& [name, library] : libraries_) {
    writer.U8(static_cast<uint8_t>(RdbOpcode::kFunction2));
    writer.String(library.code);
  }
  AppendPayloadFooter(&out);
  return std::string(out.view());
}

std::string FunctionLibraries::ReadPayload(std::string_view payload, PayloadChecksum checksum,
                                           std::vector<std::string>* codes) {
  if (!PayloadFooterFits(payload, checksum)) return std::string(kBadPayload);
  const std::string_view body = payload.substr(0, payload.size() - kPayloadFooterBytes);
  RdbReader reader(body);
  while (reader.offset() < body.size()) {
    if (reader.U8() != static_cast<uint8_t>(RdbOpcode::kFunction2)) {
      return std::string(kNotAFunction);
    }
    std::string code(reader.String());
    if (!reader.ok()) return std::string(kBadLibrary);
    codes->push_back(std::move(code));
  }
  return {};
}

std::string FunctionLibraries::LoadAll(const std::vector<std::string>& codes, Libraries* loaded) {
  for (const std::string& code : codes) {
    FunctionLibrary library;
    std::string error;
    if (!RunCode(code, &library, &error)) return error;
    for (const auto& [name, other] : *loaded) {
      for (const ScriptFunction& function : other.functions) {
        for (const ScriptFunction& mine : library.functions) {
          if (mine.name == function.name && error.empty()) {
            error = "ERR Function " + mine.name + " already exists";
          }
        }
      }
    }
    if (loaded->contains(library.name)) error = "ERR Library " + library.name + " already exists";
    if (!error.empty()) {
      Release(library);
      return error;
    }
    std::string name = library.name;
    loaded->emplace(std::move(name), std::move(library));
  }
  return {};
}

std::string FunctionLibraries::RefusalOf(const Libraries& loaded, Policy policy) const {
  if (policy == Policy::kFlush) return {};
  for (const auto& [name, library] : loaded) {
    if (policy == Policy::kAppend && libraries_.contains(name)) {
      return "ERR Library " + name + " already exists";
    }
    std::string clash = ClashOf(library, name, &loaded);
    if (!clash.empty()) return clash;
  }
  return {};
}

std::string FunctionLibraries::Restore(std::string_view payload, Policy policy,
                                       PayloadChecksum checksum) {
  std::vector<std::string> codes;
  std::string error = ReadPayload(payload, checksum, &codes);
  if (!error.empty()) return error;
  Libraries loaded;
  error = LoadAll(codes, &loaded);
  if (error.empty()) error = RefusalOf(loaded, policy);
  if (!error.empty()) {
    for (const auto& [name, library] : loaded) Release(library);
    return error;
  }
  while (policy == Policy::kFlush && !libraries_.empty()) Drop(libraries_.begin());
  for (auto& [name, library] : loaded) {
    Delete(name);
    Adopt(std::move(library));
  }
  return {};
}

}  // namespace torc
