#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Streams. Ids are given, never made from the clock, so that both servers hold the same ones; for
// nonsense may be "*", XADD is not spoiled. Idle
// times are compared with limits that are an hour away from any that a run can bring about, and
// such commands are not spoiled, as a limit of some milliseconds would be.
//
// 7.0 makes a consumer only when there is something to give to it, 7.2 whenever it is named: so
// groups are made with their consumers, and no command names others. And 7.2 refuses an XSETID
// below what was deleted, 7.0 does not: so ids set are greater than all. And 7.2 refuses an
// XAUTOCLAIM whose COUNT it has not got the memory for.
Group StreamGroup() {
  static constexpr Rule kRules[] = {
      Unspoiled(60, "XADD xkey newid (field value)+"),
      Unspoiled(40, "XADD xkey newid 'a' value 'b' value"),
      Unspoiled(10, "XADD xkey (entryid|badid) field value"),
      Unspoiled(8,
                "XADD xkey [NOMKSTREAM] (MAXLEN|MINID) [~|=] (count|entryid) newid (field value)+"),
      Unspoiled(8, "XADD xkey MAXLEN [~|=] count newid 'a' value 'b' value"),
      Unspoiled(5, "XADD xkey MAXLEN (~|=) count LIMIT (0|3|20|index) newid field value"),
      Unspoiled(
          3,
          "XADD xkey (MAXLEN count|MINID entryid|LIMIT count|NOMKSTREAM|~|=)* newid field value"),
      {8, "XTRIM xkey MAXLEN [~|=] count"},
      {8, "XTRIM xkey MINID [~|=] entryid"},
      {5, "XTRIM xkey (MAXLEN|MINID) ~ (count|entryid) LIMIT (0|2|10|30|index)"},
      {10, "XLEN xkey"},
      {20, "XDEL xkey entryid+"},
      {25, "XRANGE xkey bound bound [COUNT count]"},
      {25, "XREVRANGE xkey bound bound [COUNT count]"},
      {10, "XRANGE xkey - '+' [COUNT count]"},
      {20, "XREAD [COUNT count] STREAMS xkey (entryid|$|0)"},
      {5, "XREAD [COUNT count] STREAMS xkey xkey (entryid|$|0) (entryid|>|0)"},
      Unspoiled(6, "XSETID xkey setid [ENTRIESADDED (100|index)] [MAXDELETEDID entryid]"),
      Unspoiled(1, "XSETID xkey ('abc'|'5-') [ENTRIESADDED index]"),
      Unspoiled(
          10,
          "XGROUP CREATE xkey 'g1' ($|0|entryid) [MKSTREAM] [ENTRIESREAD (index|3)] ;; XGROUP "
          "CREATECONSUMER samekey 'g1' 'c1' ;; XGROUP CREATECONSUMER samekey 'g1' 'c2'"),
      Unspoiled(
          8,
          "XGROUP CREATE xkey 'g2' ($|0|entryid) [ENTRIESREAD (index|3)] [MKSTREAM] ;; XGROUP "
          "CREATECONSUMER samekey 'g2' 'c1' ;; XGROUP CREATECONSUMER samekey 'g2' 'c2'"),
      {6, "XGROUP SETID xkey ('g1'|'g2'|value) ($|0|entryid) [ENTRIESREAD (index|3)]"},
      {2, "XGROUP DESTROY xkey ('g1'|'g2'|value)"},
      {4, "XGROUP CREATECONSUMER xkey ('g1'|'g2') ('c3'|value)"},
      Unspoiled(3, "XGROUP DELCONSUMER xkey 'g1' 'c1' ;; XGROUP CREATECONSUMER samekey 'g1' 'c1'"),
      Unspoiled(3, "XGROUP DELCONSUMER xkey 'g2' 'c2' ;; XGROUP CREATECONSUMER samekey 'g2' 'c2'"),
      {2, "XGROUP (SETID|DESTROY|'nothing') xkey ('g1'|value) (value|MKSTREAM|ENTRIESREAD)*"},
      Unspoiled(30,
                "XREADGROUP GROUP ('g1'|'g2') ('c1'|'c2') [COUNT count] [NOACK] STREAMS xkey >"),
      Unspoiled(
          10, "XREADGROUP GROUP ('g1'|'g2') ('c1'|'c2') [COUNT count] STREAMS xkey (0|entryid|$)"),
      Unspoiled(5, "XREADGROUP GROUP 'g1' ('c1'|'c2') [COUNT count] STREAMS xkey xkey > (>|0)"),
      {4, "XREADGROUP GROUP ('none'|value) value [COUNT count] [NOACK] STREAMS xkey >"},
      {15, "XACK xkey ('g1'|'g2') entryid+"},
      {12, "XPENDING xkey ('g1'|'g2'|value)"},
      {15, "XPENDING xkey ('g1'|'g2') bound bound count [('c1'|'c2'|value)]", Check::kStream},
      Unspoiled(8, "XPENDING xkey ('g1'|'g2') IDLE (0|3600000|'abc') - '+' count ['c1']",
                Check::kStream),
      {2, "XPENDING xkey 'g1' (IDLE|0|-|'+'|3|'c1')+", Check::kStream},
      Unspoiled(12, "XCLAIM xkey ('g1'|'g2') ('c1'|'c2') (0|3600000|-1|'abc') entryid+"),
      Unspoiled(12,
                "XCLAIM xkey ('g1'|'g2') ('c1'|'c2') 0 entryid+ [(IDLE 7200000|IDLE 0|TIME 1|TIME "
                "'abc'|IDLE -5)] [RETRYCOUNT index] [FORCE] [JUSTID] [LASTID entryid] [value]"),
      Unspoiled(12,
                "XAUTOCLAIM xkey ('g1'|'g2') ('c1'|'c2') (0|3600000|-1|'abc') bound [COUNT "
                "(1|2|5|0|-1|'abc')] [JUSTID]"),
      {15, "XINFO STREAM xkey"},
      {10, "XINFO STREAM xkey FULL [COUNT count]", Check::kStream},
      {8, "XINFO GROUPS xkey"},
      {8, "XINFO CONSUMERS xkey ('g1'|'g2'|value)", Check::kStream},
      {4, "DEL xkey"},
      {3, "OBJECT ENCODING xkey"},
      {3, "COPY xkey xkey [REPLACE]"},
  };
  return {"stream", 10, kRules};
}

}  // namespace torc::differential
