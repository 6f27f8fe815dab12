#include "cluster/membership.h"

#include <algorithm>

#include "base/bytes.h"

namespace torc {
namespace {

bool Has(const std::vector<Member>& members, const Member& member) {
  return std::find(members.begin(), members.end(), member) != members.end();
}

void WriteMembers(const std::vector<Member>& members, ByteWriter* writer) {
  writer->Varint(members.size());
  for (const Member& member : members) {
    writer->U64(member.node.value());
    writer->U64(member.incarnation.value());
    writer->Varint(member.birth);
  }
}

void ReadMembers(ByteReader* reader, std::vector<Member>* members) {
  const uint64_t count = reader->Varint();
  if (count > Membership::kMembersMax) return reader->Invalidate();
  for (uint64_t i = 0; i < count && reader->ok(); ++i) {
    Member member;
    member.node = NodeId(reader->U64());
    member.incarnation = Incarnation(reader->U64());
    member.birth = reader->Varint();
    members->push_back(member);
  }
}

}  // namespace

bool Membership::IsVoter(const Member& member) const {
  return Has(voters, member);
}
bool Membership::IsLearner(const Member& member) const {
  return Has(learners, member);
}

std::optional<Member> Membership::OnNode(NodeId node) const {
  for (const Member& member : voters) {
    if (member.node == node) return member;
  }
  for (const Member& member : learners) {
    if (member.node == node) return member;
  }
  return std::nullopt;
}

std::string EncodeMembership(const Membership& membership) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Varint(membership.version);
  writer.Varint(membership.epoch.value());
  WriteMembers(membership.voters, &writer);
  WriteMembers(membership.learners, &writer);
  return bytes;
}

std::optional<Membership> DecodeMembership(std::string_view bytes) {
  ByteReader reader(bytes);
  Membership membership;
  membership.version = reader.Varint();
  membership.epoch = Epoch(reader.Varint());
  ReadMembers(&reader, &membership.voters);
  ReadMembers(&reader, &membership.learners);
  if (!reader.done()) return std::nullopt;
  return membership;
}

}  // namespace torc
