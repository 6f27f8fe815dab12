#include "server/server.h"

#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "base/memory.h"
#include "engine/all_rooms.h"
#include "resp/errors.h"
#include "server/background_threads.h"
#include "server/config_rewrite.h"
#include "server/config_values.h"
#include "server/crash_report.h"
#include "server/locale_settings.h"
#include "server/machine_memory.h"
#include "server/startup_pages.h"
#include "server/usable_cores.h"
#include "torc/version.h"

namespace torc {
namespace {

// Descriptors the process needs besides its clients'.
constexpr int64_t kReservedDescriptors = 32;

std::string AbsolutePath(const std::string& path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) == nullptr ? path : std::string(resolved);
}

}  // namespace

Server::Server() : types_(AllTypes()) {
  RegisterAllCommands(commands_);
  DeclareEngineOptions(config_, &engine_options_);
  DeclareSnapshotSettings(config_, &snapshot_settings_);
  DeclareSavePoints(config_, &snapshot_settings_.save_points);
  DeclareServerOptions(config_, &options_,
                       {.listen_again = [this] { return ListenAgain(); },
                        .open_log =
                            [this] {
                              SetLogLevel(options_.log_level);
                              return Status::Ok();
                            },
                        .limit_clients = [this] { return LimitClients(); },
                        .change_directory =
                            [this] {
                              if (chdir(options_.working_directory.c_str()) == 0)
                                return Status::Ok();
                              return Status::IoError(std::strerror(errno));
                            }});
  DeclareAppendLogOptions(
      config_, &append_log_options_,
      {.switched = [this] { return append_log_ ? append_log_->Switch() : Status::Ok(); },
       .policy_changed =
           [this] { return append_log_ ? append_log_->ApplyPolicy() : Status::Ok(); }});
  accepted_ = std::make_unique<AcceptedConfig>(config_);
  char directory[PATH_MAX];
  if (getcwd(directory, sizeof(directory)) != nullptr) options_.working_directory = directory;
}

Server::~Server() {
  // Connections before the loop they belong to.
  every_second_.reset();
  signals_.clear();
  listeners_.reset();
  append_log_.reset();
  snapshots_.reset();
  disk_thread_.reset();
  other_shards_.reset();
  shard_loop_.reset();
  shard_.reset();
  loop_.reset();
  SetLogSink({});
}

Status Server::Configure(const CommandLine& command_line) {
  command_line_ = command_line;
  if (command_line.config_path) config_path_ = AbsolutePath(*command_line.config_path);
  DiskConfigFiles files;
  TORC_RETURN_IF_ERROR(LoadConfig(command_line, files, config_));
  options_.hz = std::clamp(options_.hz, kHzMin, kHzMax);
  return users_.Settle(files, options_.working_directory);
}

Status Server::PrepareProcess() {
  if (!options_.working_directory.empty() && chdir(options_.working_directory.c_str()) != 0) {
    return Status::IoError(Format("Can't chdir to '%s': %s", options_.working_directory.c_str(),
                                  std::strerror(errno)));
  }
  TORC_RETURN_IF_ERROR(log_.Open(options_.log_file));
  SetLogLevel(options_.log_level);
  system_log_.Start();
  SetLogSink([this](LogLevel level, std::string_view text) {
    log_.Write(level, text);
    system_log_.Write(level, text);
  });
  InstallCrashReport(log_.descriptor());
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  // As a container's first process it is also the parent of what others left behind.
  if (getpid() == 1) signal(SIGCHLD, SIG_IGN);
  RaiseFileLimit();
  if (!UseCollation(options_.locale_collate).ok()) {
    return Status::InvalidArgument("Failed to configure LOCALE for invalid locale name.");
  }
  return Status::Ok();
}

void Server::RaiseFileLimit() {
  const auto wanted = static_cast<rlim_t>(options_.clients_max + kReservedDescriptors);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  rlimit raised = limit;
  raised.rlim_cur = wanted;
  raised.rlim_max = std::max(limit.rlim_max, wanted);
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return;
  raised.rlim_cur = raised.rlim_max = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &raised) != 0) raised = limit;
  options_.clients_max =
      std::max<int64_t>(static_cast<int64_t>(raised.rlim_cur) - kReservedDescriptors, 1);
  Log(LogLevel::kWarning,
      "maxclients has been reduced to %lld: the process may open only %llu files (ulimit -n).",
      static_cast<long long>(options_.clients_max),
      static_cast<unsigned long long>(raised.rlim_cur));
}

