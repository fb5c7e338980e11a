// from_string<E>: the enumerator with a label. Generated code specialises it for every VDL enum.
#pragma once

#include <optional>
#include <string_view>

namespace nb {

template <class E>
std::optional<E> from_string(std::string_view label);

}  // namespace nb
