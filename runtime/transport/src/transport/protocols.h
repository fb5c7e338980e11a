// Protocols: which transport a protocol name of an endpoint stands for (docs/spec/flow-protocol.md 2.2). A plain value
// that every manager has its own of.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <nb/base/result.h>

#include "transport/random_source.h"
#include "transport/stream.h"

namespace nb::transport {

class Protocols {
 public:
  struct Entry {
    std::shared_ptr<Protocol> transport;  // shared: several names, several managers
    // How the transport is called: the concrete protocol that a dial of this name uses.
    std::string dial_as;
  };

  // `tcp`, `ws` and `wsh`, each also with a family ("tcp4", "tcp6"); the unknown protocol, which is `wsh`; and `unix`,
  // which is ours. `random` makes the keys and masks of websockets.
  static Protocols standard(const RandomSource& random = system_random());

  void add(std::string name, Entry entry);
  // A BadArg error that lists the known names when there is none such.
  Result<Entry> find(const std::string& name) const;

 private:
  std::map<std::string, Entry> entries_;
};

}  // namespace nb::transport