Status Server::LimitClients() {
  const int64_t asked = options_.clients_max;
  RaiseFileLimit();
  if (options_.clients_max == asked) return Status::Ok();
  return Status::ResourceExhausted(
      Format("The operating system is not able to handle the specified number of clients, try "
             "with %lld",
             static_cast<long long>(options_.clients_max)));
}

Status Server::ListenAgain() {
  return running_ ? listeners_->ReopenTcp(options_, tls_.port()) : Status::Ok();
}

Status Server::WatchSignals() {
  for (const int signal_number : {SIGTERM, SIGINT}) {
    auto watcher = SignalWatcher::Watch(loop_.get(), signal_number, [this, signal_number] {
      Log(LogLevel::kWarning, "Received %s scheduling shutdown...",
          signal_number == SIGTERM ? "SIGTERM" : "SIGINT");
      const auto end = [this] { (void)Shutdown({}).ok(); };  // why not is in the log
      // Within a command that takes long, whoever turns this loop has all shards.
      shard_->gate().busy.empty() ? RunAlone(end) : end();
    });
    if (!watcher.ok()) return watcher.status();
    signals_.push_back(std::move(watcher).value());
  }
  return Status::Ok();
}

Status Server::Start() {
  TORC_RETURN_IF_ERROR(PrepareProcess());
  TORC_RETURN_IF_ERROR(supervision_.Begin());
  (void)oom_score_.Apply();  // why not is in the log
  StartAllocatorThread();
  auto loop = EventLoop::Create();
  if (!loop.ok()) return loop.status();
  loop_ = std::move(loop).value();
  started_ns_ = clock_.MonoNs();
  Rng rng(entropy_.Seed());
  while (run_id_.size() < 40) run_id_ += Format("%02x", static_cast<unsigned>(rng.Below(256)));
  engine_options_.keyspace.hash_seed = entropy_.Seed();
  engine_options_.machine_memory_bytes = MachineMemoryBytes();
  // One shard needs no more than one partition, and then no key's slot is ever computed.
  if (options_.threads == 0) {
    options_.threads = static_cast<int64_t>(std::min(UsableCores(), ShardSet::kShardsMax));
  }
  engine_options_.keyspace.partition_count = PartitionCountFor(options_.threads);
  shard_ = std::make_unique<Shard>(&engine_options_, &commands_, &types_, &config_, &clock_);
  shard_loop_ = std::make_unique<ShardLoop>(loop_.get(), shard_.get(), &options_);
  TORC_RETURN_IF_ERROR(StartShards());
  StartSnapshots();
  StartLog();
  RegisterInfo();
  LogStart();
  if (const Status tls = tls_.Start(); !tls.ok()) {
    return Status::InvalidArgument("Failed to configure TLS: " + tls.message());
  }
  listeners_ = std::make_unique<Listeners>(
      loop_.get(),
      [this](Stream stream, Listeners::Kind kind) { Accept(std::move(stream), kind); });
  TORC_RETURN_IF_ERROR(listeners_->Open(options_, tls_.port()));
  supervision_.Started();
  TORC_RETURN_IF_ERROR(WatchSignals());
  every_second_ = std::make_unique<Timer>(loop_.get(), [this] { EverySecond(); });
  every_second_->StartRepeating(1000);
  TORC_RETURN_IF_ERROR(append_log_options_.enabled ? append_log_->BeginLoad()
                                                   : snapshots_->BeginLoad());
  running_ = true;
  GiveBackStartupPages();
  return Status::Ok();
}

// All shards are there when this returns; their threads do not run yet.
Status Server::StartShards() {
  shard_loops_ = {shard_loop_.get()};
  if (options_.threads > 1) {
    auto others = ShardThreads::Create({.count = static_cast<size_t>(options_.threads),
                                        .engine_options = &engine_options_,
                                        .commands = &commands_,
                                        .types = &types_,
                                        .config = &config_,
                                        .clock = &clock_,
                                        .options = &options_,
                                        .first_loop = shard_loop_.get(),
                                        .first_shard = shard_.get()});
    if (!others.ok()) return others.status();
    other_shards_ = std::move(others).value();
    shard_loops_ = other_shards_->group().loops;
  }
  std::vector<ClientTable*> tables;
  for (ShardLoop* loop : shard_loops_) tables.push_back(&loop->clients());
  for (size_t i = 0; i < shard_loops_.size(); ++i) {
    clients_.push_back(std::make_unique<AllClients>(tables, i));
    Services& services = *(*shard_->services().shards)[i];
    services.server = this;
    services.acl_file = &users_;
    services.entropy = &entropy_;
    services.clients = clients_.back().get();
  }
  return Status::Ok();
}

