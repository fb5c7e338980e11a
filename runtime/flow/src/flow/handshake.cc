#include "flow/handshake.h"

#include <nb/base/check.h>

#include "flow/authenticated_handshake.h"
#include "flow/plain_handshake.h"

namespace nb::flow {

std::unique_ptr<Handshake> make_handshake(const Options& options) {
  switch (options.security) {
    case Security::kPlaintextWithoutAnyAuthentication:
      return std::make_unique<PlainHandshake>(options);
    case Security::kAuthenticated:
      return std::make_unique<AuthenticatedHandshake>(options);
  }
  NB_CHECK(false, "the security of a connection is one that exists");
}

SetupInfo own_setup(const Options& options) {
  SetupInfo own;
  own.versions = options.advertised.value_or(options.versions);
  if (options.role == Role::kDialer) own.remote = options.remote;
  own.local = options.local;
  own.mtu = options.mtu;
  own.shared_tokens = options.window;
  return own;
}

naming::Endpoint settle_local(const Options& options, const SetupInfo& peer) {
  if (options.local.is_zero() && peer.remote) return *peer.remote;
  return options.local;
}

naming::Endpoint settle_remote(const Options& options, const SetupInfo& peer) {
  const naming::Endpoint peer_local = peer.local.value_or(naming::Endpoint{});
  if (options.role == Role::kAcceptor) return peer_local;
  naming::Endpoint remote = options.remote;
  remote.routing_id = peer_local.routing_id;
  return remote;
}

}  // namespace nb::flow
