#include "rpc/errors.h"

namespace nb::rpc {

Error wrap(const StandardError& outer, const Error& cause) {
  return outer(cause.message()).with_sub_error("cause", cause);
}

Error with_printed_cause(const Error& error, std::string name, const Error& cause) {
  std::string message(error.message());
  message.append(" [").append(name).append(": ").append(cause.message()).append("]");
  return error.with_message(std::move(message)).with_sub_error(std::move(name), cause);
}

}  // namespace nb::rpc
