#include "transport/protocols.h"

#include "transport/errors.h"
#include "transport/tcp.h"
#include "transport/unix.h"
#include "transport/websocket_protocol.h"

namespace nb::transport {

Protocols Protocols::standard(const RandomSource& random) {
  Protocols known;
  const auto tcp = make_tcp();
  const auto websocket = make_websocket(tcp, random);
  const auto hybrid = make_hybrid(tcp, random);
  for (const std::string family : {"", "4", "6"}) {
    known.add("tcp" + family, {tcp, "tcp" + family});
    known.add("ws" + family, {websocket, "ws" + family});
    // Dialed as plain tcp (docs/spec/flow-protocol.md 2.2), so it shares connections with that.
    known.add("wsh" + family, {hybrid, "tcp" + family});
  }
  known.add("", {hybrid, "tcp"});
  known.add("unix", {make_unix(), "unix"});
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
