#pragma once

#include "base/ids.h"
#include "store/entry.h"

namespace torc {

// What a snapshot does with the entries it meets.
class SnapshotVisitor {
 public:
  virtual ~SnapshotVisitor() = default;
  // One entry, as it was when the snapshot began: soon it may change or die. Must not touch the
  // keyspace.
  virtual void Visit(DbIndex db, const Entry& entry) = 0;
  // Whether the visitor has got enough for now: then AdvanceSnapshot returns.
  virtual bool full() const { return false; }
};

}  // namespace torc
