// Codec<T>: how values of the C++ type T are written and read, and which VDL type they have.
//
// This header only names the template; <nb/vdl/codec.h> has the specialisations for built-in types and containers, and
// generated code adds one for every struct, union, enum and named type. A specialisation has
//
//   static nb::Type type();                               // interned; cheap after the first call
//   static bool is_zero(const T&);                        // docs/spec/vom.md 8.1
//   template <class W> static void write(W&, const T&);   // W: vom::Writer, ValueWriter
//   template <class R> static bool read(R&, T&);          // R: vom::Reader, ValueReader; resets the value first;
//                                                         // false: the reader holds the error, stop at once
#pragma once

#include <nb/vdl/type.h>

namespace nb {

template <class T>
struct Codec;

template <class T>
concept HasCodec = requires(const T& value) {
  Codec<T>::type();
  Codec<T>::is_zero(value);
};

}  // namespace nb
