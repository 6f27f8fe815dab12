#include "features/scripting/function_library.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "features/scripting/lua_entry.h"
#include "features/scripting/script_flags.h"

namespace torc {

std::string_view LibraryDraft::Add(ScriptFunction function) {
  const bool known =
      std::any_of(library.functions.begin(), library.functions.end(),
                  [&](const auto& other) { return EqualsIgnoreCase(other.name, function.name); });
  if (known) return "ERR Function already exists in the library";
  library.functions.push_back(std::move(function));
  return {};
}

int64_t LibraryDraft::NowNs() const {
  return clock_->MonoNs();
}

const char* LibraryDraft::Look() const {
  return NowNs() - began_ns_ > kLoadMsMax * 1000000 ? "ERR FUNCTION LOAD timeout" : nullptr;
}

FunctionLibraries::FunctionLibraries(const int64_t* memory_bytes_max, Clock* clock)
    : memory_bytes_max_(memory_bytes_max), clock_(clock) {}

FunctionLibraries::~FunctionLibraries() = default;

LuaVm& FunctionLibraries::vm() {
  if (vm_ == nullptr) vm_ = std::make_unique<LuaVm>(LuaVm::Kind::kFunctions, memory_bytes_max_);
  return *vm_;
}

size_t FunctionLibraries::allocated_bytes() const {
  size_t bytes = 0;
  for (const auto& [name, library] : libraries_) {
    bytes += sizeof(library) + name.capacity() * 2 + library.code.capacity() +
             library.functions.capacity() * sizeof(ScriptFunction);
  }
  return bytes;
}

bool FunctionLibraries::RunCode(std::string_view code, FunctionLibrary* library,
                                std::string* error) {
  LibraryHeader header = ParseLibraryHeader(code);
  if (!header.error.empty()) {
    *error = std::move(header.error);
    return false;
  }
  LuaVm& lua_vm = vm();
  lua_State* const lua = lua_vm.lua();
  const std::string_view body = code.substr(header.code_begin);
  const int chunk = lua_vm.Compile(body.data(), body.size(), "@user_function");
  if (chunk == LuaVm::kNoRef) {
    *error = "ERR Error compiling function: " + std::string(TextAt(lua, -1));
    lua_pop(lua, 1);
    return false;
  }
  LibraryDraft draft(clock_);
  lua_vm.draft = &draft;
  lua_vm.ShowGlobals(LuaVm::Globals::kOfLoading);
  lua_rawgeti(lua, LUA_REGISTRYINDEX, chunk);
  const bool ran = lua_vm.Call(0);
  lua_vm.ShowGlobals(LuaVm::Globals::kAll);
  lua_vm.draft = nullptr;
  lua_vm.Release(chunk);
  const LuaVm::Grace grace(lua_vm);
  if (!ran) {
    if (lua_istable(lua, -1)) PushRawField(lua, -1, "err");
    const char* text = lua_tostring(lua, -1);
    *error = "ERR Error registering functions: " + std::string(text == nullptr ? "" : text);
  } else if (draft.library.functions.empty()) {
    *error = "ERR No functions registered";
  }
  lua_settop(lua, 1);
  library->functions = std::move(draft.library.functions);
  library->name = std::move(header.name);
  library->code = std::string(code);
  if (error->empty()) return true;
  Release(*library);
  return false;
}

std::string FunctionLibraries::ClashOf(const FunctionLibrary& library, std::string_view except,
                                       const Libraries* replaced) const {
  for (const ScriptFunction& function : library.functions) {
    const auto found = functions_.find(Lowercase(function.name));
    if (found == functions_.end()) continue;
    const std::string& owner = found->second.library->name;
    if (owner == except || (replaced != nullptr && replaced->contains(owner))) continue;
    return "ERR Function " + function.name + " already exists";
  }
  return {};
}

std::string FunctionLibraries::Load(std::string_view code, Existing existing, std::string* error) {
  const LibraryHeader header = ParseLibraryHeader(code);
  const auto old = libraries_.find(header.name);
  if (header.error.empty() && old != libraries_.end() && existing == Existing::kRefuse) {
    *error = "ERR Library '" + header.name + "' already exists";
    return {};
  }
  FunctionLibrary library;
  if (!RunCode(code, &library, error)) return {};
  *error = ClashOf(library, library.name, nullptr);
  if (!error->empty()) {
    Release(library);
    return {};
  }
  if (old != libraries_.end()) Drop(old);
  std::string name = library.name;
  Adopt(std::move(library));
  return name;
}

void FunctionLibraries::Adopt(FunctionLibrary library) {
  std::string name = library.name;
  const auto place = libraries_.emplace(std::move(name), std::move(library)).first;
  const FunctionLibrary& kept = place->second;
  for (size_t i = 0; i < kept.functions.size(); ++i) {
    functions_[Lowercase(kept.functions[i].name)] = {&kept, i};
  }
}

void FunctionLibraries::Release(const FunctionLibrary& library) {
  for (const ScriptFunction& function : library.functions) vm_->Release(function.function);
}

void FunctionLibraries::Drop(Libraries::iterator library) {
  for (const ScriptFunction& function : library->second.functions) {
    functions_.erase(Lowercase(function.name));
  }
  Release(library->second);
  libraries_.erase(library);
}

bool FunctionLibraries::Delete(std::string_view name) {
  const auto found = libraries_.find(name);
  if (found == libraries_.end()) return false;
  Drop(found);
  return true;
}

void FunctionLibraries::Flush() {
  functions_.clear();
  libraries_.clear();
  vm_.reset();
}

const ScriptFunction* FunctionLibraries::Find(std::string_view name) const {
  const auto found = functions_.find(Lowercase(name));
  if (found == functions_.end()) return nullptr;
  return &found->second.library->functions[found->second.index];
}

}  // namespace torc
