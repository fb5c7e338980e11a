// Protocols: which transport a protocol name of an endpoint stands for (docs/spec/flow-protocol.md 2.2). A plain value
// that every manager has its own of.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <nb/base/result.h>

#include "transport/stream.h"

namespace nb::transport {

class Protocols {
 public:
  struct Entry {
    std::shared_ptr<Protocol> transport;  // shared: several names, several managers
    std::string dial_as;                  // the concrete protocol that a dial of this name uses
    bool listens = true;
  };

  // `tcp`, `tcp4`, `tcp6`; `wsh*` and the unknown protocol, which are dialed as plain tcp.
  static Protocols standard();

  void add(std::string name, Entry entry);
  // A BadArg error that lists the known names when there is none such.
  Result<Entry> find(const std::string& name) const;

 private:
  std::map<std::string, Entry> entries_;
};

}  // namespace nb::transport
