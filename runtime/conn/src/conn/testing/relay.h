// For tests: a proxy as simple as can be. It takes flows of a manager, answers servers with whatever the test says, and
// passes the messages of routes on, all on one loop.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "conn/proxy_messages.h"
#include "conn/testing/pair.h"

namespace nb::conn::testing {

class Relay {
 public:
  void take(const std::shared_ptr<Flow>& flow) {
    auto end = std::make_shared<End>(*this, flow);
    ends_.push_back(end);
    flow->carry_messages();
    flow->listen(end);
  }

  // What servers are answered with; their routing ids are put in.
  std::vector<naming::Endpoint> endpoints;
  Bytes answer;  // instead, when not empty
  std::map<naming::RoutingId, std::shared_ptr<Flow>> servers;
  int requests = 0;
  int routes = 0;
  bool is_mute = false;          // opens no ways
  bool cut = false;              // passes nothing on
  std::vector<Bytes> forwarded;  // every message, for looking at it

  void say(const naming::RoutingId& server) {
    auto mine = endpoints;
    for (auto& endpoint : mine) endpoint.routing_id = server;
    servers.at(server)->write(proxy_answer(mine), false);
  }
  void end_routes() {
    for (const auto& end : ends_) {
      if (end->other.lock()) end->flow->close();
    }
  }

 private:
  struct End final : FlowListener {
    End(Relay& relay_, std::shared_ptr<Flow> flow_) : relay(relay_), flow(std::move(flow_)) {}
    void on_payload(Bytes payload) override {
      flow->consumed(payload.size());
      if (const auto to = other.lock()) {
        if (relay.cut) return;
        relay.forwarded.push_back(payload);
        return to->flow->write(std::move(payload), false);
      }
      relay.first(*this, std::move(payload));
    }
    void on_drained() override {}
    void on_closed(const Error&) override {
      if (const auto to = other.lock()) to->flow->write({}, true);
    }
    Relay& relay;
    std::shared_ptr<Flow> flow;
    std::weak_ptr<End> other;
  };

  void first(End& end, Bytes payload) {
    const auto from = end.flow->connection().remote_endpoint().routing_id;
    if (payload.front() != kRouteFlow) {
      ++requests;
      servers[from] = end.flow;
      if (!answer.empty()) return end.flow->write(answer, false);
      return say(from);
    }
    ++routes;
    const auto wanted = wanted_in_setup(payload);
    REQUIRE(wanted);
    const auto to = servers.find(wanted->routing_id);
    if (is_mute) return;
    if (to == servers.end()) return end.flow->close();
    auto opened = to->second->connection().open_flow();
    if (!opened) return end.flow->close();
    auto far = std::make_shared<End>(*this, *opened);
    for (const auto& each : ends_) {
      if (each.get() == &end) far->other = each;
    }
    end.other = far;
    ends_.push_back(far);
    (*opened)->carry_messages();
    (*opened)->listen(far);
    (*opened)->write(std::move(payload), false);
  }

  std::vector<std::shared_ptr<End>> ends_;
};

}  // namespace nb::conn::testing
