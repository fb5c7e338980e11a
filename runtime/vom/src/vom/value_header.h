// ValueHeader: the lists that stand before the body of a value message, the types it refers to and the lengths of its
// anys (docs/spec/vom.md section 4). They come in pieces and wait for types; reading goes on where it stopped, so each
// byte is looked at once, however small the pieces are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <nb/vdl/type.h>
#include <nb/vom/limits.h>

#include "vom/parse.h"
#include "vom/wire_type.h"

namespace nb::vom {

class ValueHeader {
 public:
  // Of a message of `type` whose lists, if it has any, begin at `position` in the message. Version 0x80 has none.
  void begin(const Type& type, std::size_t position, bool may_have_lists);
  // The lists stay until the next begin().
  void end() { stage_ = Stage::kNone; }
  bool is_begun() const { return stage_ != Stage::kNone; }

  std::size_t position() const { return position_; }  // in the message, behind what was read

  // Reads on from position(), where the cursor stands. True: all is read. False: the cursor is short or failed, or
  // `missing_type` is not 0: the type to wait for. `find` gives the type of an id, if it is known.
  template <class Find>
  bool read(Cursor& cursor, const Limits& limits, const Find& find, TypeId& missing_type) {
    missing_type = 0;
    while (stage_ != Stage::kDone) {
      const std::uint64_t number = cursor.number();
      if (cursor.stopped()) return false;
      if (stage_ == Stage::kType) {
        auto type = find(number);
        if (!type) {
          if (number == 0) cursor.fail("type 0 is not defined");
          missing_type = number;
          return false;
        }
        types.push_back(std::move(*type));
      }
      if (!take(number, cursor, limits)) return false;
    }
    return true;
  }

  std::vector<Type> types;
  std::vector<std::uint64_t> any_lengths;

 private:
  enum class Stage { kNone, kTypeCount, kType, kLengthCount, kLength, kDone };

  bool take(std::uint64_t number, Cursor& cursor, const Limits& limits);
  void after_types() { stage_ = has_lengths_ ? Stage::kLengthCount : Stage::kDone; }

  Stage stage_ = Stage::kNone;
  bool has_lengths_ = false;
  std::size_t begin_ = 0;
  std::size_t position_ = 0;
  std::uint64_t left_ = 0;  // entries of the list being read
};

}  // namespace nb::vom
