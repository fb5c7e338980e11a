// The words of the line protocol: hexadecimal bytes, lists, and answers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>
#include <nb/security/blessings.h>
#include <nb/vom/vom.h>

namespace authority {

std::string hex(nb::BytesView bytes);
// "-" and "" are no bytes; stops at what is no digit.
nb::Bytes unhex(std::string_view text);
// "a,b"; "-" for an empty list.
std::string joined(const std::vector<std::string>& words);
std::vector<std::string> list(std::string_view text);
// The bytes of a word in hexadecimal as text.
inline std::string text(std::string_view word) { return std::string(nb::as_text(unhex(word))); }

std::string failed(const nb::Error& error);
inline std::string done(const nb::Result<void>& result) { return result ? "ok" : failed(result.error()); }

template <class T>
nb::Result<T> vom(std::string_view word) {
  return nb::vom::decode<T>(unhex(word));
}
template <class T>
std::string answer(const nb::Result<T>& value) {
  if (!value) return failed(value.error());
  const auto bytes = nb::vom::encode(*value);
  return bytes ? hex(*bytes) : failed(bytes.error());
}
inline std::string answer(const nb::Result<nb::Blessings>& blessings) {
  return blessings ? blessings->to_text() : failed(blessings.error());
}

}  // namespace authority
