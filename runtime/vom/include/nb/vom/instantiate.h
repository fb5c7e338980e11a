// NB_INSTANTIATE_CODEC(T): every Reader and Writer that the codec of a generated type T is compiled for. Used once per
// type, at global scope of the generated source file, after the codec's definition.
#pragma once

#include <nb/vdl/codec.h>
#include <nb/vdl/value_reader.h>
#include <nb/vdl/value_writer.h>
#include <nb/vom/reader.h>
#include <nb/vom/writer.h>

#define NB_INSTANTIATE_CODEC(...)                                                                     \
  template void nb::Codec<__VA_ARGS__>::write<nb::ValueWriter>(nb::ValueWriter&, const __VA_ARGS__&); \
  template bool nb::Codec<__VA_ARGS__>::read<nb::ValueReader>(nb::ValueReader&, __VA_ARGS__&);        \
  template void nb::Codec<__VA_ARGS__>::write<nb::vom::Writer>(nb::vom::Writer&, const __VA_ARGS__&); \
  template bool nb::Codec<__VA_ARGS__>::read<nb::vom::Reader>(nb::vom::Reader&, __VA_ARGS__&);
