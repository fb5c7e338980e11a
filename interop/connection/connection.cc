// One authenticated connection with somebody else's peer, over a blocking socket: the protocol core alone, with none of
// our transports or managers around it, so that what goes wrong here is a matter of bytes.
//
// usage: interop-connection accept FOLDER MIN-VERSION MAX-VERSION
//        interop-connection dial FOLDER MIN-VERSION MAX-VERSION ENDPOINT BYTES
//
// FOLDER holds the credentials. `accept` prints its endpoint, serves one connection and sends back what comes on each
// flow; `dial` opens a flow, sends that many bytes and wants them back. Both offer our own suite. Both print a line
// once they have seen who the peer is, "version suite names", and end with "ok" or "error: " and why.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>
#include <string>

#include <nb/base/verror.h>
#include <nb/security/credentials.h>

#include "flow/connection.h"

namespace {

using nb::flow::Connection;
using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& why) {
  std::cout << "error: " << why << std::endl;
  std::exit(1);
}

template <class T>
T wanted(nb::Result<T> result) {
  if (!result) fail(std::string(result.error().message()));
  return std::move(*result);
}

std::uint64_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

nb::naming::RoutingId random_id() {
  return nb::naming::make_routing_id([](std::span<std::uint8_t> bytes) {
    std::random_device random;
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  });
}

// Both of loopback; the port is in the order of the host.
int listening_socket(std::uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, any, length) != 0 || listen(fd, 1) != 0 || getsockname(fd, any, &length) != 0) fail("cannot listen");
  port = ntohs(address.sin_port);
  return fd;
}

int connected_socket(const std::string& address, std::uint16_t& own_port) {
  const std::size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(number(address.c_str() + colon + 1)));
  if (inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) != 1) fail("no address: " + address);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) fail("cannot connect to " + address);
  sockaddr_in own{};
  socklen_t length = sizeof(own);
  getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length);
  own_port = ntohs(own.sin_port);
  return fd;
}

std::string on_loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

void tell_peer(const Connection& connection, const nb::flow::ShownBlessings& shown) {
  const nb::Blessings& blessings = shown.blessings;
  std::cout << connection.version() << ' '
            << (connection.suite() == nb::flow::Suite::kSecretbox ? "secretbox" : "aes-gcm") << ' '
            << (blessings.is_zero() || blessings.is_nameless() ? "-" : blessings.to_string()) << std::endl;
}

// Moves bytes until the connection is over; `act` is given each event.
template <class Act>
nb::Error run(Connection& connection, int fd, Act act) {
  nb::Bytes buffer(1u << 16);
  nb::Error why;
  for (;;) {
    for (nb::flow::Event& event : connection.take_events()) {
      if (const auto* const closed = std::get_if<nb::flow::ConnectionClosed>(&event)) why = closed->why;
      act(event);
    }
    while (connection.has_output()) {
      const nb::flow::Output output = connection.take_output();
      if (output.empty()) break;
      for (const nb::BytesView piece : output.buffers()) {
        for (std::size_t sent = 0; sent < piece.size();) {
          const auto n = send(fd, piece.data() + sent, piece.size() - sent, MSG_NOSIGNAL);
          if (n <= 0) return why ? why : nb::verror::Aborted("cannot send");
          sent += static_cast<std::size_t>(n);
        }
      }
    }
    if (connection.has_events()) continue;
    if (connection.is_closed()) return why;
    pollfd waiting{fd, POLLIN, 0};
    if (poll(&waiting, 1, 100) > 0) {
      const auto n = recv(fd, buffer.data(), buffer.size(), 0);
      if (n <= 0) {
        connection.transport_closed(nb::Error());
      } else {
        connection.receive_in_place(std::span(buffer).first(static_cast<std::size_t>(n)), Clock::now());
      }
    }
    connection.advance(Clock::now());
  }
}

nb::flow::Options options(nb::flow::Role role, char** words) {
  nb::flow::Options all(role);
  all.identity.principal = wanted(nb::open_credentials(words[0], nb::CredentialsOptions().read_only()));
  all.identity.shown = nb::flow::ShownBlessings(all.identity.principal->store().default_blessings());
  all.identity.offers_aes_gcm = true;
  all.versions = {number(words[1]), number(words[2])};
  return all;
}

int accept(char** words) {
  nb::flow::Options all = options(nb::flow::Role::kAcceptor, words);
  std::uint16_t port = 0;
  const int listening = listening_socket(port);
  all.local.protocol = "tcp";
  all.local.address = on_loopback(port);
  all.local.routing_id = random_id();
  all.local.blessing_names = all.identity.shown.blessings.claimed_names();
  all.accepts_flows = true;
  std::cout << nb::naming::to_string(all.local) << std::endl;
  const int fd = ::accept(listening, nullptr, nullptr);

  Connection connection(all, Clock::now());
  bool served = false;
  const nb::Error why = run(connection, fd, [&](nb::flow::Event& event) {
    if (std::holds_alternative<nb::flow::Established>(event)) tell_peer(connection, connection.remote_shown());
    if (const auto* const opened = std::get_if<nb::flow::FlowOpened>(&event)) tell_peer(connection, opened->remote);
    if (auto* const arrived = std::get_if<nb::flow::FlowPayload>(&event)) {
      connection.consumed(arrived->id, arrived->payload.size());
      connection.write(arrived->id, std::move(arrived->payload), false);
    }
    if (const auto* const closed = std::get_if<nb::flow::FlowClosed>(&event)) {
      served = true;
      connection.close_flow(closed->id);
    }
  });
  if (!served) fail("the connection ended: " + std::string(why.message()));
  std::cout << "ok" << std::endl;
  return 0;
}

int dial(char** words) {
  nb::flow::Options all = options(nb::flow::Role::kDialer, words);
  all.remote = wanted(nb::naming::parse_endpoint(words[3]));
  std::uint16_t port = 0;
  const int fd = connected_socket(all.remote.address, port);
  all.local.protocol = "tcp";
  all.local.address = on_loopback(port);

  nb::Bytes sent(number(words[4]));
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::uint8_t>(i * i >> 8);
  nb::Bytes echo;
  Connection connection(all, Clock::now());
  const nb::Error why = run(connection, fd, [&](nb::flow::Event& event) {
    if (std::holds_alternative<nb::flow::AuthorizePeer>(event)) connection.authorize();
    if (std::holds_alternative<nb::flow::Established>(event)) {
      tell_peer(connection, connection.remote_shown());
      nb::flow::FlowOptions named;
      named.shown = all.identity.shown;
      connection.write(wanted(connection.open_flow(named)), sent, false);
    }
    if (const auto* const arrived = std::get_if<nb::flow::FlowPayload>(&event)) {
      connection.consumed(arrived->id, arrived->payload.size());
      echo.insert(echo.end(), arrived->payload.begin(), arrived->payload.end());
      if (echo.size() < sent.size()) return;
      connection.write(arrived->id, {}, true);
      connection.close(nb::verror::Canceled("done"));
    }
  });
  if (echo != sent) fail("the connection ended: " + std::string(why.message()));
  std::cout << "ok" << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && argv[1] == std::string("accept")) return accept(argv + 2);
  if (argc == 7 && argv[1] == std::string("dial")) return dial(argv + 2);
  std::cerr << "usage: interop-connection accept|dial FOLDER MIN-VERSION MAX-VERSION [ENDPOINT BYTES]\n";
  return 2;
}
