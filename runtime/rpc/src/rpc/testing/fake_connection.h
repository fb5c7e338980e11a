// A connection for tests of the machines: nothing is behind it. It records what is written on its flows, and the test
// says what comes in. Everything runs on the test's thread; posted tasks run in run().
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nb/base/verror.h>

#include "conn/connection.h"

namespace nb::rpc::testing {

class FakeFlow final : public conn::Flow {
 public:
  FakeFlow(conn::Connection& connection, std::uint64_t id) : connection_(connection), id_(id) {}

  std::uint64_t id() const override { return id_; }
  conn::Connection& connection() override { return connection_; }
  const flow::ShownBlessings& local_shown() const override { return local; }
  const flow::ShownBlessings& remote_shown() const override { return remote; }
  void listen(std::weak_ptr<conn::FlowListener> listener) override { listener_ = std::move(listener); }
  void write(Bytes payload, bool close) override {
    written.push_back(std::move(payload));
    if (close) closed_by_us = true;
  }
  std::size_t pending() const override { return held_back; }
  void consumed(std::size_t n) override { consumed_bytes += n; }
  void close() override { closed_by_us = true; }
  bool is_open() const override { return !closed_by_us; }

  void receive(Bytes payload) {
    if (const auto to = listener_.lock()) to->on_payload(std::move(payload));
  }
  void drain() {
    held_back = 0;
    if (const auto to = listener_.lock()) to->on_drained();
  }
  void close_by_peer(const Error& why = Error()) {
    if (const auto to = listener_.lock()) to->on_closed(why);
  }

  flow::ShownBlessings local;
  flow::ShownBlessings remote;
  std::vector<Bytes> written;
  std::size_t consumed_bytes = 0;
  std::size_t held_back = 0;
  bool closed_by_us = false;

 private:
  conn::Connection& connection_;
  const std::uint64_t id_;
  std::weak_ptr<conn::FlowListener> listener_;
};

class FakeConnection final : public conn::Connection {
 public:
  bool post(std::function<void()> task) override {
    tasks_.push_back(std::move(task));
    return true;
  }
  bool in_executor() const override { return true; }
  const naming::Endpoint& local_endpoint() const override { return local_; }
  const naming::Endpoint& remote_endpoint() const override { return remote_; }
  bool is_open() const override { return true; }
  const flow::ShownBlessings& local_shown() const override { return local; }
  const flow::ShownBlessings& remote_shown() const override { return remote; }
  using Connection::open_flow;
  Result<std::shared_ptr<conn::Flow>> open_flow(flow::ShownBlessings shown, flow::Duration) override {
    flows.push_back(std::make_shared<FakeFlow>(*this, 10 + 2 * flows.size()));
    flows.back()->local = std::move(shown);
    flows.back()->remote = remote;
    return std::shared_ptr<conn::Flow>(flows.back());
  }
  void close(const Error&) override {}
  void when_closed(std::function<void(const Error&)>) override {}

  void run() {
    while (!tasks_.empty()) {
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }

  flow::ShownBlessings local;
  flow::ShownBlessings remote;
  std::vector<std::shared_ptr<FakeFlow>> flows;  // shared with the machines under test

 private:
  naming::Endpoint local_;
  naming::Endpoint remote_;
  std::deque<std::function<void()>> tasks_;
};

}  // namespace nb::rpc::testing
