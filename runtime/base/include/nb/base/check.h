// NB_CHECK: what we believe about our own program. A false one is our bug: it prints what was believed and where, and
// stops the program. Never used for what users, files or peers may do wrong.
#pragma once

namespace nb {
[[noreturn]] void check_failed(const char* condition, const char* belief, const char* file, int line);
}  // namespace nb

#define NB_CHECK(condition, belief) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::nb::check_failed(#condition, belief, __FILE__, __LINE__))
