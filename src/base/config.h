#pragma once

// Configuration parameters, as an operator sees them: redis.conf lines, CONFIG GET, CONFIG SET,
// CONFIG REWRITE.
//
// A parameter is declared once, by the room that uses it, and bound to a field of an options
// struct:
//
//   registry.Integer({.name = "timeout", .min = 0, .max = INT_MAX}, &options.timeout_s);
//   registry.Memory({.name = "maxmemory"}, &options.memory_bytes_max, [&] { return engine.Shrink();
//   }); registry.Enum({.name = "appendfsync"}, kFsyncChoices, &options.fsync);
//
// What the field holds when it is declared is the parameter's default. The registry is pure: it
// reads no file and knows no client. Error texts are Redis 7.2's, without the leading "ERR ".
//
// Costs: lookups by name are a hash of the lowercased name; CONFIG GET with globs tries every name.
// Not thread-safe. Fields, choices and the strings of a ParameterSpec must outlive the registry.

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "torc/status.h"

namespace torc {

// Runs after a CONFIG SET has stored new values; never while the configuration is being loaded. A
// refusal's message is what the client reads; every value of that CONFIG SET is then put back, and
// hooks that had run already run again for the old values. May correct the field (clamp it).
using ConfigApply = std::function<Status()>;

// What a declaration says besides its kind. `min` and `max` are for the number kinds.
struct ParameterSpec {
  std::string_view name;
  std::string_view alias = {};  // an older second name: GET, SET and files know both
  int64_t min = 0;
  int64_t max = std::numeric_limits<int64_t>::max();
  bool immutable = false;     // CONFIG SET refuses it
  bool sensitive = false;     // a secret: logs, MONITOR and SLOWLOG leave its value out
  bool is_protected = false;  // CONFIG SET refuses it unless enable-protected-configs allows
  bool hidden = false;        // globs of CONFIG GET do not match it; its full name does
  bool octal = false;         // Integer: read and shown in base 8 (unixsocketperm)
};

// One word of an Enum or one bit of a FlagSet. The first choice with a value is the one shown for
// it.
struct ConfigChoice {
  std::string_view name;
  int value;
};

// Where a value comes from. Kinds that add up over several lines (save, client-output-buffer-limit)
// start anew at the first line of a load and at each command.
enum class ConfigSource { kFirstLine, kLaterLine, kCommand };

using ConfigWords = std::span<const std::string>;

// A parameter of its own kind. The words that `set` takes are a line's after the name, or CONFIG
// SET's value split at blanks; `set` must take back whatever `get` gave.
struct CustomParameter {
  std::function<Status(ConfigWords, ConfigSource)> set;
  std::function<std::string()> get;
  // Its lines in a file, each without the name, quoted as needed; not given: one line with what
  // `get` says.
  std::function<std::vector<std::string>()> lines = {};
  bool one_word = false;  // the value is never split, and a line has exactly one word
};

// A directive that exists in files only: user, rename-command, loadmodule.
struct FileDirective {
  std::function<Status(ConfigWords)> load;
  // As CustomParameter::lines. Not given: CONFIG REWRITE leaves the file's lines alone.
  std::function<std::vector<std::string>()> lines = {};
};

struct ConfigPair {
  std::string_view name;
  std::string_view value;
};

struct ConfigValue {
  std::string name;
  std::string value;
};

// What CONFIG REWRITE must write for one parameter: whole lines, name included.
struct ConfigLines {
  std::string_view name;
  std::string_view alias;
  std::vector<std::string> lines;
  bool is_default;     // may be left out of the file
  bool is_kept_as_is;  // the file's own lines stay
};

enum class ProtectedConfigs { kRefuse, kAllow };

class ConfigRegistry {
 public:
  ConfigRegistry() = default;
  ConfigRegistry(const ConfigRegistry&) = delete;
  ConfigRegistry& operator=(const ConfigRegistry&) = delete;

  // --- declaring; a name may be declared once ---

  void YesNo(const ParameterSpec& spec, bool* field, ConfigApply apply = {});

  template <std::integral T>
  void Integer(const ParameterSpec& spec, T* field, const ConfigApply& apply = {}) {
    AddInteger(spec, Binding(field), apply);
  }
  // Bytes with units: 1k, 512mb. For a field of 64 unsigned bits and no `max` given, all of them.
  template <std::integral T>
  void Memory(const ParameterSpec& spec, T* field, const ConfigApply& apply = {}) {
    AddMemory(spec, Binding(field), std::is_unsigned_v<T> && sizeof(T) == 8, apply);
  }
  // Bytes, or "5%" of the memory limit, which the field holds as -5.
  void MemoryOrPercent(const ParameterSpec& spec, int64_t* field, ConfigApply apply = {});

