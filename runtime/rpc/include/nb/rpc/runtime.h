// Runtime: the threads, the connections and the clock behind clients and servers. Make one in main and hand it down;
// two in one process do not know of each other.
//
//   auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(2)).value();
//   auto ctx = runtime.context().with_timeout(5s);
//
// All its connections are encrypted, and both ends prove who they are: a runtime acts as one principal. Which one, in
// this order: what principal() or credentials() say; the folder that the environment's V23_CREDENTIALS names; one made
// on the spot, whose name nobody else believes. So programs started with the same V23_CREDENTIALS may call each other.
// `nb principal create --with-passphrase=false FOLDER NAME` makes such a folder.
//
// Clients, calls, contexts and servers may outlive it: after shutdown they answer with verror.BadState.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/clock.h>
#include <nb/base/context.h>
#include <nb/base/log.h>
#include <nb/base/result.h>
#include <nb/rpc/executor.h>
#include <nb/security/caveat.h>
#include <nb/security/principal.h>

namespace nb {

class ClientInterceptor;
class Dispatcher;
class Metrics;
class Server;
class ServerInterceptor;
class ServerOptions;
class Service;
class TraceOptions;
class TraceStore;
struct ClientCallInfo;
struct IncomingRequest;

namespace rpc {
class LocalNetworkCore;
class LoopMaker;
class RuntimeCore;
}  // namespace rpc

// A network inside this process, under the protocol name "local". Runtimes that share one can reach each other.
class LocalNetwork {
 public:
  static LocalNetwork make();
  const std::shared_ptr<rpc::LocalNetworkCore>& core() const { return core_; }

 private:
  explicit LocalNetwork(std::shared_ptr<rpc::LocalNetworkCore> core) : core_(std::move(core)) {}
  std::shared_ptr<rpc::LocalNetworkCore> core_;  // shared by the runtimes on it
};

class RuntimeOptions {
 public:
  RuntimeOptions();

  // Threads of its own; 0, the default, means one per core. See <nb/asio.h> for running on an executor instead.
  RuntimeOptions& threads(std::size_t count);
  // Where the runtime's words for the operator go (<nb/base/log.h>); standard error, from warnings upwards, unless this
  // is said; null: nowhere. A message is one line of UTF-8 without control characters, 4 KiB at most, whatever peers
  // put into it. Never in it: keys, arguments, results, items.
  RuntimeOptions& log(std::shared_ptr<LogSink> sink);
  RuntimeOptions& clock(std::shared_ptr<Clock> clock);
  // Fills with unpredictable bytes; tests hand in predictable ones.
  RuntimeOptions& random(std::function<void(std::span<std::uint8_t>)> source);
  // How long destruction waits for calls that are running.
  RuntimeOptions& grace(std::chrono::nanoseconds grace);
  RuntimeOptions& local_network(LocalNetwork network);

  // Acts as this one; it must be able to sign. Its store says what servers and clients show, its roots whom they
  // believe; both may change while the runtime lives.
  RuntimeOptions& principal(std::shared_ptr<const Principal> principal);
  // Acts as the principal in this folder, which is only read; changes that others make there are seen. For a key with a
  // passphrase, or to change what is in it: open_credentials() and principal().
  RuntimeOptions& credentials(std::string folder);
  // For tests on a LocalNetwork: acts as nobody. Its clients take whoever answers and show nothing; its servers let in
  // whoever calls. No principal is looked up, of these options or of the environment, no discharges are fetched and no
  // granter is asked. It speaks with runtimes on its LocalNetwork alone: calls to anywhere else end in errNoPrincipal,
  // and serving elsewhere is an error. Runtimes that act as somebody refuse it as they refuse everybody without a name.
  RuntimeOptions& unauthenticated();
  // Which versions of the protocol are spoken, 13 to 14. Without a word only 14, which binds the handshake's first
  // messages to the rest; 13 does not, so say 13 only for peers that know nothing newer. Two ends that have none in
  // common do not connect. Other numbers: make() answers BadArg.
  RuntimeOptions& protocol_versions(std::uint64_t least, std::uint64_t most);
  // How long a peer may leave a connection's health check unanswered before it is given up; it is asked after half of
  // that. 30 minutes unless this is said; CallOptions::channel_timeout() asks for more while a call runs.
  RuntimeOptions& channel_timeout(std::chrono::nanoseconds timeout);
  // Connections without calls end after this long; 10 minutes unless this is said. 0: never.
  RuntimeOptions& idle_expiry(std::chrono::nanoseconds expiry);
  // How servers that listen on all addresses of this machine ("0.0.0.0:8101", "[::]:8101") are named: picks those that
  // shall stand in endpoints, in this order, from what the machine's interfaces have ("192.0.2.7", "2001:db8::7"). It
  // may give others, with a port of their own if they have one ("203.0.113.1:8101", as a router forwards it). Without a
  // chooser: all but loopback addresses. Called on the threads that serve and call Server::network_changed(), and must
  // not block.
  using AddressChooser =
      std::function<std::vector<std::string>(const std::string& protocol, const std::vector<std::string>& addresses)>;
  RuntimeOptions& address_chooser(AddressChooser chooser);
  // Which caveats can be checked; the standard ones unless this is said. What is not known does not hold.
  RuntimeOptions& caveat_validators(std::shared_ptr<const CaveatValidators> validators);

