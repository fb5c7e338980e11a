// The server's side of docs/spec/rpc.md 3.1, byte by byte.
#include "rpc/server_machine.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include <nb/base/verror.h>
#include <nb/vom/encoder.h>

#include "rpc/peer.h"
#include "rpc/server_core.h"
#include "rpc/testing/calc_service.h"
#include "rpc/testing/fake_connection.h"

namespace nb::rpc {
namespace {

std::string hex(BytesView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

class OneObject final : public Dispatcher {
 public:
  Result<Dispatched> lookup(const Context&, std::string_view) override { return Dispatched(object_); }

 private:
  const std::shared_ptr<Service> object_ = std::make_shared<testing::Calc>();  // shared with calls that run
};

// A server's end of a connection whose client is the test.
struct World {
  Runtime runtime = Runtime::make(RuntimeOptions().threads(1)).value();
  std::shared_ptr<ServerCore> server = std::make_shared<ServerCore>(runtime.core(), std::make_shared<OneObject>(),
                                                                    ServerOptions().authorizer(allow_everyone()));
  std::shared_ptr<testing::FakeConnection> connection = std::make_shared<testing::FakeConnection>();
  std::shared_ptr<testing::FakeFlow> types;
  vom::TypeEncoder client_types;
  vom::Encoder client{client_types};

  World() {
    types = open();
    Peer::of(*connection).accept(types, {});
  }
  std::shared_ptr<testing::FakeFlow> open() {
    (void)connection->open_flow();
    return connection->flows.back();
  }
  template <class... T>
  std::shared_ptr<testing::FakeFlow> call(std::string method, const T&... arguments) {
    v23::rpc::Request request;
    request.Method = std::move(method);
    request.NumPosArgs = sizeof...(T);
    REQUIRE(client.encode(request));
    (static_cast<void>(client.encode(arguments)), ...);
    if (client_types.has_output()) types->receive(client_types.take());
    const auto flow = open();
    const auto machine = std::make_shared<ServerMachine>(server, flow);
    server->add(machine);
    machine->start(client.take());
    connection->run();
    return flow;
  }
};

}  // namespace

TEST_CASE("rpc.md 3.1: header and result leave in one payload that closes the flow") {
  World w;
  const auto flow = w.call("Add", std::int32_t{120}, std::int32_t{3});
  REQUIRE(flow->written.size() == 1);
  // The version; Response{EndStreamResults, NumPosResults:1}; int32(123), whose zigzag form 246 takes a length byte.
  CHECK(hex(flow->written[0]) ==
        "81"
        "520000050101"
        "0201e1"
        "10fff6");
  CHECK(flow->closed_by_us);
  REQUIRE(w.types->written.size() == 1);
  CHECK(hex(w.types->written[0]).starts_with("81"));
  flow->close_by_peer();
}

TEST_CASE("rpc.md 3.1: an error leaves inside the header, with no results, and closes the flow") {
  World w;
  const auto flow = w.call("Multiply");
  REQUIRE(flow->written.size() == 1);
  const std::string bytes = hex(flow->written[0]);
  CHECK_MESSAGE(bytes.starts_with("8152"), bytes);
  CHECK(bytes.find(hex(BytesView(reinterpret_cast<const std::uint8_t*>("v.io/v23/verror.UnknownMethod"), 29))) !=
        std::string::npos);
  CHECK(bytes.ends_with("0101e1"));  // EndStreamResults, and the end of the header
  CHECK(flow->closed_by_us);
  flow->close_by_peer();
}

}  // namespace nb::rpc
