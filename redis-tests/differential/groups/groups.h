#pragma once

// The command groups, one file each: weighted rules in the grammar's notation (grammar.h).

#include <string_view>
#include <vector>

#include "redis-tests/differential/grammar.h"

namespace torc::differential {

Group ConnectionGroup();
Group GenericGroup();
Group StringGroup();
Group BitmapGroup();
Group HyperLogLogGroup();
Group ServerGroup();
Group AclGroup();
Group DurabilityGroup();
Group TrackingGroup();
Group ListGroup();
Group HashGroup();
Group HashDeadlineGroup();
Group SetGroup();
Group ZsetGroup();
Group GeoGroup();
Group SortGroup();
Group StreamGroup();
Group TransactionGroup();
Group BlockingGroup();
Group PubsubGroup();
Group OwnMessagesGroup();
Group ScriptGroup();

// Every group there is, in the order of the files' list above.
std::vector<Group> AllGroups();
// The groups named in a comma-separated list ("all" for every one). Empty when a name is unknown.
std::vector<Group> GroupsNamed(std::string_view names);

}  // namespace torc::differential