  // The mount tables in which names begin that are not rooted ("shop/cart"): rooted names themselves, of which those
  // that can be reached are asked. Not said: those in the environment, in the variables that begin with V23_NAMESPACE.
  RuntimeOptions& namespace_roots(std::vector<std::string> roots);
  // Which of a name's servers to try, the best first: "tcp", "wsh"… and "*" for all others, which otherwise will not
  // do. Not said: unixfd, wsh, tcp4, tcp, and then the others.
  RuntimeOptions& preferred_protocols(std::vector<std::string> protocols);

  // Which traces are collected, and how much of them is kept: <nb/observe/trace_store.h>. Not said: those that callers
  // want, and those for which Span::collect was called. A pattern or a rate that is none: make() answers BadArg.
  RuntimeOptions& tracing(const TraceOptions& options);
  // Calls and connections are counted here; several runtimes may share it. Not said: they are not counted.
  RuntimeOptions& metrics(std::shared_ptr<Metrics> metrics);
  // Code around every call that the runtime makes, and that its servers serve: <nb/rpc/interceptor.h>. May be said
  // several times; the first one is the outermost.
  RuntimeOptions& client_interceptor(std::function<std::unique_ptr<ClientInterceptor>(const ClientCallInfo&)> maker);
  RuntimeOptions& server_interceptor(std::function<std::unique_ptr<ServerInterceptor>(const IncomingRequest&)> maker);

  // Everything above, as it was set; for the runtime.
  struct Data;
  const Data& data() const { return *data_; }
  // The runtime's loops come from `maker`; for <nb/asio.h>.
  RuntimeOptions& loops(std::shared_ptr<rpc::LoopMaker> maker);

 private:
  Data& changed();
  std::shared_ptr<Data> data_;  // shared by copies until one of them is changed
};

class [[nodiscard]] Runtime {
 public:
  // Fails when there is no principal to act as: credentials that cannot be read (the error says why), a principal that
  // cannot sign.
  static Result<Runtime> make(const RuntimeOptions& options = RuntimeOptions());

  Runtime(Runtime&&) noexcept = default;
  Runtime& operator=(Runtime&& other) noexcept;
  ~Runtime();  // shutdown, with the grace of the options

  // The context that others are made from; ends when the runtime shuts down.
  Context context() const;
  // Any of the runtime's threads.
  Executor executor() const;
  // The traces that it keeps; never null.
  const std::shared_ptr<TraceStore>& traces() const;
  // Who it acts as; never null. Of an unauthenticated one a key made on the spot, without any name.
  const std::shared_ptr<const Principal>& principal() const;

  // One object, at the server's own name.
  Result<Server> serve(std::shared_ptr<Service> object, const ServerOptions& options) const;
  Result<Server> serve(std::shared_ptr<Dispatcher> dispatcher, const ServerOptions& options) const;

  // Stops the servers (their running calls get `grace`), ends all calls and connections, then the threads. Blocks; on
  // one of the runtime's own threads it is an error, and nothing happens. Again: nothing happens.
  Result<void> shutdown(std::chrono::nanoseconds grace);

  const std::shared_ptr<rpc::RuntimeCore>& core() const { return core_; }

 private:
  explicit Runtime(std::shared_ptr<rpc::RuntimeCore> core);
  std::shared_ptr<rpc::RuntimeCore> core_;  // shared with clients, which find it shut down
};

}  // namespace nb
