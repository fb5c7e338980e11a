// A client's end of a connection whose server is the test, which writes raw values and reads raw bytes.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nb/base/timers.h>
#include <nb/base/verror.h>

#include "rpc/client_machine.h"
#include "rpc/peer.h"
#include "rpc/testing/fake_connection.h"

namespace nb::rpc::testing {

inline std::string hex(BytesView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

inline Bytes unhex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    if (text[i] == ' ')
      --i;
    else
      bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

class Nowhere final : public Executor::Place {
 public:
  void post(std::function<void()> task) override { task(); }
  bool is_current() const override { return false; }
};

// A client's end of a connection whose server is the test.
struct ClientWorld {
  std::shared_ptr<HandClock> clock = std::make_shared<HandClock>();
  std::shared_ptr<TimerQueue> timers = std::make_shared<TimerQueue>(clock);
  WithCancel scope = Context::root(timers).with_timeout(std::chrono::seconds(10)).with_cancel();
  Executor home{std::make_shared<Nowhere>()};
  std::shared_ptr<FakeConnection> connection = std::make_shared<FakeConnection>();
  std::shared_ptr<ClientMachine> machine;
  int ended = 0;

  // The server's side of the type flow.
  vom::TypeEncoder server_types;

  explicit ClientWorld(Era era = Era::kCurrent) {
    auto flow = *connection->open_flow();
    auto types = *Peer::of(*connection).dialed(*connection);
    machine = std::make_shared<ClientMachine>(
        flow, types, scope.context, [this] { ++ended; }, era);
  }
  FakeFlow& data() { return *connection->flows[0]; }
  FakeFlow& types() { return *connection->flows[1]; }

  v23::rpc::Request request(std::string method, std::size_t arguments = 0) {
    v23::rpc::Request request;
    request.Method = std::move(method);
    request.NumPosArgs = arguments;
    return request;
  }

  // The server answers with these values.
  template <class... T>
  void answer(vom::Encoder& encoder, const T&... values) {
    (static_cast<void>(encoder.encode(values)), ...);
    if (server_types.has_output()) types().receive(server_types.take());
    data().receive(encoder.take());
  }
  static v23::rpc::Response final_header(std::size_t results) {
    v23::rpc::Response response;
    response.EndStreamResults = true;
    response.NumPosResults = results;
    return response;
  }

  std::shared_ptr<ResultState<std::uint32_t>> finish() {
    auto result = make_pending<ResultState<std::uint32_t>>(home);
    machine->finish(result);
    return result;
  }
  std::shared_ptr<ItemState<std::int32_t>> recv() {
    auto item = make_pending<ItemState<std::int32_t>>(home);
    machine->recv(item);
    return item;
  }
  Result<void> send(std::string item) {
    auto done = make_pending<DoneState>(home);
    machine->send(ValuesOf<std::string>(std::move(item)), done);
    return done->take();
  }
};

}  // namespace nb::rpc::testing
