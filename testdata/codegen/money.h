// A user's own C++ type in place of a wire type, as vdl.config of package `configured` asks.
#pragma once

#include <nb/vdl/codec.h>

namespace acme {

class Money {
 public:
  Money() = default;
  static Money cents(std::int64_t count) {
    Money money;
    money.cents_ = count;
    return money;
  }
  std::int64_t cents() const { return cents_; }
  friend bool operator==(const Money&, const Money&) = default;

 private:
  std::int64_t cents_ = 0;
};

}  // namespace acme

template <>
struct nb::Codec<acme::Money> {
  static nb::Type type();  // configured.Amount; in configured_test.cc
  static bool is_zero(const acme::Money& money) { return money.cents() == 0; }
  template <class W>
  static void write(W& writer, const acme::Money& money) {
    writer.begin_struct();
    if (money.cents() != 0) {
      writer.field(0);
      writer.signed_number(money.cents());
    }
    writer.end_struct();
  }
  template <class R>
  static bool read(R& reader, acme::Money& money) {
    std::int64_t cents = 0;
    if (!reader.begin_struct()) return false;
    for (int field = reader.next_field(); field != R::kEnd; field = reader.next_field()) {
      if (field != 0 || !reader.signed_number(cents)) return false;
    }
    money = acme::Money::cents(cents);
    return reader.end();
  }
};
