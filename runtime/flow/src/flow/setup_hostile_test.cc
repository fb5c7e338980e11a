// Peers, and others on the way, that say something else in a Setup than they should (docs/spec/security.md 15).
#include <doctest/doctest.h>

#include "flow/hostile_testing.h"

namespace nb::flow {
namespace {

using namespace testing;

// Two honest ends, and somebody who changes what they say in the clear.
struct Tampered {
  Tampered(const std::function<void(Setup&)>& of_dialer, const std::function<void(Setup&)>& of_acceptor,
           VersionRange versions = {14, 14}, bool aes = true) {
    Options dialer_options = authenticated_options(Role::kDialer);
    Options acceptor_options = authenticated_options(Role::kAcceptor);
    dialer_options.identity.offers_aes_gcm = acceptor_options.identity.offers_aes_gcm = aes;
    dialer_options.versions = acceptor_options.versions = versions;
    TimePoint now{std::chrono::hours(1)};
    Connection dialer(dialer_options, now), acceptor(acceptor_options, now);
    const auto change = [](Connection& from, const std::function<void(Setup&)>& how) {
      Setup setup = std::get<Setup>(*decode(from.take_output().flat_frame(0)));
      how(setup);
      return with_header(encode(setup));
    };
    const Bytes to_acceptor = change(dialer, of_dialer), to_dialer = change(acceptor, of_acceptor);
    dialer.receive(to_dialer, now);
    acceptor.receive(to_acceptor, now);
    for (int round = 0; round < 4; ++round) {
      dialer.receive(acceptor.take_output().flat(), now);
      for (const Event& event : dialer.take_events()) {
        asked |= std::holds_alternative<AuthorizePeer>(event);
        if (asked) dialer.authorize();
      }
      acceptor.receive(dialer.take_output().flat(), now);
    }
    established = dialer.is_established() && acceptor.is_established();
  }
  bool asked = false;
  bool established = false;
};

TEST_CASE("[A-40] whatever is changed in a Setup, the handshake fails before the client trusts anybody") {
  const auto nothing = [](Setup&) {};
  const auto flip = [](std::uint64_t code, std::size_t from_end) {
    return [=](Setup& setup) {
      for (SetupOption& option : setup.options) {
        if (option.code == code) option.value.at(option.value.size() - from_end) ^= 1;
      }
    };
  };
  CHECK(Tampered(nothing, nothing).established);
  const std::function<void(Setup&)> changes[] = {
      [](Setup& setup) { setup.min_version = 13; },
      [](Setup& setup) { setup.max_version = 15; },
      [](Setup& setup) { setup.options.pop_back(); },  // our own suite
      [](Setup& setup) {
        setup.options.push_back({999, {1}});
      },
      flip(3, 4),                                               // the name of an endpoint
      [](Setup& setup) { setup.options.back().value[0] = 2; },  // another suite
      [](Setup& setup) {
        for (SetupOption& option : setup.options) {
          if (option.code == 4) option.value = from_hex("fe8000");
        }
      },
      flip(5, 1),
      flip(1, 3),  // the key: nothing opens
  };
  for (const auto& change : changes) {
    const Tampered first(change, nothing), second(nothing, change), both(change, change);
    CHECK_FALSE(first.established);
    CHECK_FALSE(second.established);
    CHECK_FALSE(both.established);
    CHECK_FALSE(first.asked);
    CHECK_FALSE(second.asked);
  }
}

TEST_CASE("[A-40] a downgrade of both ends to 13 is refused by default; where 13 is allowed our own suite notices it") {
  const auto lower = [](Setup& setup) { setup.min_version = setup.max_version = 13; };
  CHECK_FALSE(Tampered(lower, lower).established);
  CHECK_FALSE(Tampered(lower, lower, {13, 14}).established);
  // With the old suite nobody notices: that is why 13 takes an option.
  CHECK(Tampered(lower, lower, {13, 14}, false).established);
}

TEST_CASE(
    "[A-41] a Setup with a key that is zero, missing, of low order, of another size or the end's own is refused") {
  for (const Role role : kBothRoles) {
    const auto refused = [&](std::optional<Bytes> key) {
      Impostor peer(role);
      peer.setup.key.reset();
      Setup setup = make_setup(peer.setup);
      if (key) setup.options.insert(setup.options.begin(), SetupOption{1, *key});
      peer.say_clear(encode(setup));
      // In the clear: there are no keys yet.
      return peer.end.is_closed() && !peer.refusal().empty();
    };
    CHECK(refused(std::nullopt));
    CHECK(refused(Bytes(32, 0)));
    CHECK(refused(Bytes(31, 9)));
    CHECK(refused(Bytes(33, 9)));
    CHECK(refused(from_hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")));

    Impostor mirror(role);
    Setup theirs = std::get<Setup>(*decode(mirror.their_setup));
    mirror.say_clear(encode(theirs));
    CHECK(has(mirror.refusal(), "this end's own key"));
  }
}

}  // namespace
}  // namespace nb::flow
