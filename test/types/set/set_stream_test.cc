// Random streams of set commands: after each, the engine and its shadow, which saw only effects,
// hold the same sets, and these are what std::set says.

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "base/rng.h"
#include "support/engine_harness.h"
#include "types/set/set.h"

namespace torc {
namespace {

using Model = std::map<std::string, std::set<std::string>>;

std::string RandomMember(Rng& rng) {
  if (rng.Below(2) == 0) return std::to_string(rng.Between(-20, 60));
  if (rng.Below(30) == 0) return std::string(70, 'x');
  return "m" + std::to_string(rng.Below(80));
}

void Forget(Model* model, const std::string& key) {
  if ((*model)[key].empty()) model->erase(key);
}

void RunOne(EngineHarness& engine, Rng& rng, Model* model) {
  const std::string key = "s" + std::to_string(rng.Below(5));
  const std::string other = "s" + std::to_string(rng.Below(5));
  const std::string member = RandomMember(rng);
  switch (rng.Below(8)) {
    case 0:
      for (const Reply& popped : engine.Ask("SPOP " + key + " 2").elements) {
        REQUIRE((*model)[key].erase(popped.text) == 1);
      }
      break;
    case 1: {
      const bool had = model->contains(key) && (*model)[key].contains(member);
      REQUIRE(engine.Ask("SMOVE " + key + " " + other + " " + member).integer == (had ? 1 : 0));
      if (had) {
        (*model)[key].erase(member);
        (*model)[other].insert(member);
      }
      break;
    }
    case 2: {
      std::set<std::string> united = (*model)[key];
      united.insert((*model)[other].begin(), (*model)[other].end());
      engine.Run("SUNIONSTORE s0 " + key + " " + other);
      (*model)["s0"] = united;
      break;
    }
    case 3: {
      std::set<std::string> left = (*model)[key];
      for (const std::string& gone : (*model)[other]) left.erase(gone);
      engine.Run("SDIFFSTORE s1 " + key + " " + other);
      (*model)["s1"] = left;
      break;
    }
    case 4:
      REQUIRE(engine.Ask("SREM " + key + " " + member).integer ==
              static_cast<int64_t>((*model)[key].erase(member)));
      break;
    default:
      REQUIRE(engine.Ask("SADD " + key + " " + member).integer ==
              ((*model)[key].insert(member).second ? 1 : 0));
      break;
  }
  for (const char* name : {"s0", "s1", "s2", "s3", "s4"}) Forget(model, name);
}

void CheckAll(EngineHarness& engine, const Model& model) {
  REQUIRE(engine.Ask("DBSIZE").integer == static_cast<int64_t>(model.size()));
  for (const auto& [key, members] : model) {
    std::set<std::string> found;
    for (const Reply& member : engine.Ask("SMEMBERS " + key).elements) found.insert(member.text);
    REQUIRE(found == members);
    const KeyRef ref = engine.keyspace().Ref(key);
    SetView(*engine.keyspace().Peek(DbIndex(0), ref).entry).CheckInvariants();
  }
}

TEST_CASE("any stream of set commands leaves what a model says, in the engine and its shadow") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Rng rng(seed);
    EngineHarness engine;
    engine.Run("CONFIG SET set-max-intset-entries " + std::to_string(rng.Below(30)) +
               " set-max-listpack-entries " + std::to_string(rng.Below(30)));
    Model model;
    for (int i = 0; i < 1000; ++i) {
      RunOne(engine, rng, &model);
      if (i % 50 == 0) CheckAll(engine, model);
    }
    CheckAll(engine, model);
    engine.CheckShadow();
  }
}

}  // namespace
}  // namespace torc
