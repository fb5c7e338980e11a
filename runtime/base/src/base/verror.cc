#include <nb/base/verror.h>

namespace nb {

Error StandardError::operator()(std::string_view detail) const {
  std::string message(text);
  if (!detail.empty()) message.append(": ").append(detail);
  return Error(std::string(id), action, std::move(message));
}

}  // namespace nb
