#include "features/scripting/script_cache.h"

#include <utility>

#include "base/hash.h"
#include "base/sha1.h"
#include "base/text.h"
#include "features/scripting/lua_entry.h"
#include "features/scripting/script_flags.h"

namespace torc {

ScriptCache::ScriptCache(const int64_t* scripts_max, const int64_t* memory_bytes_max)
    : scripts_max_(scripts_max), memory_bytes_max_(memory_bytes_max) {}

ScriptCache::~ScriptCache() = default;

size_t ScriptCache::Hash::operator()(std::string_view text) const {
  return HashBytes(text, 0);
}

LuaVm& ScriptCache::vm() {
  if (vm_ == nullptr) vm_ = std::make_unique<LuaVm>(LuaVm::Kind::kScripts, memory_bytes_max_);
  return *vm_;
}

size_t ScriptCache::BytesOf(const CachedScript& script) {
  return sizeof(CachedScript) + script.sha.capacity() * 2 + script.body.capacity();
}

CachedScript* ScriptCache::Get(std::string_view body, Source source, std::string* error) {
  const auto found = by_body_.find(body);
  CachedScript* script = found != by_body_.end() ? found->second : Compile(body, error);
  if (script != nullptr) Touch(*script, source);
  return script;
}

CachedScript* ScriptCache::Find(std::string_view sha) {
  auto* const script = const_cast<CachedScript*>(Peek(sha));
  if (script != nullptr) Touch(*script, Source::kEval);
  return script;
}

const CachedScript* ScriptCache::Peek(std::string_view sha) const {
  const auto digest = Lowercase(sha);
  const auto found = by_sha_.find(std::string_view(digest));
  return found == by_sha_.end() ? nullptr : found->second.get();
}

CachedScript* ScriptCache::Compile(std::string_view body, std::string* error) {
  ScriptHeader header = ParseScriptHeader(body);
  if (!header.error.empty()) {
    *error = std::move(header.error);
    return nullptr;
  }
  const std::string_view code = body.substr(header.code_begin);
  const int function = vm().Compile(code.data(), code.size(), "@user_script");
  if (function == LuaVm::kNoRef) {
    lua_State* const lua = vm().lua();
    *error = "ERR Error compiling script (new function): " + std::string(TextAt(lua, -1));
    lua_pop(lua, 1);
    return nullptr;
  }
  auto script = std::make_unique<CachedScript>();
  const auto digest = Sha1Hex(body);
  script->sha.assign(digest.begin(), digest.end());
  script->body = std::string(body);
  script->flags = header.flags;
  script->has_shebang = header.has_shebang;
  script->function = function;
  script->recent = recent_.insert(recent_.end(), script.get());
  allocated_bytes_ += BytesOf(*script);
  CachedScript* const kept = script.get();
  by_body_.emplace(kept->body, kept);
  by_sha_.emplace(kept->sha, std::move(script));
  return kept;
}

void ScriptCache::Touch(CachedScript& script, Source source) {
  if (script.loaded) return;
  if (source == Source::kEval) return recent_.splice(recent_.end(), recent_, script.recent);
  recent_.erase(script.recent);
  script.loaded = true;
}

void ScriptCache::Trim() {
  const auto kept_max = static_cast<size_t>(*scripts_max_);
  while (kept_max != 0 && recent_.size() > kept_max) {
    Remove(*recent_.front());
    ++evicted_;
  }
}

void ScriptCache::Remove(CachedScript& script) {
  vm_->Release(script.function);
  recent_.erase(script.recent);
  allocated_bytes_ -= BytesOf(script);
  by_body_.erase(script.body);
  by_sha_.erase(by_sha_.find(std::string_view(script.sha)));
}

void ScriptCache::Flush() {
  recent_.clear();
  by_body_.clear();
  by_sha_.clear();
  allocated_bytes_ = 0;
  vm_.reset();
}

}  // namespace torc
