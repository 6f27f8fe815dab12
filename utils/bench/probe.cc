#include "probe.h"

#include <linux/perf_event.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace torc::bench {

CpuMeter::CpuMeter(int pid) {
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_TASK_CLOCK;
  std::error_code failure;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, failure)) {
    const int tid = atoi(task.path().filename().c_str());
    const long fd = syscall(SYS_perf_event_open, &attributes, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0) Die("perf_event_open (needs root or kernel.perf_event_paranoid <= 1)");
    counters_.push_back(static_cast<int>(fd));
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    names_.push_back(name);
  }
  read_ns_.resize(counters_.size());
  if (counters_.empty()) Die("no such process to probe");
}

CpuMeter::~CpuMeter() {
  for (const int fd : counters_) close(fd);
}

const std::vector<uint64_t>& CpuMeter::ReadNs() {
  for (size_t i = 0; i < counters_.size(); ++i) {
    if (read(counters_[i], &read_ns_[i], sizeof(uint64_t)) != sizeof(uint64_t)) {
      Die("reading a CPU counter");
    }
  }
  return read_ns_;
}

Probe::Probe(const Address& address, int pid, uint64_t interval_ns)
    : fd_(Connect(address)), meter_(pid), interval_ns_(interval_ns) {}

Probe::~Probe() {
  close(fd_);
}

uint64_t Probe::DueNs() const {
  return in_flight_ ? UINT64_MAX : due_ns_;
}

void Probe::SendIfDue(uint64_t now_ns) {
  if (in_flight_ || now_ns < due_ns_) return;
  sent_cpu_ns_ = meter_.ReadNs();
  constexpr std::string_view kPing = "*1\r\n$4\r\nPING\r\n";
  if (send(fd_, kPing.data(), kPing.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(kPing.size()))
    Die("probe send");
  in_flight_ = true;
  due_ns_ = now_ns + interval_ns_;
}

void Probe::ReadAnswer(uint64_t now_ns, double progress) {
  std::array<char, 256> bytes;
  const ssize_t got = recv(fd_, bytes.data(), bytes.size(), 0);
  if (got <= 0) Die("probe receive");
  if (answers_.Feed({bytes.data(), static_cast<size_t>(got)}) == 0) return;
  in_flight_ = false;
  NoteAnswer(now_ns, progress);
}

namespace {

uint64_t SumOfGrowth(const std::vector<uint64_t>& now, const std::vector<uint64_t>& before) {
  uint64_t sum = 0;
  for (size_t i = 0; i < now.size(); ++i) sum += now[i] - before[i];
  return sum;
}

}  // namespace

void Probe::NoteInside(const std::vector<uint64_t>& cpu_ns, size_t slice) {
  const uint64_t inside_ns = SumOfGrowth(cpu_ns, sent_cpu_ns_);
  inside_cpu_ns_.Record(inside_ns);
  worst_inside_by_slice_ns_[slice] = std::max(worst_inside_by_slice_ns_[slice], inside_ns);
  if (inside_ns <= worst_inside_ns_) return;
  worst_inside_ns_ = inside_ns;
  worst_shares_.clear();
  for (size_t i = 0; i < cpu_ns.size(); ++i) {
    worst_shares_.push_back({meter_.names()[i], cpu_ns[i] - sent_cpu_ns_[i]});
  }
}

void Probe::NoteAnswer(uint64_t now_ns, double progress) {
  const std::vector<uint64_t>& cpu_ns = meter_.ReadNs();
  const size_t slice =
      std::min(static_cast<size_t>(progress * static_cast<double>(worst_cpu_ns_.size())),
               worst_cpu_ns_.size() - 1);
  NoteInside(cpu_ns, slice);
  if (last_answer_ns_ != 0) {
    const uint64_t spent_ns = SumOfGrowth(cpu_ns, last_cpu_ns_);
    cpu_ns_.Record(spent_ns);
    wall_ns_.Record(now_ns - last_answer_ns_);
    worst_cpu_ns_[slice] = std::max(worst_cpu_ns_[slice], spent_ns);
  }
  last_cpu_ns_ = cpu_ns;
  last_answer_ns_ = now_ns;
}

}  // namespace torc::bench
