// What it costs to seal and open frames with both suites, and to shake hands: the protocol core alone, no I/O, one
// thread, both ends.
#include <benchmark/benchmark.h>

#include <sodium.h>

#include <memory>
#include <utility>

#include "flow/authenticated_testing.h"

namespace {

using namespace nb::flow;

struct Ends {
  std::unique_ptr<Cipher> sealer;
  std::unique_ptr<Cipher> opener;
};

Ends ends_with(Suite suite) {
  const SecretKey shared{1, 2, 3};
  if (suite == Suite::kSecretbox) return {make_secretbox(shared, true), make_secretbox(shared, false)};
  return {make_aes_gcm(shared, Role::kDialer, {}, {}), make_aes_gcm(shared, Role::kAcceptor, {}, {})};
}

// A message's head and its payload lie in two places, as they do when a large payload leaves. `opens`: the other end
// opens every frame too.
void seal_frames(benchmark::State& state, Suite suite, bool opens) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const Ends ends = ends_with(suite);
  nb::Bytes frame(kTagSize + size + kTagSize);
  const bool leads = ends.sealer->tag_leads();
  const MutableBytes content(frame.data(), kTagSize + size);
  const MutableBytes message = leads ? content.subspan(kTagSize) : content.first(size);
  std::uint8_t* const tag = leads ? content.data() : content.data() + size;
  for (auto _ : state) {
    const MutableBytes pieces[] = {message.first(4), message.subspan(4)};
    ends.sealer->seal(pieces, tag);
    if (opens && !ends.opener->open(content)) state.SkipWithError("a frame does not open");
  }
  const double frames = static_cast<double>(state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(frames * static_cast<double>(size)));
}

// The yardstick: what libsodium has for messages in one piece.
void libsodium(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  (void)system_randomness()->draw();  // so that libsodium has started
  nb::Bytes frame(kTagSize + size);
  unsigned char nonce[crypto_secretbox_NONCEBYTES] = {};
  const SecretKey key{1, 2, 3};
  for (auto _ : state) {
    ++nonce[0];
    crypto_secretbox_detached(frame.data() + kTagSize, frame.data(), frame.data() + kTagSize, size, nonce, key.data());
    benchmark::DoNotOptimize(frame.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

void sizes(benchmark::internal::Benchmark* bench) { bench->Arg(20)->Arg(100)->Arg(1024)->Arg(65536); }

BENCHMARK(libsodium)->Apply(sizes);
BENCHMARK_CAPTURE(seal_frames, seal secretbox, Suite::kSecretbox, false)->Apply(sizes);
BENCHMARK_CAPTURE(seal_frames, seal and open secretbox, Suite::kSecretbox, true)->Apply(sizes);
BENCHMARK_CAPTURE(seal_frames, seal aes, Suite::kAes256Gcm1, false)->Apply(sizes);
BENCHMARK_CAPTURE(seal_frames, seal and open aes, Suite::kAes256Gcm1, true)->Apply(sizes);

// Both ends, from nothing to established. `remembers`: the chains were checked on an earlier connection.
void shake_hands(benchmark::State& state, nb::KeyType type, bool remembers) {
  const auto options_of = [&](Role role, std::string_view name) {
    Options options = testing::authenticated_options(role);
    options.identity = testing::identity_of(testing::principal_with(*nb::PrivateKey::make(type)), name);
    if (remembers) options.identity.chain_cache = std::make_shared<nb::ChainCache>();
    return options;
  };
  const Options dialer = options_of(Role::kDialer, "client"), acceptor = options_of(Role::kAcceptor, "server");
  for (auto _ : state) {
    testing::AuthenticatedPair pair(dialer, acceptor);
    if (!pair.dialer.is_established() || !pair.acceptor.is_established()) state.SkipWithError("the handshake fails");
  }
}

BENCHMARK_CAPTURE(shake_hands, P - 256 first time, nb::KeyType::kEcdsa256, false)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(shake_hands, P - 256 again, nb::KeyType::kEcdsa256, true)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(shake_hands, Ed25519 first time, nb::KeyType::kEd25519, false)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(shake_hands, Ed25519 again, nb::KeyType::kEd25519, true)->Unit(benchmark::kMicrosecond);

// One flow from end to end, ten messages of `size` bytes a round, through cores, seals and all.
void send_messages(benchmark::State& state, Suite suite) {
  const auto size = static_cast<std::size_t>(state.range(0));
  Options dialer = testing::authenticated_options(Role::kDialer),
          acceptor = testing::authenticated_options(Role::kAcceptor);
  dialer.identity.offers_aes_gcm = acceptor.identity.offers_aes_gcm = suite == Suite::kAes256Gcm1;
  testing::AuthenticatedPair pair(dialer, acceptor);
  const FlowId id = *pair.dialer.open_flow();
  for (auto _ : state) {
    for (int i = 0; i < 10; ++i) pair.dialer.write(id, nb::Bytes(size, 1), false);
    pair.pump();
    pair.acceptor.consumed(id, 10 * size);
    pair.pump();
    pair.dialer_events.clear();
    pair.acceptor_events.clear();
  }
  state.SetItemsProcessed(state.iterations() * 10);
  state.SetBytesProcessed(state.iterations() * 10 * static_cast<std::int64_t>(size));
}

BENCHMARK_CAPTURE(send_messages, secretbox, Suite::kSecretbox)->Arg(100)->Arg(65536);
BENCHMARK_CAPTURE(send_messages, aes, Suite::kAes256Gcm1)->Arg(100)->Arg(65536);

}  // namespace

BENCHMARK_MAIN();
