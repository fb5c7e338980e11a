// A server that speaks connections and flows, and of calls only what the test says: it keeps what comes on each flow,
// and ends flows and connections when it is told to. Polled by the test.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <asio/io_context.hpp>

#include "conn/event_loop_asio.h"
#include "conn/manager.h"
#include "naming/routing_id.h"
#include "rpc/flow_kinds.h"
#include "rpc/testing/client_scene.h"

namespace nb::rpc::testing {

class ScriptedPeer {
 public:
  // One flow that the client has opened.
  class Seen final : public conn::FlowListener {
   public:
    explicit Seen(std::shared_ptr<conn::Flow> its_flow) : flow(std::move(its_flow)) {}
    void on_payload(Bytes payload) override {
      flow->consumed(payload.size());
      bytes.insert(bytes.end(), payload.begin(), payload.end());
      if (is_data() && on_request) std::exchange(on_request, nullptr)(*this);
    }
    void on_drained() override {}
    void on_closed(const Error& why) override {
      ++closed;
      closed_why = why;
    }
    bool is_data() const { return !bytes.empty() && bytes.front() == kDataFlow; }

    std::shared_ptr<conn::Flow> flow;
    Bytes bytes;
    int closed = 0;
    Error closed_why;
    std::function<void(Seen&)> on_request;  // at the first bytes of a call
  };

  ScriptedPeer(ClientScene& scene, const std::string& place)
      : loop_(conn::make_event_loop_on(io_.get_executor(), 1, scene.clock)), before_(scene.poll_more), scene_(scene) {
    conn::ManagerOptions options(loop_, scene.alice);
    options.log = scene.journal;
    options.routing_id = naming::make_routing_id(scene.options(scene.alice).data().random);
    options.protocols.add("local", {scene.network, "local"});
    options.acceptor = [this](std::shared_ptr<conn::Flow> flow) {
      flows.push_back(std::make_shared<Seen>(flow));
      flows.back()->on_request = on_request;
      flow->listen(flows.back());
    };
    manager_ = conn::Manager::make(std::move(options));
    REQUIRE(manager_->listen("local", place));
    scene.poll_more = [this] { return (before_ ? before_() : 0) + poll(); };
  }
  ~ScriptedPeer() {
    scene_.poll_more = before_;
    bool closed = false;
    manager_->close([&closed] { closed = true; });
    for (int i = 0; i < 1000 && !closed; ++i) {
      scene_.advance(std::chrono::milliseconds(10));  // it lingers a little
      poll();
    }
    for (const auto& each : flows) each->flow.reset();
    manager_.reset();
    loop_->stop();
  }
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  // Those that carry calls.
  std::vector<std::shared_ptr<Seen>> calls() const {
    std::vector<std::shared_ptr<Seen>> data;
    for (const auto& each : flows) {
      if (each->is_data()) data.push_back(each);
    }
    return data;
  }

  std::vector<std::shared_ptr<Seen>> flows;  // in the order in which they came
  std::function<void(Seen&)> on_request;     // of flows that come from now on

 private:
  std::size_t poll() {
    io_.restart();
    return io_.poll();
  }

  asio::io_context io_;
  std::shared_ptr<conn::EventLoop> loop_;
  std::function<std::size_t()> before_;
  ClientScene& scene_;
  std::shared_ptr<conn::Manager> manager_;
};

}  // namespace nb::rpc::testing
