#include "transport/tcp_resolve.h"

#include <algorithm>
#include <utility>

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>

#include "transport/address.h"
#include "transport/errors.h"
#include "transport/loop_asio.h"

namespace nb::transport {
namespace {

using Tcp = asio::ip::tcp;

// Handlers hold it weakly, so dropping the handle ends everything.
class TcpResolving final : public Dialing, public std::enable_shared_from_this<TcpResolving> {
 public:
  TcpResolving(std::shared_ptr<Loop> loop, std::string protocol, std::string address, ResolveDone done)
      : loop_(std::move(loop)),
        protocol_(std::move(protocol)),
        address_(std::move(address)),
        done_(std::move(done)),
        resolver_(executor_of(*loop_)) {}

  void start() {
    const auto where = split_host_port(address_);
    if (!where) return finish_later(where.error());
    port_ = where->port;
    asio::error_code not_literal;
    const auto literal = asio::ip::make_address(where->host, not_literal);
    if (!not_literal) return finish_later(answer({literal}));
    // As a dial has it: this machine.
    if (where->host.empty())
      return finish_later(answer({asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()}));
    resolver_.async_resolve(
        where->host, std::to_string(port_), asio::ip::resolver_base::numeric_service,
        [weak = weak_from_this()](const asio::error_code& error, Tcp::resolver::results_type found) {
          if (auto self = weak.lock()) self->loop_->turn([&] { self->found(error, found); });
        });
  }

 private:
  void found(const asio::error_code& error, const Tcp::resolver::results_type& found) {
    if (error) return finish(resolve_failed("resolving " + protocol_ + " " + address_ + ": " + reason(error)));
    std::vector<asio::ip::address> hosts;
    for (const auto& entry : found) hosts.push_back(entry.endpoint().address());
    finish(answer(hosts));
  }

  Result<Resolved> answer(const std::vector<asio::ip::address>& hosts) const {
    Resolved resolved{protocol_, {}};
    for (const auto& host : hosts) {
      if ((protocol_ == "tcp4" && !host.is_v4()) || (protocol_ == "tcp6" && !host.is_v6())) continue;
      std::string text = join_host_port(host.to_string(), port_);
      if (std::find(resolved.addresses.begin(), resolved.addresses.end(), text) == resolved.addresses.end()) {
        resolved.addresses.push_back(std::move(text));
      }
    }
    if (resolved.addresses.empty()) {
      return resolve_failed("resolving " + protocol_ + " " + address_ + ": no address of that family");
    }
    return resolved;
  }

  void finish_later(Result<Resolved> result) {
    loop_->post([weak = weak_from_this(), result = std::move(result)] {
      if (auto self = weak.lock()) self->finish(result);
    });
  }

  void finish(Result<Resolved> result) { std::exchange(done_, nullptr)(std::move(result)); }

  const std::shared_ptr<Loop> loop_;  // shared: the resolver needs it until the end
  const std::string protocol_;
  const std::string address_;
  ResolveDone done_;
  std::uint16_t port_ = 0;
  Tcp::resolver resolver_;
};

}  // namespace

std::shared_ptr<Dialing> resolve_tcp(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                     const std::string& address, ResolveDone done) {
  auto resolving = std::make_shared<TcpResolving>(loop, protocol, address, std::move(done));
  resolving->start();
  return resolving;
}

}  // namespace nb::transport