void Server::StartSnapshots() {
  disk_thread_ = std::make_unique<WorkThread>(
      loop_.get(), [this](std::function<void()> work) { RunAlone(std::move(work)); });
  snapshots_ = std::make_unique<Snapshots>(
      Snapshots::Parts{.settings = &snapshot_settings_,
                       .services = &shard_->services(),
                       .disk = &disk_,
                       .queue = disk_thread_.get(),
                       .loaded = [this](const Status& status) { OnLoaded(status); }});
  shard_->AddBackground(snapshots_.get());
}

void Server::StartLog() {
  append_log_ = std::make_unique<AppendLog>(AppendLog::Parts{
      .options = &append_log_options_,
      .disk = &disk_,
      .clock = &clock_,
      .entropy = &entropy_,
      .loop = loop_.get(),
      .shard = shard_.get(),
      .shard_loops = &shard_loops_,
      .snapshots = snapshots_.get(),
      .queue = disk_thread_.get(),
      .run_alone = [this](std::function<void()> work) { RunAlone(std::move(work)); },
      .loaded = [this](const Status& status) { OnLoaded(status); }});
}

void Server::RunAlone(std::function<void()> work) {
  if (other_shards_ == nullptr) return work();
  shard_loop_->RunAlone(std::move(work));
}

void Server::OnLoaded(const Status& status) {
  if (status.ok()) return LogReady();
  Log(LogLevel::kWarning, "Fatal error loading the data set: %s. Exiting.",
      status.message().c_str());
  failed_ = true;
  loop_->RequestStop();
}

void Server::LogStart() {
  Log(LogLevel::kNotice, "Torc %s is starting, %d bit, PID: %d", kTorcVersion, 64,
      static_cast<int>(getpid()));
  if (config_path_.empty()) {
    Log(LogLevel::kNotice,
        "No config file: defaults are in force. See conf/torc.conf for what can "
        "be set.");
  } else {
    Log(LogLevel::kNotice, "Configuration loaded from %s", config_path_.c_str());
  }
  for (const std::string& notice : accepted_->Notices()) {
    Log(LogLevel::kNotice, "%s", notice.c_str());
  }
  for (const std::string& name : renames_.absent()) {
    Log(LogLevel::kNotice, "rename-command: there is no '%s' here, so it has no name to lose",
        name.c_str());
  }
  for (const std::string& warning : users_.warnings()) {
    Log(LogLevel::kWarning, "%s", warning.c_str());
  }
  for (const std::string& warning : accepted_->Warnings()) {
    Log(LogLevel::kWarning, "%s", warning.c_str());
  }
}

void Server::LogReady() {
  if (options_.port != 0) {
    Log(LogLevel::kNotice, "Ready to accept connections tcp on port %d",
        static_cast<int>(options_.port));
  }
  if (tls_.port() != 0) {
    Log(LogLevel::kNotice, "Ready to accept connections tls on port %d",
        static_cast<int>(tls_.port()));
  }
  if (!options_.unix_socket.empty()) {
    Log(LogLevel::kNotice, "Ready to accept connections unix on %s", options_.unix_socket.c_str());
  }
  supervision_.Ready();
}

int Server::Run() {
  const Status started = Start();
  if (!started.ok()) {
    Log(LogLevel::kWarning, "%s", started.message().c_str());
    return 1;
  }
  Log(LogLevel::kNotice, "Server initialized, PID: %d", static_cast<int>(getpid()));
  if (!append_log_->loading() && !snapshots_->loading()) LogReady();
  if (other_shards_ != nullptr) other_shards_->Start();
  shard_loop_->Run();
  if (other_shards_ != nullptr) other_shards_->Stop();
  if (failed_) return 1;
  Log(LogLevel::kNotice, "User requested shutdown...");
  supervision_.Stopping();
  listeners_->Close();
  append_log_->Close();
  for (ShardLoop* loop : shard_loops_) loop->CloseAll();
  supervision_.RemovePidFile();
  Log(LogLevel::kWarning, "Torc is now ready to exit, bye bye...");
  return 0;
}

