#pragma once

// Libraries of functions: FUNCTION LOAD and its kin, FCALL's functions. A library is kept as its
// text; its functions are values of an interpreter that all libraries share.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "features/scripting/lua_vm.h"
#include "persist/payload_footer.h"
#include "torc/env.h"

namespace torc {

struct FunctionLibrary;

struct ScriptFunction {
  std::string name;
  std::string description;
  bool has_description = false;
  uint32_t flags = 0;  // ScriptFlag
  int function = LuaVm::kNoRef;
};

struct FunctionLibrary {
  std::string name;
  std::string code;
  std::vector<ScriptFunction> functions;
};

// A library while its code runs for the first time and registers its functions.
class LibraryDraft {
 public:
  // How long that may take.
  static constexpr int64_t kLoadMsMax = 500;

  explicit LibraryDraft(Clock* clock) : clock_(clock), began_ns_(NowNs()) {}
  // Why a function cannot be added; empty: it was.
  std::string_view Add(ScriptFunction function);
  // A look at the clock: why loading must stop, or null.
  const char* Look() const;

  FunctionLibrary library;

 private:
  int64_t NowNs() const;

  Clock* clock_;
  int64_t began_ns_;
};

class FunctionLibraries {
 public:
  // Both must outlive it.
  FunctionLibraries(const int64_t* memory_bytes_max, Clock* clock);
  ~FunctionLibraries();
  FunctionLibraries(const FunctionLibraries&) = delete;
  FunctionLibraries& operator=(const FunctionLibraries&) = delete;

  // Runs a library's code and adds it. The name, or empty: `error` says why not, and nothing has
  // changed.
  enum class Existing : uint8_t { kRefuse, kReplace };
  std::string Load(std::string_view code, Existing existing, std::string* error);
  // False: there is none.
  bool Delete(std::string_view name);
  // Forgets all, and the interpreter with them. Not while one runs.
  void Flush();

  // The source of each, for a snapshot.
  std::vector<std::string> Sources() const;
  // All libraries as FUNCTION RESTORE and redis-server read them.
  std::string Dump() const;
  enum class Policy : uint8_t { kFlush, kAppend, kReplace };
  // All of a dump or none of it. Empty, or why not.
  std::string Restore(std::string_view payload, Policy policy,
                      PayloadChecksum checksum = PayloadChecksum::kVerified);

  // By name in any case; null if there is none.
  const ScriptFunction* Find(std::string_view name) const;
  // By name.
  const std::map<std::string, FunctionLibrary, std::less<>>& libraries() const {
    return libraries_;
  }
  size_t function_count() const { return functions_.size(); }
  LuaVm& vm();
  size_t allocated_bytes() const;  // beside the interpreter
  size_t vm_bytes() const { return vm_ == nullptr ? 0 : vm_->allocated_bytes(); }

 private:
  using Libraries = std::map<std::string, FunctionLibrary, std::less<>>;

  // Runs the code; false: `error` says why it is no library.
  bool RunCode(std::string_view code, FunctionLibrary* library, std::string* error);
  // Whether another library than `except` (and those of `replaced`) has one of its functions.
  std::string ClashOf(const FunctionLibrary& library, std::string_view except,
                      const Libraries* replaced) const;
  void Adopt(FunctionLibrary library);
  void Drop(Libraries::iterator library);
  void Release(const FunctionLibrary& library);
  // Empty, or why the payload is none.
  static std::string ReadPayload(std::string_view payload, PayloadChecksum checksum,
                                 std::vector<std::string>* codes);
  std::string LoadAll(const std::vector<std::string>& codes, Libraries* loaded);
  std::string RefusalOf(const Libraries& loaded, Policy policy) const;

  const int64_t* memory_bytes_max_;
  Clock* clock_;
  std::unique_ptr<LuaVm> vm_;
  Libraries libraries_;
  // By lower-case name: which library, and which of its functions.
  struct Place {
    const FunctionLibrary* library;
    size_t index;
  };
  std::map<std::string, Place, std::less<>> functions_;
};

}  // namespace torc
