#include "rpc/in_place.h"

#include <chrono>
#include <functional>
#include <utility>

#include "rpc/server_core.h"

namespace nb::rpc {

namespace {

constexpr std::chrono::milliseconds kTooLong(50);

class InPlace final : public Executor::Place {
 public:
  InPlace(std::shared_ptr<conn::Connection> connection, std::shared_ptr<ServerCore> server, std::string method)
      : connection_(std::move(connection)), server_(std::move(server)), method_(std::move(method)) {}

  void post(std::function<void()> task) override {
    connection_->post([server = server_, method = method_, task = std::move(task)] {
      const InPlaceWatch watch(*server, method);
      task();
    });
  }
  bool is_current() const override { return connection_->in_executor(); }

 private:
  const std::shared_ptr<conn::Connection> connection_;  // held while the method runs
  const std::shared_ptr<ServerCore> server_;            // likewise
  const std::string method_;
};

}  // namespace

Executor in_place_executor(std::shared_ptr<conn::Connection> connection, std::shared_ptr<ServerCore> server,
                           std::string method) {
  return Executor(std::make_shared<InPlace>(std::move(connection), std::move(server), std::move(method)));
}

InPlaceWatch::InPlaceWatch(ServerCore& server, const std::string& method)
    : server_(server), method_(method), began_(server.loop()->clock()->now()) {}

InPlaceWatch::~InPlaceWatch() {
  const auto held = server_.loop()->clock()->now() - began_;
  if (held > kTooLong) server_.report_slow(method_, held);
}

}  // namespace nb::rpc
