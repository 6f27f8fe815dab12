#pragma once

// A reply as one line that a test can quote:
//
//   simple          OK                     bulk      "bytes, escaped"
//   error           (error) ERR no         integer   42
//   null            (nil)                  double    (double) 1.5
//   array           [1, "two"]             set       {1, "two"}
//   map             {"name": "value"}      push      >[1, "two"]
//   boolean         (true), (false)        big number (big) 123
//   verbatim        (verbatim) "txt:bytes"

#include <string>

#include "torc/reply.h"

namespace torc {

std::string ReplyText(const Reply& reply);

}  // namespace torc
