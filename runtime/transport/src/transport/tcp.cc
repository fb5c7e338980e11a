#include "transport/tcp.h"

#include "transport/tcp_dial.h"
#include "transport/tcp_listen.h"
#include "transport/tcp_resolve.h"

namespace nb::transport {
namespace {

class TcpProtocol final : public Protocol {
 public:
  std::shared_ptr<Dialing> dial(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                const std::string& address, DialOptions options, DialDone done) override {
    return dial_tcp(loop, protocol, address, options, std::move(done));
  }

  std::shared_ptr<Dialing> resolve(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                   const std::string& address, ResolveDone done) override {
    return resolve_tcp(loop, protocol, address, std::move(done));
  }

  Result<std::shared_ptr<Listener>> listen(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                           const std::string& address, ListenEvents events) override {
    return listen_tcp(loop, protocol, address, std::move(events));
  }
};

}  // namespace

std::shared_ptr<Protocol> make_tcp() { return std::make_shared<TcpProtocol>(); }

}  // namespace nb::transport
