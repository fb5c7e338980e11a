// How the R of Call<R> and Reply<R> stands for the results of a method: void for none, the type itself for one, a
// generated struct (which specialises MultipleResults) or a std::tuple for several.
#pragma once

#include <tuple>
#include <type_traits>
#include <vector>

#include <nb/vdl/any.h>

namespace nb {

// Generated code specialises it for `<Interface><Method>Results`: true, with `static auto tie(auto& r)` giving a tuple
// of references to the results in order.
template <class R>
struct MultipleResults : std::false_type {};

template <class... T>
struct MultipleResults<std::tuple<T...>> : std::true_type {
  static auto tie(auto& results) {
    return std::apply([](auto&... each) { return std::tie(each...); }, results);
  }
};

// However many results of whatever types the server sends: the R of calls whose signature is not known.
struct AnyResults : std::vector<Any> {
  using vector::vector;
};

namespace rpc {

// References to the results, in order.
template <class R>
auto tie_results(R& results) {
  if constexpr (MultipleResults<std::remove_const_t<R>>::value) {
    return MultipleResults<std::remove_const_t<R>>::tie(results);
  } else {
    return std::tie(results);
  }
}

}  // namespace rpc
}  // namespace nb
