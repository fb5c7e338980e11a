// What somebody wants dialed, and what he gets.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <nb/base/clock.h>
#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/security/authorizer.h>
#include <nb/security/blessing_names.h>

#include "conn/connection.h"
#include "flow/shown_blessings.h"
#include "flow/time.h"
#include "naming/endpoint.h"

namespace nb::conn {

struct DialOptions {
  DialOptions() = default;

  // Decides whether the server is trusted (docs/spec/flow-protocol.md 11.3). Asked once for each dial, also about a
  // connection that is there already: what another dial was content with says nothing about this one. On any thread.
  // Not asked about a proxy on the way. Null: endpoint_authorizer().
  std::shared_ptr<const Authorizer> authorizer;
  // For getting the connection only, where it is earlier than the context's: Timeout.
  std::optional<Clock::Steady> deadline;
  // Only a connection that is there already will do: BadState otherwise.
  bool cached_only = false;
  // Only a connection that was dialed where the endpoint says will do, and not one that is known by the routing id that
  // its peer claims. For those who trust whoever answers there.
  bool only_dialed = false;
  // When not zero, health checks are at least as frequent as this asks while flows are open that Dialed::open_flow
  // made, or the connection is pinned.
  flow::Duration channel_timeout{};
  // The flows that Dialed::open_flow makes do not keep the connection from being idle (11.6).
  bool side_channel = false;
  // When not null: this connection and no other; BadState unless it is one to the endpoint, and of use.
  std::shared_ptr<const Connection> underlying;
};

struct Dialed {
  Dialed() = default;
  Dialed(std::shared_ptr<Connection> connection, BlessingNames server, const DialOptions& options)
      : connection(std::move(connection)),
        server(std::move(server)),
        channel_timeout(options.channel_timeout),
        side_channel(options.side_channel) {}

  // On the connection's executor. Shows `shown` to the server, zero: only the key; and is what the dial asked for.
  Result<std::shared_ptr<Flow>> open_flow(flow::ShownBlessings shown = {}) const {
    if (side_channel) return connection->open_side_channel(std::move(shown), channel_timeout);
    return connection->open_flow(std::move(shown), channel_timeout);
  }

  std::shared_ptr<Connection> connection;  // shared with the manager
  // The server's names that count, and those that do not, as the authorizer saw them.
  BlessingNames server;
  flow::Duration channel_timeout{};
  bool side_channel = false;
};

using DialDone = std::function<void(Result<Dialed>)>;

// One dial, with everything that belongs to it.
struct Wish {
  Wish() = default;

  naming::Endpoint endpoint;
  Context context;
  DialOptions options;
  DialDone done;
};

}  // namespace nb::conn
