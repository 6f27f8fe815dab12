#include "redis-tests/differential/groups/groups.h"

#include "base/text.h"

namespace torc::differential {

std::vector<Group> AllGroups() {
  return {ConnectionGroup(), GenericGroup(),     StringGroup(),   BitmapGroup(),
          ServerGroup(),     ListGroup(),        HashGroup(),     SetGroup(),
          ZsetGroup(),       TransactionGroup(), AclGroup(),      DurabilityGroup(),
          TrackingGroup(),   HyperLogLogGroup(), BlockingGroup(), GeoGroup(),
          StreamGroup(),     SortGroup(),        ScriptGroup(),   PubsubGroup(),
          OwnMessagesGroup()};
}

std::vector<Group> GroupsNamed(std::string_view names) {
  const std::vector<Group> all = AllGroups();
  if (names == "all") return all;
  std::vector<Group> found;
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
