#pragma once

// ScriptCache: the scripts of EVAL and SCRIPT LOAD, compiled, by SHA1.
//
// What SCRIPT LOAD brought stays until SCRIPT FLUSH. What EVAL alone brought is kept as long as it
// is among the most recently used: a client that sends each script with its arguments inside would
// otherwise fill the memory (Redis does so since 7.4).

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "features/scripting/lua_vm.h"

namespace torc {

struct CachedScript {
  std::string sha;  // 40 lower-case digits
  std::string body;
  uint32_t flags = 0;
  bool has_shebang = false;
  int function = LuaVm::kNoRef;
  bool loaded = false;                        // by SCRIPT LOAD
  std::list<CachedScript*>::iterator recent;  // unless loaded
};

class ScriptCache {
 public:
  // Both must outlive the cache.
  ScriptCache(const int64_t* scripts_max, const int64_t* memory_bytes_max);
  ~ScriptCache();
  ScriptCache(const ScriptCache&) = delete;
  ScriptCache& operator=(const ScriptCache&) = delete;

  enum class Source : uint8_t { kEval, kLoad };
  // The script with this text, compiled now if it is new. Null: `error` says why not.
  CachedScript* Get(std::string_view body, Source source, std::string* error);
  // By its SHA1 in any case; null if there is none.
  CachedScript* Find(std::string_view sha);
  // The same without a trace, as any shard may ask.
  const CachedScript* Peek(std::string_view sha) const;
  // Forgets all scripts, and the interpreter with them. Not while one runs.
  void Flush();
  // Takes what is too many; not while one runs.
  void Trim();

  // The interpreter, made now if there is none.
  LuaVm& vm();
  size_t size() const { return by_sha_.size(); }
  size_t allocated_bytes() const { return allocated_bytes_; }  // beside the interpreter
  size_t vm_bytes() const { return vm_ == nullptr ? 0 : vm_->allocated_bytes(); }
  uint64_t evicted() const { return evicted_; }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const;
  };
  CachedScript* Compile(std::string_view body, std::string* error);
  void Touch(CachedScript& script, Source source);
  void Remove(CachedScript& script);
  static size_t BytesOf(const CachedScript& script);

  const int64_t* scripts_max_;
  const int64_t* memory_bytes_max_;
  std::unique_ptr<LuaVm> vm_;
  std::unordered_map<std::string, std::unique_ptr<CachedScript>, Hash, std::equal_to<>> by_sha_;
  std::unordered_map<std::string_view, CachedScript*, Hash, std::equal_to<>> by_body_;
  std::list<CachedScript*> recent_;  // that EVAL alone knows, last used last
  size_t allocated_bytes_ = 0;
  uint64_t evicted_ = 0;
};

}  // namespace torc
