#pragma once

// Counts complete RESP frames in a stream of bytes, without storing any of them.
//
// A request is an array of bulk strings and a reply is any RESP value, so one counter serves both
// ends: the bare responder counts commands, the load generator counts replies. A line that begins
// with no RESP type is an inline command and counts as one frame. Blank lines between frames count
// nothing.
//
// The state between two Feed() calls is a few words, whatever the size of the frame: bodies of bulk
// strings are skipped by length, aggregates by the number of elements still missing. Input is
// trusted to be RESP (this is a measuring tool on loopback): lengths are not checked against
// limits.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace torc::bench {

class FrameCounter {
 public:
  // Returns how many frames became complete within `bytes`.
  size_t Feed(std::string_view bytes) {
    size_t frames = 0;
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    while (at < end) {
      if (body_bytes_left_ > 0) {
        const auto step = std::min<uint64_t>(body_bytes_left_, static_cast<uint64_t>(end - at));
        at += step;
        body_bytes_left_ -= step;
        frames += body_bytes_left_ == 0 ? ElementDone() : 0;
      } else if (type_ == 0) {
        BeginLine(*at++);
      } else if (!HasNumber(type_)) {
        const void* newline = memchr(at, '\n', static_cast<size_t>(end - at));
        if (newline == nullptr) return frames;
        at = static_cast<const char*>(newline) + 1;
        type_ = 0;
        frames += ElementDone();
      } else {
        frames += NumberByte(*at++);
      }
    }
    return frames;
  }

  // Frames so far whose first byte was '-': error replies.
  uint64_t errors() const { return errors_; }

 private:
  static bool HasNumber(char type) {
    return type == '$' || type == '*' || type == '=' || type == '!' || type == '%' || type == '~' ||
           type == '>';
  }

  void BeginLine(char type) {
    if (type == '\n' || (type == '\r' && elements_left_ == 1)) return;
    type_ = type;
    number_ = 0;
    negative_ = false;
    if (type == '-' && elements_left_ == 1) ++errors_;
  }

  size_t NumberByte(char byte) {
    if (byte >= '0' && byte <= '9') {
      number_ = number_ * 10 + static_cast<uint64_t>(byte - '0');
    } else if (byte == '-') {
      negative_ = true;
    } else if (byte == '\n') {
      return HeaderDone();
    }
    return 0;
  }

  size_t HeaderDone() {
    const char type = type_;
    type_ = 0;
    if (negative_) return ElementDone();  // null bulk string or array
    if (type == '$' || type == '=' || type == '!') {
      body_bytes_left_ = number_ + 2;
      return 0;
    }
    elements_left_ += type == '%' ? number_ * 2 : number_;
    return ElementDone();
  }

  size_t ElementDone() {
    if (--elements_left_ > 0) return 0;
    elements_left_ = 1;
    return 1;
  }

  uint64_t body_bytes_left_ = 0;  // of a bulk string, its CR LF included
  uint64_t elements_left_ = 1;    // until the top-level frame is complete; never 0 between calls
  uint64_t number_ = 0;           // the length being read in a header line
  uint64_t errors_ = 0;
  char type_ = 0;  // first byte of the line being read; 0 between lines
  bool negative_ = false;
};

}  // namespace torc::bench
