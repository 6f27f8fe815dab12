#include "server/config_accepted.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "engine/shard.h"
#include "fake_config_files.h"
#include "server/config_disk.h"
#include "server/config_users.h"
#include "server/oom_score.h"
#include "server/server_options.h"
#include "server/system_log.h"
#include "server/tls_settings.h"

namespace torc {
namespace {

// What `CONFIG GET *` of redis-server 7.0.15 answers when it was started without a file, with 7.2's
// four new names (set-max-listpack-*, locale-collate, cluster-announce-human-nodename).
constexpr std::string_view kRedisDefaults = R"(
acl-pubsub-default=resetchannels
aclfile=
acllog-max-len=128
active-defrag-cycle-max=25
active-defrag-cycle-min=1
active-defrag-ignore-bytes=104857600
active-defrag-max-scan-fields=1000
active-defrag-threshold-lower=10
active-defrag-threshold-upper=100
active-expire-effort=1
activedefrag=no
activerehashing=yes
always-show-logo=no
aof-disable-auto-gc=no
aof-load-truncated=yes
aof-rewrite-incremental-fsync=yes
aof-timestamp-enabled=no
aof-use-rdb-preamble=yes
aof_rewrite_cpulist=
appenddirname=appendonlydir
appendfilename=appendonly.aof
appendfsync=everysec
appendonly=no
auto-aof-rewrite-min-size=67108864
auto-aof-rewrite-percentage=100
bgsave_cpulist=
bind=* -::*
bind-source-addr=
bio_cpulist=
busy-reply-threshold=5000
client-output-buffer-limit=normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60
client-query-buffer-limit=1073741824
cluster-allow-pubsubshard-when-down=yes
cluster-allow-reads-when-down=no
cluster-allow-replica-migration=yes
cluster-announce-bus-port=0
cluster-announce-hostname=
cluster-announce-human-nodename=
cluster-announce-ip=
cluster-announce-port=0
cluster-announce-tls-port=0
cluster-config-file=nodes.conf
cluster-enabled=no
cluster-link-sendbuf-limit=0
cluster-migration-barrier=1
cluster-node-timeout=15000
cluster-port=0
cluster-preferred-endpoint-type=ip
cluster-replica-no-failover=no
cluster-replica-validity-factor=10
cluster-require-full-coverage=yes
cluster-slave-no-failover=no
cluster-slave-validity-factor=10
crash-log-enabled=yes
crash-memcheck-enabled=yes
daemonize=no
databases=16
dbfilename=dump.rdb
dir=.
disable-thp=yes
dynamic-hz=yes
enable-debug-command=no
enable-module-command=no
enable-protected-configs=no
hash-max-listpack-entries=512
hash-max-listpack-value=64
hash-max-ziplist-entries=512
hash-max-ziplist-value=64
hll-sparse-max-bytes=3000
hz=10
ignore-warnings=
io-threads=1
io-threads-do-reads=no
jemalloc-bg-thread=yes
latency-monitor-threshold=0
latency-tracking=yes
latency-tracking-info-percentiles=50 99 99.9
lazyfree-lazy-eviction=no
lazyfree-lazy-expire=no
lazyfree-lazy-server-del=no
lazyfree-lazy-user-del=no
lazyfree-lazy-user-flush=no
lfu-decay-time=1
lfu-log-factor=10
list-compress-depth=0
list-max-listpack-size=-2
list-max-ziplist-size=-2
locale-collate=
logfile=
loglevel=notice
lua-time-limit=5000
masterauth=
masteruser=
maxclients=10000
maxmemory=0
maxmemory-clients=0
maxmemory-eviction-tenacity=10
maxmemory-policy=noeviction
maxmemory-samples=5
min-replicas-max-lag=10
min-replicas-to-write=0
min-slaves-max-lag=10
min-slaves-to-write=0
no-appendfsync-on-rewrite=no
notify-keyspace-events=
oom-score-adj=no
oom-score-adj-values=0 200 800
pidfile=
port=6379
proc-title-template={title} {listen-addr} {server-mode}
propagation-error-behavior=ignore
protected-mode=yes
proto-max-bulk-len=536870912
rdb-del-sync-files=no
rdb-save-incremental-fsync=yes
rdbchecksum=yes
rdbcompression=yes
repl-backlog-size=1048576
repl-backlog-ttl=3600
repl-disable-tcp-nodelay=no
repl-diskless-load=disabled
repl-diskless-sync=yes
repl-diskless-sync-delay=5
repl-diskless-sync-max-replicas=0
repl-ping-replica-period=10
repl-ping-slave-period=10
repl-timeout=60
replica-announce-ip=
replica-announce-port=0
replica-announced=yes
replica-ignore-disk-write-errors=no
replica-ignore-maxmemory=yes
replica-lazy-flush=no
replica-priority=100
replica-read-only=yes
replica-serve-stale-data=yes
replicaof=
requirepass=
sanitize-dump-payload=no
save=
server_cpulist=
set-max-intset-entries=512
set-max-listpack-entries=128
set-max-listpack-value=64
set-proc-title=yes
shutdown-on-sigint=default
shutdown-on-sigterm=default
shutdown-timeout=10
slave-announce-ip=
slave-announce-port=0
slave-ignore-maxmemory=yes
slave-lazy-flush=no
slave-priority=100
slave-read-only=yes
slave-serve-stale-data=yes
slaveof=
slowlog-log-slower-than=10000
slowlog-max-len=128
socket-mark-id=0
stop-writes-on-bgsave-error=yes
stream-node-max-bytes=4096
stream-node-max-entries=100
supervised=no
syslog-enabled=no
syslog-facility=local0
syslog-ident=redis
tcp-backlog=511
tcp-keepalive=300
timeout=0
tls-auth-clients=yes
tls-ca-cert-dir=
tls-ca-cert-file=
tls-cert-file=
tls-ciphers=
tls-ciphersuites=
tls-client-cert-file=
tls-client-key-file=
tls-client-key-file-pass=
tls-cluster=no
tls-dh-params-file=
tls-key-file=
tls-key-file-pass=
tls-port=0
tls-prefer-server-ciphers=no
tls-protocols=
tls-replication=no
tls-session-cache-size=20480
tls-session-cache-timeout=300
tls-session-caching=yes
tracking-table-max-keys=1000000
unixsocket=
unixsocketperm=0
zset-max-listpack-entries=128
zset-max-listpack-value=64
zset-max-ziplist-entries=128
zset-max-ziplist-value=64
)";

std::map<std::string, std::string> RedisDefaults() {
  std::map<std::string, std::string> values;
  for (const std::string_view line : Split(kRedisDefaults, '\n')) {
    const size_t equals = line.find('=');
    if (equals != std::string_view::npos)
      values.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return values;
}

// What the server declares, in its order.
struct Fixture {
  EngineOptions engine_options;
  ServerOptions server_options;
  ConfigRegistry registry;
  CommandRegistry commands;
  ConfiguredUsers users{registry,
                        {.users = &engine_options.access.users,
                         .commands = &commands,
                         .requirepass = &engine_options.command.requirepass}};
  TlsSettings tls{registry, [] { return Status::Ok(); }};
  SystemLog system_log{registry};
  OomScore oom_score{registry, "/dev/null"};
  std::vector<ConfigValue> declared;  // by rooms and the server, before the table
  std::unique_ptr<AcceptedConfig> accepted;

  Fixture() {
    server_options.working_directory = ".";
    DeclareEngineOptions(registry, &engine_options);
    DeclareServerOptions(registry, &server_options, {});
    declared = All();
    accepted = std::make_unique<AcceptedConfig>(registry);
  }

  std::vector<ConfigValue> All() const {
    const std::string_view everything = "*";
    return registry.Get({&everything, 1});
  }
  std::string LoadText(const std::string& text) {
    FakeConfigFiles files;
    files.files["t"] = text;
    const Status loaded = LoadConfig({.config_path = "t"}, files, registry);
    return loaded.ok() ? "OK" : loaded.message();
  }
  std::string Get(std::string_view name) {
    const auto values = registry.Get({&name, 1});
    return values.size() == 1 ? values[0].value : "(none)";
  }
  std::string Set(std::string_view name, std::string_view value) {
    const ConfigPair pair = {name, value};
    const Status set = registry.Set({&pair, 1}, ProtectedConfigs::kAllow);
    return set.ok() ? "OK" : set.message().substr(set.message().rfind(" - ") + 3);
  }
};

TEST_CASE("every name of CONFIG GET * is known, with Redis's default") {
  Fixture f;
  const auto defaults = RedisDefaults();
  CHECK(defaults.size() == 196);
  for (const auto& [name, value] : defaults) {
    CAPTURE(name);
    CHECK(f.registry.Has(name));
    CHECK(f.Get(name) == value);
  }
}

TEST_CASE("the table holds no name that means something: whoever declares one takes its row out") {
  const Fixture f;
  std::set<std::string_view> rows;
  for (const AcceptedRow& row : AcceptedRows()) rows.insert({row.spec.name, row.spec.alias});
  for (const ConfigValue& parameter : f.declared) {
    CAPTURE(parameter.name);
    CHECK_FALSE(rows.contains(parameter.name));
  }
}

TEST_CASE("every name is one of Redis's, or one of the few of our own") {
  const std::set<std::string_view> own = {"busy-poll-us",
                                          "io-uring",
                                          "long-command-slice-us",
                                          "pin-threads",
                                          "pipeline-order",
                                          "script-cache-size",
                                          "script-memory-limit",
                                          "threads",
                                          "value-compression",
                                          "value-compression-max-bytes",
                                          "value-compression-min-bytes"};
  Fixture f;
  const auto defaults = RedisDefaults();
  for (const auto& [name, value] : f.All()) {
    CAPTURE(name);
    CHECK((defaults.contains(name) || own.contains(name)));
  }
}

TEST_CASE("each value can be set to what it is, unless it is fixed at start") {
  Fixture f;
  for (const auto& [name, value] : f.All()) {
    CAPTURE(name);
    const std::string answer = f.Set(name, value);
    if (answer != "can't set immutable config") CHECK(answer == "OK");
    CHECK(f.Get(name) == value);
  }
}

TEST_CASE("a room that declares a name first has it; so does one that declares only its alias") {
  ConfigRegistry registry;
  int hz = 7;
  bool read_only = false;
  registry.Integer({.name = "hz"}, &hz);
  registry.YesNo({.name = "slave-read-only"}, &read_only);
  const AcceptedConfig accepted(registry);
  const std::string_view names[] = {"hz", "slave-read-only", "replica-read-only"};
  const auto values = registry.Get(names);
  REQUIRE(values.size() == 2);
  CHECK(values[0].value == "7");
  CHECK(values[1].value == "no");
}

TEST_CASE("latency percentiles are numbers from 0 to 100, several on a line") {
  Fixture f;
  const char* name = "latency-tracking-info-percentiles";
  CHECK(f.LoadText("latency-tracking-info-percentiles 50 99.9\n") == "OK");
  CHECK(f.Get(name) == "50 99.9");
  CHECK(f.Set(name, "99.9 50 50.55555") == "OK");
  CHECK(f.Get(name) == "99.9 50 50.55555");
  CHECK(f.Set(name, "0.0 50.0 100.0") == "OK");
  CHECK(f.Get(name) == "0 50 100");
  CHECK(f.Set(name, "50 101") ==
        "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
  CHECK(f.Set(name, "abc") == "Invalid latency-tracking-info-percentiles parameters");
  CHECK(f.Set(name, "") == "OK");
  CHECK(f.Get(name).empty());
}

TEST_CASE("accepted values are still checked") {
  Fixture f;
  CHECK(f.Set("hz", "abc") == "argument couldn't be parsed into an integer");
  CHECK(f.Set("appendfsync", "x") ==
        "argument(s) must be one of the following: everysec, always, no");
  CHECK(f.Set("shutdown-on-sigterm", "now force") == "OK");
  CHECK(f.Get("shutdown-on-sigterm") == "now force");
  CHECK(f.LoadText("replicaof a\n").ends_with("wrong number of arguments"));
  CHECK(f.LoadText("lua-replicate-commands yes\nlist-max-ziplist-entries 5\n") == "OK");
}

TEST_CASE("the operator hears once, by reason, of what was given and means nothing") {
  Fixture f;
  REQUIRE(f.LoadText("io-threads 4\nio-threads-do-reads no\njemalloc-bg-thread no\nio-threads "
                     "2\ntimeout 5\n") == "OK");
  CHECK(f.accepted->Notices() ==
        std::vector<std::string>{
            "accepted, has no meaning here (unused pages always go back on a thread of the "
            "allocator's): "
            "jemalloc-bg-thread",
            "accepted, has no meaning here (there is no such thread or periodic job): io-threads, "
            "io-threads-do-reads"});
  CHECK(f.accepted->Warnings().empty());
}

TEST_CASE("a value that somebody may count on is a warning") {
  Fixture f;
  REQUIRE(f.LoadText("appendonly yes\nreplicaof 10.0.0.1 6379\ntls-port 0\n") == "OK");
  CHECK(f.accepted->Warnings() ==
        std::vector<std::string>{
            "'appendonly yes' has no effect: this version writes snapshots only",
            "'replicaof 10.0.0.1 6379' has no effect: this version does not replicate"});
}

TEST_CASE("every accepted name is told, in lines that the log does not cut") {
  Fixture f;
  std::string everything;
  for (const AcceptedRow& row : AcceptedRows()) {
    const bool is_host = row.spec.name == "replicaof";
    everything += std::string(row.spec.name) +
                  (is_host ? " h 1" : " \"" + f.Get(row.spec.name) + "\"") + "\n";
  }
  REQUIRE(f.LoadText(everything) == "OK");
  size_t names = 0;
  for (const std::string& line : f.accepted->Notices()) {
    CHECK(line.size() < 1000);
    names += Split(line.substr(line.find("):") + 3), ',').size();
  }
  CHECK(names == AcceptedRows().size());
}

TEST_CASE("each reason has its own text") {
  std::set<std::string> texts;
  for (size_t i = 0; i < kAcceptedReasonCount; ++i) {
    texts.insert(ReasonText(static_cast<AcceptedReason>(i)));
  }
  CHECK(texts.size() == kAcceptedReasonCount);
}

// Loads a file of the real disk; skipped, with a word, where it cannot be read.
void CheckFileLoads(const std::string& path, std::string_view directive_in_it) {
  DiskConfigFiles files;
  const auto text = files.Read(path);
  if (!text.ok()) {
    MESSAGE("not checked: " << path << ": " << text.status().message());
    return;
  }
  Fixture f;
  const Status loaded = LoadConfig({.config_path = path}, files, f.registry);
  CHECK_MESSAGE(loaded.ok(), loaded.message());
  CHECK(f.registry.WasGiven(directive_in_it));
}

TEST_CASE("the redis.conf that Debian installs loads as it is") {
  CheckFileLoads("/etc/redis/redis.conf", "appendfsync");
}

TEST_CASE("our own configuration file names only what exists") {
  const char* source = std::getenv("TORC_SOURCE_DIR");
  if (source == nullptr) {
    MESSAGE("not checked: ctest says where the source is (TORC_SOURCE_DIR)");
    return;
  }
  REQUIRE(std::filesystem::exists(std::string(source) + "/conf/torc.conf"));
  CheckFileLoads(std::string(source) + "/conf/torc.conf", "slowlog-max-len");
}

}  // namespace
}  // namespace torc
