#include "redis-tests/differential/groups/groups.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace torc::differential {

std::vector<Group> AllGroups() {
  return {ConnectionGroup(),  GenericGroup(),     StringGroup(),   BitmapGroup(),
          ServerGroup(),      ListGroup(),        HashGroup(),     SetGroup(),
          ZsetGroup(),        TransactionGroup(), AclGroup(),      DurabilityGroup(),
          TrackingGroup(),    HyperLogLogGroup(), BlockingGroup(), GeoGroup(),
          StreamGroup(),      SortGroup(),        ScriptGroup(),   PubsubGroup(),
          OwnMessagesGroup(), HashDeadlineGroup()};
}

std::vector<Group> GroupsNamed(std::string_view names) {
  const std::vector<Group> all = AllGroups();
  std::vector<Group> found;
  if (names == "all") {
    std::copy_if(all.begin(), all.end(), std::back_inserter(found),
                 [](const Group& group) { return group.since.empty(); });
    return found;
  }
  for (const std::string_view name : Split(names, ',')) {
    const size_t count_before = found.size();
    for (const Group& group : all) {
      if (group.name == name) found.push_back(group);
    }
    if (found.size() == count_before) return {};
  }
  return found;
}

}  // namespace torc::differential
