// A connected socket as a Stream. Internal to tcp and unix.
#pragma once

#include <memory>
#include <string>

#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>

#include "transport/stream.h"

namespace nb::transport {

// The socket is connected and lives on the loop's executor. Sets the options that all our connections have.
std::shared_ptr<Stream> make_tcp_stream(std::shared_ptr<Loop> loop, asio::ip::tcp::socket socket, std::string protocol);

// Of any kind of socket; the addresses are what the stream says of itself.
std::shared_ptr<Stream> make_socket_stream(std::shared_ptr<Loop> loop, asio::generic::stream_protocol::socket socket,
                                           std::string protocol, std::string local, std::string remote);

std::string to_string(const asio::ip::tcp::endpoint& endpoint);

}  // namespace nb::transport
