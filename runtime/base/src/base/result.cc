#include <nb/base/result.h>

#include <string>

namespace nb {

BadResult::BadResult(Error error)
    : std::runtime_error(std::string(error.id()) + ": " + std::string(error.message())), error_(std::move(error)) {}

const Error& no_error() {
  static const Error none;
  return none;
}

}  // namespace nb
