#include "rpc/errors.h"

#include <utility>

namespace nb::rpc {

Error wrap(const StandardError& outer, const Error& cause) {
  return outer(cause.message()).with_sub_error("cause", cause);
}

Error with_printed_cause(const Error& error, std::string name, const Error& cause) {
  return with_printed_causes(error, {SubError{std::move(name), cause}});
}

Error with_printed_causes(const Error& error, std::vector<SubError> causes) {
  if (causes.empty()) return error;
  std::string message(error.message());
  for (const SubError& cause : causes) {
    message.append(" [").append(cause.name).append(": ").append(cause.error.message()).append("]");
  }
  const auto before = error.sub_errors();
  causes.insert(causes.begin(), before.begin(), before.end());
  return Error(std::string(error.id()), error.action(), std::move(message), error.params(), std::move(causes));
}

}  // namespace nb::rpc
