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
  // When not zero, health checks are at least as frequent as this asks while flows are open that Dialed::open_flow
  // made.
  flow::Duration channel_timeout{};
};

struct Dialed {
  Dialed() = default;
  Dialed(std::shared_ptr<Connection> connection, BlessingNames server, flow::Duration channel_timeout)
      : connection(std::move(connection)), server(std::move(server)), channel_timeout(channel_timeout) {}

  // On the connection's executor. Shows `shown` to the server, zero: only the key; and asks for the dial's channel
  // timeout.
  Result<std::shared_ptr<Flow>> open_flow(flow::ShownBlessings shown = {}) const {
    return connection->open_flow(std::move(shown), channel_timeout);
  }

  std::shared_ptr<Connection> connection;  // shared with the manager
  // The server's names that count, and those that do not, as the authorizer saw them.
  BlessingNames server;
  flow::Duration channel_timeout{};
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
