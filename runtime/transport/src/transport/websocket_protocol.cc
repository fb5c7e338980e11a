#include "transport/websocket_protocol.h"

#include <string>
#include <utility>

#include "transport/websocket_accept.h"
#include "transport/websocket_dial.h"

namespace nb::transport {
namespace {

// "ws4" and "wsh4" stand on "tcp4".
std::string below(const std::string& protocol) {
  if (protocol.ends_with('4')) return "tcp4";
  if (protocol.ends_with('6')) return "tcp6";
  return "tcp";
}

class WebSocketListener final : public Listener {
 public:
  WebSocketListener(std::string protocol, std::shared_ptr<Listener> bytes, std::shared_ptr<WebSocketAccepts> accepts)
      : protocol_(std::move(protocol)), bytes_(std::move(bytes)), accepts_(std::move(accepts)) {}

  const std::string& protocol() const override { return protocol_; }
  const std::string& address() const override { return bytes_->address(); }

  void close(std::function<void()> done) override {
    accepts_->close();
    bytes_->close(std::move(done));
  }

 private:
  const std::string protocol_;
  const std::shared_ptr<Listener> bytes_;            // shared with its loop
  const std::shared_ptr<WebSocketAccepts> accepts_;  // shared with the one below, which feeds it
};

Result<std::shared_ptr<Listener>> listen_on(Protocol& bytes, bool is_hybrid, const RandomSource& random,
                                            const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                            const std::string& address, ListenEvents events) {
  WebSocketAccepts::Options accepting;
  accepting.is_hybrid = is_hybrid;
  accepting.protocol = is_hybrid ? "wsh" : "ws";
  accepting.random = random;
  accepting.accepted = std::move(events.accepted);
  const auto accepts = std::make_shared<WebSocketAccepts>(std::move(accepting));
  events.accepted = [accepts](std::shared_ptr<Stream> stream) { accepts->add(std::move(stream)); };
  auto listener = bytes.listen(loop, below(protocol), address, std::move(events));
  if (!listener) return listener.error();
  return std::shared_ptr<Listener>(std::make_shared<WebSocketListener>(protocol, *listener, accepts));
}

class WebSocketProtocol final : public Protocol {
 public:
  WebSocketProtocol(std::shared_ptr<Protocol> bytes, RandomSource random)
      : bytes_(std::move(bytes)), random_(std::move(random)) {}

  std::shared_ptr<Dialing> dial(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                const std::string& address, DialOptions options, DialDone done) override {
    return dial_websocket(bytes_, loop, protocol, below(protocol), address, options, random_, std::move(done));
  }

  std::shared_ptr<Dialing> resolve(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                   const std::string& address, ResolveDone done) override {
    return bytes_->resolve(loop, below(protocol), address, [done = std::move(done)](Result<Resolved> resolved) {
      if (resolved) resolved->protocol = "ws";
      done(std::move(resolved));
    });
  }

  Result<std::shared_ptr<Listener>> listen(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                           const std::string& address, ListenEvents events) override {
    return listen_on(*bytes_, false, random_, loop, protocol, address, std::move(events));
  }

 private:
  const std::shared_ptr<Protocol> bytes_;
  const RandomSource random_;
};

class HybridProtocol final : public Protocol {
 public:
  HybridProtocol(std::shared_ptr<Protocol> bytes, RandomSource random)
      : bytes_(std::move(bytes)), random_(std::move(random)) {}

  std::shared_ptr<Dialing> dial(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                const std::string& address, DialOptions options, DialDone done) override {
    return bytes_->dial(loop, below(protocol), address, options, std::move(done));
  }

  std::shared_ptr<Dialing> resolve(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                   const std::string& address, ResolveDone done) override {
    return bytes_->resolve(loop, below(protocol), address, std::move(done));
  }

  Result<std::shared_ptr<Listener>> listen(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                           const std::string& address, ListenEvents events) override {
    const std::string name = protocol.ends_with('4') ? "wsh4" : protocol.ends_with('6') ? "wsh6" : "wsh";
    return listen_on(*bytes_, true, random_, loop, name, address, std::move(events));
  }

 private:
  const std::shared_ptr<Protocol> bytes_;
  const RandomSource random_;
};

}  // namespace

std::shared_ptr<Protocol> make_websocket(std::shared_ptr<Protocol> bytes, RandomSource random) {
  return std::make_shared<WebSocketProtocol>(std::move(bytes), std::move(random));
}

std::shared_ptr<Protocol> make_hybrid(std::shared_ptr<Protocol> bytes, RandomSource random) {
  return std::make_shared<HybridProtocol>(std::move(bytes), std::move(random));
}

}  // namespace nb::transport
