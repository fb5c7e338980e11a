// The compiled part of Asio, once for the whole runtime (ASIO_SEPARATE_COMPILATION).
#include <asio/impl/src.hpp>
