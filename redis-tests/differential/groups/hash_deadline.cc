#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Fields that end by themselves. Redis has them from 7.4 on.
Group HashDeadlineGroup() {
  static constexpr Rule kRules[] = {
      {30, "HEXPIRE hkey ttl_s [NX|XX|GT|LT] FIELDS 1 field"},
      {15, "HEXPIRE hkey ttl_s [NX|XX|GT|LT] FIELDS 2 field field"},
      {8, "HEXPIRE hkey ttl_s FIELDS 4 field field field field"},
      {5, "HEXPIRE hkey past [NX|XX|GT|LT] FIELDS 2 field field"},
      {15, "HPEXPIRE hkey ttl_ms [NX|XX|GT|LT] FIELDS 2 field field"},
      {3, "HPEXPIRE hkey past FIELDS 1 field"},
      {15, "HEXPIREAT hkey at_s [NX|XX|GT|LT] FIELDS 2 field field"},
      {4, "HEXPIREAT hkey past_at [NX|XX|GT|LT] FIELDS 1 field"},
      {15, "HPEXPIREAT hkey at_ms [NX|XX|GT|LT] FIELDS 2 field field"},
      {3, "HPEXPIREAT hkey past_at FIELDS 3 field field field"},
      {20, "HTTL hkey FIELDS 2 field field", Check::kNear, 5},
      {20, "HPTTL hkey FIELDS 3 field field field", Check::kNear, 5000},
      {15, "HEXPIRETIME hkey FIELDS 2 field field", Check::kNear, 5},
      {15, "HPEXPIRETIME hkey FIELDS 1 field", Check::kNear, 5000},
      {20, "HPERSIST hkey FIELDS 2 field field"},
      {2, "(HEXPIRE|HPEXPIRE) hkey ttl_s (NX|XX|GT|LT|FIELDS|value)* FIELDS count field+"},
      {2, "(HEXPIREAT|HPEXPIREAT) hkey at_ms FIELDS count field*"},
      {2, "(HTTL|HPTTL|HEXPIRETIME|HPEXPIRETIME) hkey FIELDS count field*", Check::kNear, 5000},
      {2, "HPERSIST hkey FIELDS count field*"},
      {1, "(HTTL|HPERSIST) hkey field+", Check::kNear, 5},
  };
  return {.name = "hash-deadline", .share = 8, .rules = kRules, .since = "7.4"};
}

}  // namespace torc::differential
