#include "transport/protocols.h"

#include "transport/errors.h"
#include "transport/tcp.h"

namespace nb::transport {

Protocols Protocols::standard() {
  Protocols known;
  const auto tcp = make_tcp();
  for (const char* name : {"tcp", "tcp4", "tcp6"}) known.add(name, {tcp, name});
  // The hybrid of websocket and tcp is dialed as tcp (docs/spec/flow-protocol.md 2.2).
  known.add("wsh", {tcp, "tcp", false});
  known.add("wsh4", {tcp, "tcp4", false});
  known.add("wsh6", {tcp, "tcp6", false});
  known.add("", {tcp, "tcp", false});
  return known;
}

void Protocols::add(std::string name, Entry entry) { entries_.insert_or_assign(std::move(name), std::move(entry)); }

Result<Protocols::Entry> Protocols::find(const std::string& name) const {
  if (const auto it = entries_.find(name); it != entries_.end()) return it->second;
  std::string known;
  for (const auto& [other, entry] : entries_) {
    if (!other.empty()) known += (known.empty() ? "" : ", ") + other;
  }
  return bad_arg("unknown protocol `" + name + "`; known here: " + known);
}

}  // namespace nb::transport
