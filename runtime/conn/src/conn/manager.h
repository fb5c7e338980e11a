// Manager: dials, listens, and keeps the connections of one routing id (docs/spec/flow-protocol.md 11).
//
// A dial gives a live connection from the cache, joins the dial to the same place that is under way, or starts one.
// Connections outlive the calls that asked for them; idle ones end after a while; close() ends everything.
// All functions may be called from any thread and none blocks. Callbacks come on a loop of the event loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/log.h>
#include <nb/base/result.h>
#include <nb/security/blessings.h>
#include <nb/security/caveat.h>
#include <nb/security/principal.h>

#include "conn/address_chooser.h"
#include "conn/connection.h"
#include "conn/dial.h"
#include "conn/event_loop.h"
#include "conn/pinned_connection.h"
#include "conn/prepare_discharges.h"
#include "conn/proxied_listener.h"
#include "flow/options.h"
#include "naming/endpoint.h"
#include "naming/routing_id.h"
#include "transport/protocols.h"

namespace nb::conn {

struct ManagerOptions {
  ManagerOptions(std::shared_ptr<EventLoop> event_loop, std::shared_ptr<const Principal> principal)
      : event_loop(std::move(event_loop)), principal(std::move(principal)) {}

  std::shared_ptr<EventLoop> event_loop;  // shared with the other managers of the runtime
  // Who this manager is. It shows the principal's default blessings, the current ones at any time, and endpoints carry
  // their names. Must be able to sign.
  std::shared_ptr<const Principal> principal;
  // The caveats there are, for judging servers; null: the standard ones.
  std::shared_ptr<const CaveatValidators> validators;
  // Remembers chains that were found valid; shared by all connections, and by managers if one likes. Null: a new one.
  std::shared_ptr<ChainCache> chain_cache;
  // Gets the discharges for the default blessings; none: they are shown without.
  PrepareDischarges prepare_discharges;
  flow::VersionRange versions = flow::kDefaultVersions;
  bool offers_aes_gcm = flow::has_aes_instructions();
  std::shared_ptr<flow::Randomness> randomness;  // of the connections' keys; null: the system's

  // How endpoints name a listener on all addresses of this machine; null: by all of them.
  AddressChooser address_chooser;
  std::function<std::vector<std::string>()> interface_addresses = conn::interface_addresses;

  naming::RoutingId routing_id;  // null: a pure client, which cannot listen
  transport::Protocols protocols = transport::Protocols::standard();
  std::shared_ptr<LogSink> log = stderr_log();
  FlowAcceptor acceptor;  // gets the flows that peers open; none: they may not open any

  // Whether a proxy that answers may lead a dial on to the server that was meant.
  bool goes_through_proxies = true;

  std::uint64_t mtu = 65536;
  std::uint64_t window = 1u << 20;
  flow::Duration channel_timeout = std::chrono::minutes(30);
  // How long a dial may take until the transport's stream is there, whoever waits for it; the handshake comes after it.
  // 0: as long as the system tries.
  std::chrono::nanoseconds dial_timeout = std::chrono::seconds(60);
  flow::Duration handshake_timeout = std::chrono::seconds(60);
  flow::Duration first_frame_timeout = std::chrono::seconds(10);
  flow::Duration lame_duck_timeout = std::chrono::seconds(30);
  flow::Limits limits;
  std::chrono::nanoseconds idle_expiry = std::chrono::minutes(10);         // 0: never
  std::chrono::nanoseconds close_linger = std::chrono::milliseconds(200);  // for the peer to read our TearDown
  std::size_t max_connections = 50'000;                                    // of all kinds; more are refused
  std::size_t max_unauthenticated = 1'000;                                 // accepted, and not through their handshake
  std::size_t max_unauthenticated_of_one_source = 500;  // of those, from one IPv4 address or IPv6 /64
};

// A listener, as it was asked for.
struct ListenedAt {
  std::string protocol;
  std::string address;
  friend auto operator<=>(const ListenedAt&, const ListenedAt&) = default;
};

struct ManagerStatus {
  std::vector<naming::Endpoint> endpoints;  // where it can be dialed; the `bidi` endpoint when nowhere
  // What became of each listen() since the latest stop_listening(): no error while the listener lives.
  std::map<ListenedAt, Error> listen_errors;
  std::map<std::string, Error> proxy_errors;  // the same of proxies, by name; absent before the first answer
  // Where proxies behind which this one stands can be dialed for those who want something behind this one.
  std::vector<naming::Endpoint> upstream_endpoints;
  std::size_t connections = 0;  // of all kinds, those in their handshake among them
  std::size_t dials_under_way = 0;
};

class Manager {
 public:
  static std::shared_ptr<Manager> make(ManagerOptions options);
  // Ends what is left abruptly; close() first is the polite way.
  ~Manager();

  // `done` is called once: on the connection's loop with a live connection whose other end the dial's authorizer
  // accepts, or on some loop with an error that names the endpoint; NotTrusted with the authorizer's error as sub-error
  // when it does not. When the context ends, `done` gets Canceled or Timeout at once; others waiting for the same
  // connection are not disturbed.
  void dial(const naming::Endpoint& endpoint, const Context& context, DialOptions options, DialDone done);
  // The same with what is there already, and here and now: BadState if there is nothing of use, with the error of a
  // dial that has failed lately as its sub-error. Asks the authorizer on the calling thread.
  Result<Dialed> dial_cached(const naming::Endpoint& endpoint, const Context& context,
                             const DialOptions& options = {}) const;

  // Dials, and keeps the connection until the handle is dropped or unpinned; see PinnedConnection. `done` as in dial().
  using PinDone = std::function<void(Result<std::shared_ptr<PinnedConnection>>)>;
  void pin(const naming::Endpoint& endpoint, const Context& context, DialOptions options, PinDone done);

  // An endpoint that others can dial; a listener on all addresses of this machine has more of them, see status().
  // Address and protocol as in endpoints; port 0 picks a free one.
  Result<naming::Endpoint> listen(const std::string& protocol, const std::string& address);
  // Lets a proxy lead connections here, until stop_listening() or close(). status() has the endpoints that the proxy
  // answers with, and how it fares; when the flow to it ends, it is dialed again, after pauses of 50 ms to a minute.
  // `done` is called once, on some loop, with what became of the first try: after an error it goes on trying.
  void proxy_listen(const ProxyListen& proxy, std::function<void(Result<void>)> done);

  // Stops accepting connections, asks all peers to open no more flows, and calls back when all have agreed, were too
  // slow, or are gone. Running flows go on. Listening again afterwards is fine.
  void stop_listening(std::function<void()> done);

  // The network has changed: looks again for the addresses of listeners on all addresses. Asks the address chooser on
  // the calling thread.
  void refresh_addresses();

  ManagerStatus status() const;
  // Calls back after each change of the endpoints and errors in status(), on the thread that made it, until the token
  // is dropped or the manager closed.
  std::shared_ptr<void> on_endpoints_changed(std::function<void()> callback);
  const naming::RoutingId& routing_id() const;
  const std::shared_ptr<EventLoop>& event_loop() const;

  // Refuses everything from now on, gives up dials, ends all connections with a TearDown, and calls back when nothing
  // of it is left. Again: calls back at the same time.
  void close(std::function<void()> done);

 private:
  class Core;
  explicit Manager(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;  // shared with callbacks that are on their way
};

}  // namespace nb::conn