  template <typename E>
  requires std::is_enum_v<E> || std::integral<E>
  void Enum(const ParameterSpec& spec, std::span<const ConfigChoice> choices, E* field,
            const ConfigApply& apply = {}) {
    AddChoice(spec, choices, Binding(field), apply);
  }
  // Several words, each a bit; the choice with value 0 stands for none.
  void FlagSet(const ParameterSpec& spec, std::span<const ConfigChoice> choices, int* field,
               ConfigApply apply = {});

  // Any text. `check` sees a new value before it is stored, also while loading.
  using TextCheck = std::function<Status(const std::string&)>;
  void Text(const ParameterSpec& spec, std::string* field, ConfigApply apply = {},
            TextCheck check = {});
  // A list of words (bind, oom-score-adj-values).
  using WordsCheck = std::function<Status(ConfigWords)>;
  void Words(const ParameterSpec& spec, std::vector<std::string>* field, ConfigApply apply = {},
             WordsCheck check = {});
  void Custom(const ParameterSpec& spec, CustomParameter parameter, ConfigApply apply = {});
  void Directive(std::string_view name, FileDirective directive);

  // --- loading, before anything runs ---

  // Forgets which parameters were given, so that the next line of each counts as its first.
  void BeginLoad();
  // One directive: its name, then its words. On error the message is the reason alone, for the
  // caller to add file and line to.
  Status Load(ConfigWords directive);
  // Whether the last load named the parameter.
  bool WasGiven(std::string_view name) const;

  // --- at run time ---

  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  // Whether the value of this name must not be shown. Unknown names are not secret.
  bool IsSensitive(std::string_view name) const;
  // Each parameter once per matching name (its own and its alias), in order of declaration; a
  // pattern without glob characters answers under the name as it was asked for.
  std::vector<ConfigValue> Get(std::span<const std::string_view> patterns) const;
  // All pairs or none. The message of a refusal is the whole reply after "ERR ".
  Status Set(std::span<const ConfigPair> pairs, ProtectedConfigs protected_configs);
  // Everything that a file can hold, in order of declaration.
  std::vector<ConfigLines> Lines() const;

 private:
  struct Parameter {
    ParameterSpec spec;
    bool takes_many_words = false;  // a line may have several, and CONFIG SET's value is split
    bool file_only = false;
    bool given = false;  // by a line of the current load
    std::function<Status(ConfigWords, ConfigSource)> set;
    std::function<std::string()> get;
    std::function<std::vector<std::string>()> lines;
    ConfigApply apply;
    std::string default_value;
  };
  // A number's field of whatever type, as 64 bits.
  struct NumberBinding {
    std::function<int64_t()> read;
    std::function<void(int64_t)> write;
    int64_t min;
    int64_t max;
  };
  struct Backup;

  template <typename T>
  static NumberBinding Binding(T* field) {
    using Underlying =
        std::conditional_t<std::is_enum_v<T>, std::underlying_type<T>, std::type_identity<T>>;
    using Number = typename Underlying::type;
    using Limits = std::numeric_limits<Number>;
    return {.read = [field] { return static_cast<int64_t>(*field); },
            .write = [field](int64_t value) { *field = static_cast<T>(value); },
            .min = static_cast<int64_t>(Limits::min()),
            .max = sizeof(Number) == 8 ? std::numeric_limits<int64_t>::max()
                                       : static_cast<int64_t>(Limits::max())};
  }

  void AddInteger(const ParameterSpec& spec, const NumberBinding& field, ConfigApply apply);
  void AddMemory(const ParameterSpec& spec, const NumberBinding& field, bool whole_range,
                 ConfigApply apply);
  void AddChoice(const ParameterSpec& spec, std::span<const ConfigChoice> choices,
                 const NumberBinding& field, ConfigApply apply);
  Parameter& Add(Parameter parameter);
  const Parameter* Find(std::string_view name) const;
  Parameter* Find(std::string_view name);
  Status CheckSettable(std::span<const ConfigPair> pairs, ProtectedConfigs protected_configs);
  Status Store(std::span<const ConfigPair> pairs, std::vector<Backup>& backups);
  Status ApplyAll(std::vector<Backup>& backups);
  static void Restore(const std::vector<Backup>& backups, size_t applied_count);

  // Stable addresses; in order of declaration.
  std::vector<std::unique_ptr<Parameter>> parameters_;
  std::map<std::string, Parameter*, std::less<>> by_name_;  // lowercased names and aliases
};

}  // namespace torc