void Server::Accept(Stream stream, Listeners::Kind kind) {
  const bool encrypted = kind == Listeners::Kind::kTls;
  ClientTable& clients = shard_loop_->clients();
  size_t client_count = 0;
  for (const ShardLoop* loop : shard_loops_) client_count += loop->clients().count();
  if (static_cast<int64_t>(client_count) >= options_.clients_max) {
    ++clients.figures().connections_rejected;
    if (!encrypted) stream.TryWrite("-ERR max number of clients reached\r\n");
    return;
  }
  const bool open_to_all = engine_options_.access.users.default_user().nopass();
  if (options_.protected_mode && open_to_all && !stream.peer_is_local()) {
    ++clients.figures().connections_rejected;
    if (!encrypted) stream.TryWrite("-" + std::string(errors::kProtectedMode) + "\r\n");
    return;
  }
  const ClientId id(++last_client_);
  const size_t shard = next_shard_++ % shard_loops_.size();
  if (shard > 0) {
    return other_shards_->Hand(shard, std::move(stream), id, encrypted ? tls_.context() : nullptr);
  }
  if (encrypted) stream.StartTls(*tls_.context());
  shard_loop_->Serve(std::move(stream), id);
}

void Server::EverySecond() {
  log_.CheckRotation();
  SetCrashReportDescriptor(log_.descriptor());
  if (!shutdown_after_command_ || !shard_->gate().busy.empty()) return;
  RunAlone([this] {
    if (!shutdown_after_command_ || CommandUnderWay()) return;
    shard_->gate().ending = false;
    (void)Shutdown(*std::exchange(shutdown_after_command_, std::nullopt)).ok();
  });
}

bool Server::CommandUnderWay() const {
  if (!shard_->gate().busy.empty()) return true;
  const std::vector<Services*>& shards = *shard_->services().shards;
  return std::any_of(shards.begin(), shards.end(),
                     [](const Services* shard) { return shard->dispatcher->pausing(); });
}

Status Server::Shutdown(const ShutdownRequest& request) {
  if (request.abort) {
    return Status::InvalidArgument("No shutdown in progress.");
  }
  using When = ShutdownRequest::Save;
  if (CommandUnderWay() && request.save != When::kNoSave) {
    // Nothing may be saved in the middle of a script, and no command ends behind what is saved
    // last.
    shutdown_after_command_ = request;
    shard_->gate().ending = true;
    Scripting& scripting = *shard_->services().scripting;
    if (scripting.running() != nullptr) (void)scripting.running()->Kill();
    return Status::Unavailable("a command is running");
  }
  const bool save = request.save == When::kSave ||
                    (request.save == When::kDefault && snapshots_->HasSavePoints());
  snapshots_->CancelSave();
  if (save && !snapshots_->loading()) {
    Log(LogLevel::kNotice, "Saving the final RDB snapshot before exiting.");
    if (!snapshots_->Save().ok() && !request.force) {
      Log(LogLevel::kWarning, "Error trying to save the DB, can't exit.");
      return Status::IoError("the data set could not be saved");
    }
  }
  loop_->RequestStop();
  return Status::Ok();
}

Status Server::RewriteConfig() {
  if (config_path_.empty()) {
    return Status::InvalidArgument("The server is running without a config file");
  }
  DiskConfigFiles files;
  auto old_text = files.Read(config_path_);
  if (!old_text.ok()) return old_text.status();
  TORC_RETURN_IF_ERROR(ReplaceFile(config_path_, torc::RewriteConfig(*old_text, config_)));
  Log(LogLevel::kNotice, "CONFIG REWRITE executed with success.");
  return Status::Ok();
}

void Server::PauseChanged() {
  for (ShardLoop* loop : shard_loops_) loop->RetryDeferred();
}

void Server::ResetStats() {
  for (ShardLoop* loop : shard_loops_) loop->clients().figures() = {};
}

void Server::Sleep(int64_t duration_us) {
  timespec left{.tv_sec = duration_us / 1000000, .tv_nsec = duration_us % 1000000 * 1000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

}  // namespace torc
