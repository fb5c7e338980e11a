#include "flow/handshake.h"

#include <sodium.h>

#include <utility>

#include <nb/base/check.h>

#include "flow/codec.h"
#include "flow/errors.h"
#include "security/resting_key.h"

namespace nb::flow {
namespace {

std::shared_ptr<Randomness> randomness_of(const Options& options) {
  return options.identity.randomness ? options.identity.randomness : system_randomness();
}

SetupInfo make_own_setup(const Options& options) {
  SetupInfo own;
  own.versions = options.advertised.value_or(options.versions);
  if (options.role == Role::kDialer) own.remote = options.remote;
  own.local = options.local;
  own.mtu = options.mtu;
  own.shared_tokens = options.window;
  return own;
}

Error not_expected() { return kAborted("a message that has no place in the handshake"); }

}  // namespace

ShownBlessings nameless_of(const Identity& identity) {
  if (!identity.nameless.blessings.is_zero()) return identity.nameless;
  return ShownBlessings(Blessings::nameless(identity.principal->public_key()));
}

Handshake::Handshake(const Options& options)
    : options_(options), key_pair_(*randomness_of(options)), own_(make_own_setup(options)) {
  const Identity& identity = options_.identity;
  NB_CHECK(identity.principal && identity.principal->can_sign(), "an end that authenticates itself can sign");
  NB_CHECK(
      identity.shown.blessings.is_zero() || identity.shown.blessings.public_key() == identity.principal->public_key(),
      "an end shows blessings of its own");
  NB_CHECK(identity.nameless.blessings.is_zero() ||
               (identity.nameless.blessings.is_nameless() &&
                identity.nameless.blessings.public_key() == identity.principal->public_key()),
           "who is nameless shows a key of its own");
  own_.key = key_pair_.public_key();
  if (identity.offers_aes_gcm) own_.suites = {kAes256GcmSuite};
}

Bytes Handshake::first_message() {
  own_setup_ = encode(make_setup(own_));
  return own_setup_;
}

Result<HandshakeStep> Handshake::receive(const Message& message, BytesView encoded) {
  if (state_ == State::kSetup) {
    const auto* const setup = std::get_if<Setup>(&message);
    if (setup == nullptr) return kAborted("the first message is no Setup");
    return receive_setup(*setup, encoded);
  }
  if (state_ != State::kAuth) return not_expected();
  if (const auto* const data = std::get_if<Data>(&message)) {
    // Others' data cannot be meant for a flow yet; the peers that send it expect it to be dropped.
    if (data->id != kBlessingsFlowId) return HandshakeStep();
    const Result<void> received = session_.blessings->receiver.receive(data->payload);
    if (!received) return received.error();
    return HandshakeStep();
  }
  const auto* const auth = std::get_if<Auth>(&message);
  if (auth == nullptr) return not_expected();
  return receive_auth(*auth);
}

Result<HandshakeStep> Handshake::receive_setup(const Setup& setup, BytesView encoded) {
  const Result<SetupInfo> peer = read_setup(setup);
  if (!peer) return peer.error();
  const Result<Agreement> agreement = agree(own_, *peer, options_.role);
  if (!agreement) return agreement.error();
  session_.agreement = *agreement;
  session_.local = settle_local(*peer);
  session_.remote = settle_remote(*peer);
  session_.peer_is_proxy = is_dialer() && !options_.remote.routing_id.is_null() &&
                           !(session_.remote.routing_id == options_.remote.routing_id);

  Result<SecretKey> shared = key_pair_.agree(*peer->key);
  if (!shared) return shared.error();
  HandshakeStep step;
  step.cipher = make_cipher(*shared, *peer->key, encoded);
  sodium_memzero(shared->data(), shared->size());
  const BytesView dialer = is_dialer() ? BytesView(own_setup_) : encoded;
  const BytesView acceptor = is_dialer() ? encoded : BytesView(own_setup_);
  binding_ = channel_binding(agreement->version, dialer, acceptor, *own_.key, *peer->key);
  session_.blessings = std::make_unique<BlessingsFlow>(options_.identity.chain_cache, options_.table_seed);
  state_ = State::kAuth;
  if (is_dialer()) return step;
  return introduce(std::move(step));
}

// An end without an endpoint takes what the peer calls it.
naming::Endpoint Handshake::settle_local(const SetupInfo& peer) const {
  if (options_.local.is_zero() && peer.remote) return *peer.remote;
  return options_.local;
}

// The acceptor takes the dialer's endpoint; the dialer takes the acceptor's routing id over into the endpoint it
// dialed.
naming::Endpoint Handshake::settle_remote(const SetupInfo& peer) const {
  const naming::Endpoint peer_local = peer.local.value_or(naming::Endpoint{});
  if (!is_dialer()) return peer_local;
  naming::Endpoint remote = options_.remote;
  remote.routing_id = peer_local.routing_id;
  return remote;
}

std::unique_ptr<Cipher> Handshake::make_cipher(const SecretKey& shared, const SetupKey& peer_key,
                                               BytesView peer_setup) const {
  switch (session_.agreement.suite) {
    case Suite::kSecretbox:
      return make_secretbox(shared, key_pair_.is_low(peer_key));
    case Suite::kAes256Gcm1:
      return make_aes_gcm(shared, options_.role, is_dialer() ? BytesView(own_setup_) : peer_setup,
                          is_dialer() ? peer_setup : BytesView(own_setup_));
  }
  NB_CHECK(false, "the suite is one that exists");
}

Result<HandshakeStep> Handshake::receive_auth(const Auth& auth) {
  BlessingsReceiver& receiver = session_.blessings->receiver;
  Result<ShownBlessings> shown = receiver.resolve(auth.blessings_key, auth.discharges_key);
  if (!shown) return shown.error();
  const PublicKey& key = shown->blessings.public_key();
  const Result<void> verified = verify_auth(key, other(options_.role), binding_, auth);
  if (!verified) return verified.error();
  receiver.bind(key);
  // It is not likely to be needed again, and OpenSSL's form of it with what verifying left takes 2.6 KB. A dialer's
  // peers are few and known to the next connection; an acceptor's may be very many.
  if (!is_dialer()) security::rest(key);
  session_.remote_shown = *std::move(shown);
  HandshakeStep step;
  if (!is_dialer()) return finish(std::move(step));
  state_ = State::kAnswer;
  if (session_.peer_is_proxy) return authorized();
  step.ask = AuthorizePeer{session_.local, session_.remote, session_.remote_shown};
  return step;
}

Result<HandshakeStep> Handshake::authorized() {
  NB_CHECK(state_ == State::kAnswer, "an answer follows a question");
  Result<HandshakeStep> step = introduce({});
  if (!step) return step;
  return finish(*std::move(step));
}

// A dialer that nobody can call back shows only its key; one that serves shows no discharges yet.
ShownBlessings Handshake::own_shown() const {
  const Identity& identity = options_.identity;
  const bool hides = is_dialer() && !options_.accepts_flows;
  if (hides || identity.shown.blessings.is_zero()) {
    return nameless_of(identity);
  }
  return is_dialer() ? ShownBlessings(identity.shown.blessings) : identity.shown;
}

// Blessings and Auth of this end.
Result<HandshakeStep> Handshake::introduce(HandshakeStep step) {
  session_.local_shown = own_shown();
  BlessingsSender& sender = session_.blessings->sender;
  const BlessingsSender::Keys keys = sender.keys_for(session_.local_shown);
  Result<Auth> auth = sign_auth(*options_.identity.principal, options_.role, binding_);
  if (!auth) return auth.error();
  auth->blessings_key = keys.blessings;
  auth->discharges_key = keys.discharges;
  step.say = take_messages(sender);
  step.say.push_back(encode(*std::move(auth)));
  return step;
}

HandshakeStep Handshake::finish(HandshakeStep step) {
  state_ = State::kDone;
  step.done = std::move(session_);
  return step;
}

}  // namespace nb::flow
