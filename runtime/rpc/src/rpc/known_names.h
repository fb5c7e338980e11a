// KnownNames: what object names mean that were called lately. A client calls few names often; taking a name apart and
// reading the endpoint in it costs more than finding it here. Safe from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include <nb/base/error.h>

#include "naming/endpoint.h"

namespace nb::rpc {

struct KnownName {
  std::string suffix;
  naming::Endpoint endpoint;
  std::optional<std::string> pattern;  // "/host:1/__(alice)/x": the server must match it, too
  Error why_not;                       // set: it cannot be called, and there is no endpoint
};

class KnownNames {
 public:
  std::shared_ptr<const KnownName> find(const std::string& name);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const KnownName>> names_;  // shared with calls that use them
};

}  // namespace nb::rpc
