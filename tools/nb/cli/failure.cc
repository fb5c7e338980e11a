#include "cli/failure.h"

#include <nb/base/verror.h>

namespace tool {

nb::Error failure(std::string message) {
  return nb::Error(std::string(nb::verror::BadArg.id), nb::NoRetry, std::move(message));
}

nb::Error about(std::string_view thing, const nb::Error& error) {
  return error.with_message(std::string(thing) + ": " + std::string(error.message()));
}

nb::Error advise(const nb::Error& error, std::string_view way_out) {
  return error.with_message(std::string(error.message()) + "; " + std::string(way_out));
}

}  // namespace tool
