// Who the two ends are: the seals of frames, the steps of the handshake, and what is shown after it.
#include <algorithm>

#include "flow/codec.h"
#include "flow/connection_core.h"
#include "flow/errors.h"
#include "flow/quoted.h"

namespace nb::flow {
namespace {

bool looks_like_tear_down(BytesView frame) {
  return !frame.empty() && frame.front() == static_cast<std::uint8_t>(MessageType::kTearDown);
}

}  // namespace

// The message in a sealed frame; nothing, and the connection has ended, if it is not what the peer sealed.
std::optional<MutableBytes> Connection::Core::open(MutableBytes frame) {
  // A peer that did not like this end's Setup has no keys; what it says then is in the clear, and anybody can say it.
  std::string hint;
  const bool may_be_clear = phase_ == Phase::kHandshake && !opened_a_frame_ && looks_like_tear_down(frame);
  if (may_be_clear) hint = quoted(as_text(frame.subspan(1)));

  std::optional<MutableBytes> opened = cipher_->open(frame);
  if (!opened && may_be_clear) {
    end(kNetwork("the handshake failed; the peer, or somebody who pretends to be it, says: " + hint), Ending::kSilent);
  } else if (!opened) {
    fail(kAborted("a frame is not what the peer sealed"));
  } else if (cipher_->is_worn_out()) {
    fail(kAborted("the peer has sealed all frames that the keys are good for"));
    opened.reset();
  }
  opened_a_frame_ = true;
  return opened;
}

void Connection::Core::perform(Result<HandshakeStep> next) {
  if (!next) return fail(next.error());
  HandshakeStep& step = *next;
  if (step.cipher) {
    cipher_ = std::move(step.cipher);
    reader_.set_limit(options_.limits.handshake_bytes + kTagSize);
  }
  for (Bytes& message : step.say) {
    express_encoded(std::move(message));
    if (phase_ != Phase::kHandshake) return;
  }
  if (step.ask) {
    measure_rtt();
    asked_ = true;
    events_.emplace_back(*std::move(step.ask));
  }
  if (step.done) established(*std::move(step.done));
}

// From the last word of this end to the proof of the peer, which it could not give earlier.
void Connection::Core::measure_rtt() {
  if (!handshake_rtt_) handshake_rtt_ = now_ - last_said_;
}

void Connection::Core::authorize() {
  if (phase_ != Phase::kHandshake || !asked_) return;
  asked_ = false;
  perform(handshake_->authorized());
}

void Connection::Core::refuse(const Error& why) {
  if (phase_ != Phase::kHandshake || !asked_) return;
  asked_ = false;
  fail(why ? why : verror::NotTrusted("the peer is not trusted"));
}

void Connection::Core::after_handshake() {
  const ShownBlessings& remote = session_.remote_shown;
  awaits_discharges_ = !remote.has_discharges() && !remote.blessings.third_party_caveats().empty();
  // The discharges of a dialer did not fit into its handshake.
  const bool left_out = options_.role == Role::kDialer && options_.identity.shown.has_discharges();
  if (!to_show_ && left_out) to_show_ = options_.identity.shown;
  if (to_show_) (void)show(*std::exchange(to_show_, std::nullopt));
}

const ShownBlessings& Connection::Core::nameless() {
  if (nameless_.blessings.is_zero()) nameless_ = nameless_of(options_.identity);
  return nameless_;
}

Error Connection::Core::unfit(const ShownBlessings& shown) const {
  if (shown.blessings.is_zero()) return {};
  if (shown.blessings.public_key() == options_.identity.principal->public_key()) return {};
  return verror::BadArg("the blessings to show are not bound to the key of this end");
}

Result<void> Connection::Core::show(ShownBlessings shown) {
  if (Error error = unfit(shown)) return error;
  if (options_.role == Role::kDialer && !options_.accepts_flows) return {};
  if (phase_ == Phase::kHandshake) to_show_ = std::move(shown);
  if (phase_ != Phase::kEstablished) return {};
  session_.local_shown = shown.blessings.is_zero() ? nameless() : std::move(shown);
  BlessingsSender& sender = session_.blessings->sender;
  const BlessingsSender::Keys keys = sender.keys_for(session_.local_shown);
  for (Bytes& message : take_messages(sender)) express_encoded(std::move(message));
  // Not signed: the blessings are bound to the key that signed the handshake.
  Auth auth;
  auth.blessings_key = keys.blessings;
  auth.discharges_key = keys.discharges;
  if (phase_ == Phase::kEstablished) express(auth);
  return {};
}

void Connection::Core::receive_blessings(const Data& message) {
  if ((message.flags & kDisableEncryption) != 0) return fail(kAborted("blessings in the clear"));
  const Result<void> received = session_.blessings->receiver.receive(message.payload);
  if (!received) fail(received.error());
}

void Connection::Core::on(const Auth& message) {
  Result<ShownBlessings> shown = session_.blessings->receiver.resolve(message.blessings_key, message.discharges_key);
  if (!shown) return fail(shown.error());
  session_.remote_shown = *std::move(shown);
  awaits_discharges_ = false;
  events_.emplace_back(PeerShows{session_.remote_shown});
}

}  // namespace nb::flow
