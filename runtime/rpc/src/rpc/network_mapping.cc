#include "rpc/network_mapping.h"

#include <nb/base/verror.h>

#include "flow/errors.h"

namespace nb::rpc {

Error map_network_error(const Error& cause, const Error& context_error, Era era) {
  Error inner = cause;
  bool is_temporary = false;
  while (true) {
    const bool is_network = flow::kNetwork.matches(inner);
    if (is_network && inner.action() == RetryBackoff) is_temporary = true;
    if (!is_network || inner.sub_errors().empty()) break;
    inner = Error(inner.sub_errors().front().error);
  }
  if (verror::Timeout.matches(inner) || (era == Era::k2015 && is_temporary)) {
    return verror::Canceled.matches(context_error) ? verror::Canceled(inner.message())
                                                   : verror::Timeout(inner.message());
  }
  if (!verror::Unknown.matches(inner)) return inner;
  return verror::BadProtocol(inner.message());
}

}  // namespace nb::rpc
