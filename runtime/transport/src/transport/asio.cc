// The compiled part of Asio, once for the whole runtime (ASIO_SEPARATE_COMPILATION).
//
// A header of the standard library comes first, here and wherever Asio is included: Asio decides by what it has seen of
// the library whether it allocates with aligned_alloc, and two files that decide differently do not fit together.
#include <cstddef>

#include <asio/impl/src.hpp>
