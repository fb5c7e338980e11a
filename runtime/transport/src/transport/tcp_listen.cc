#include "transport/tcp_listen.h"

#include <utility>

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>

#include "transport/address.h"
#include "transport/errors.h"
#include "transport/loop_asio.h"
#include "transport/socket_listener.h"
#include "transport/tcp_stream.h"

namespace nb::transport {
namespace {

using Tcp = asio::ip::tcp;

Result<Tcp::acceptor> open(const std::shared_ptr<Loop>& loop, const std::string& protocol, const Tcp::endpoint& where) {
  Tcp::acceptor acceptor(executor_of(*loop));
  asio::error_code error;
  acceptor.open(where.protocol(), error);
  if (!error) acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  // `tcp` without a host means both families, where the system has IPv6.
  if (!error && where.address().is_v6()) acceptor.set_option(asio::ip::v6_only(protocol == "tcp6"), error);
  if (!error) acceptor.bind(where, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return network_error("listening on " + protocol + " " + to_string(where) + ": " + reason(error));
  return acceptor;
}

Result<Tcp::endpoint> place(const std::string& protocol, const std::string& address) {
  auto where = split_host_port(address);
  if (!where) return where.error();
  const bool six = protocol == "tcp6";
  if (where->host == "localhost") {
    if (six) return Tcp::endpoint(asio::ip::address_v6::loopback(), where->port);
    return Tcp::endpoint(asio::ip::address_v4::loopback(), where->port);
  }
  if (where->host.empty()) {
    return six ? Tcp::endpoint(Tcp::v6(), where->port) : Tcp::endpoint(Tcp::v4(), where->port);
  }
  asio::error_code error;
  const auto literal = asio::ip::make_address(where->host, error);
  if (error) {
    return bad_arg("listening on `" + address + "`: the host must be an IP address of this machine or `localhost`");
  }
  if ((protocol == "tcp4" && !literal.is_v4()) || (six && !literal.is_v6())) {
    return bad_arg("listening on " + protocol + " `" + address + "`: the address is of the other family");
  }
  return Tcp::endpoint(literal, where->port);
}

}  // namespace

Result<std::shared_ptr<Listener>> listen_tcp(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                             const std::string& address, ListenEvents events) {
  auto where = place(protocol, address);
  if (!where) return where.error();
  auto acceptor = open(loop, protocol, *where);
  if (!acceptor) return acceptor.error();
  asio::error_code ignored;
  const std::string bound = to_string(acceptor->local_endpoint(ignored));
  const auto make_stream = [protocol](const std::shared_ptr<Loop>& on, Tcp::socket socket) {
    return make_tcp_stream(on, std::move(socket), protocol);
  };
  auto listener = std::make_shared<SocketListener<Tcp>>(loop, protocol, bound, std::move(*acceptor), std::move(events),
                                                        make_stream, nullptr);
  listener->start();
  return std::shared_ptr<Listener>(std::move(listener));
}

}  // namespace nb::transport
