#include <nb/rpc/runtime.h>

#include <sys/random.h>

#include <string>
#include <utility>

#include <nb/base/check.h>
#include <nb/base/verror.h>
#include <nb/rpc/client.h>
#include <nb/rpc/server.h>

#include "base/quoting_log.h"
#include "rpc/options.h"
#include "rpc/own_principal.h"
#include "rpc/resolver.h"
#include "rpc/runtime_core.h"
#include "rpc/server_core.h"

namespace nb {

namespace {

void system_random(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0) continue;  // interrupted by a signal
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

// One object, at the server's own name only.
class ObjectDispatcher final : public Dispatcher {
 public:
  explicit ObjectDispatcher(std::shared_ptr<Service> object) : object_(std::move(object)) {}
  Result<Dispatched> lookup(const Context&, std::string_view suffix) override {
    if (!suffix.empty()) return Dispatched();
    return Dispatched(object_);
  }

 private:
  const std::shared_ptr<Service> object_;  // shared with the program
};

}  // namespace

LocalNetwork LocalNetwork::make() {
  return LocalNetwork(std::make_shared<rpc::LocalNetworkCore>(transport::MemoryNetwork::make()));
}

RuntimeOptions::RuntimeOptions() : data_(std::make_shared<Data>()) { data_->random = system_random; }

RuntimeOptions::Data& RuntimeOptions::changed() {
  if (data_.use_count() > 1) data_ = std::make_shared<Data>(*data_);
  return *data_;
}

RuntimeOptions& RuntimeOptions::threads(std::size_t count) {
  changed().threads = count;
  return *this;
}
RuntimeOptions& RuntimeOptions::log(std::shared_ptr<LogSink> sink) {
  changed().log = std::move(sink);
  return *this;
}
RuntimeOptions& RuntimeOptions::clock(std::shared_ptr<Clock> clock) {
  changed().clock = std::move(clock);
  return *this;
}
RuntimeOptions& RuntimeOptions::random(std::function<void(std::span<std::uint8_t>)> source) {
  changed().random = std::move(source);
  return *this;
}
RuntimeOptions& RuntimeOptions::grace(std::chrono::nanoseconds grace) {
  changed().grace = grace;
  return *this;
}
RuntimeOptions& RuntimeOptions::local_network(LocalNetwork network) {
  changed().local_network = network.core();
  return *this;
}
RuntimeOptions& RuntimeOptions::principal(std::shared_ptr<const Principal> principal) {
  changed().principal = std::move(principal);
  return *this;
}
RuntimeOptions& RuntimeOptions::credentials(std::string folder) {
  changed().credentials = std::move(folder);
  return *this;
}
RuntimeOptions& RuntimeOptions::unauthenticated() {
  changed().is_unauthenticated = true;
  return *this;
}
RuntimeOptions& RuntimeOptions::caveat_validators(std::shared_ptr<const CaveatValidators> validators) {
  changed().validators = std::move(validators);
  return *this;
}
RuntimeOptions& RuntimeOptions::protocol_versions(std::uint64_t least, std::uint64_t most) {
  changed().versions = flow::VersionRange{least, most};
  return *this;
}
RuntimeOptions& RuntimeOptions::channel_timeout(std::chrono::nanoseconds timeout) {
  changed().channel_timeout = timeout;
  return *this;
}
RuntimeOptions& RuntimeOptions::idle_expiry(std::chrono::nanoseconds expiry) {
  changed().idle_expiry = expiry;
  return *this;
}
RuntimeOptions& RuntimeOptions::address_chooser(AddressChooser chooser) {
  changed().address_chooser = std::move(chooser);
  return *this;
}
RuntimeOptions& RuntimeOptions::namespace_roots(std::vector<std::string> roots) {
  changed().namespace_roots = std::move(roots);
  return *this;
}
RuntimeOptions& RuntimeOptions::preferred_protocols(std::vector<std::string> protocols) {
  changed().preferred_protocols = std::move(protocols);
  return *this;
}
RuntimeOptions& RuntimeOptions::tracing(const TraceOptions& options) {
  changed().tracing = options;
  return *this;
}
RuntimeOptions& RuntimeOptions::metrics(std::shared_ptr<Metrics> metrics) {
  changed().metrics = std::move(metrics);
  return *this;
}
RuntimeOptions& RuntimeOptions::client_interceptor(ClientInterceptorMaker maker) {
  changed().client_interceptors.push_back(std::move(maker));
  return *this;
}
RuntimeOptions& RuntimeOptions::server_interceptor(ServerInterceptorMaker maker) {
  changed().server_interceptors.push_back(std::move(maker));
  return *this;
}
RuntimeOptions& RuntimeOptions::loops(std::shared_ptr<rpc::LoopMaker> maker) {
  changed().loops = std::move(maker);
  return *this;
}

Result<Runtime> Runtime::make(const RuntimeOptions& options) {
  RuntimeOptions::Data data = options.data();
  data.log = base::quoting_log(std::move(data.log));
  if (data.versions.min > data.versions.max || data.versions.min < flow::kSupportedVersions.min ||
      data.versions.max > flow::kSupportedVersions.max) {
    return verror::BadArg("protocol versions " + std::to_string(data.versions.min) + " to " +
                          std::to_string(data.versions.max) + ": there are " +
                          std::to_string(flow::kSupportedVersions.min) + " to " +
                          std::to_string(flow::kSupportedVersions.max));
  }
  if (data.local_network == nullptr) data.local_network = LocalNetwork::make().core();
  if (!data.namespace_roots) data.namespace_roots = rpc::Resolver::roots_of_environment();
  if (auto fine = rpc::Resolver::check_roots(*data.namespace_roots); !fine) return fine.error();
  auto traces = TraceStore::make(data.tracing, data.clock, data.random);
  if (!traces) return traces.error();
  data.traces = *std::move(traces);
  auto principal = rpc::own_principal(data);
  if (!principal) return principal.error();
  auto core = std::make_shared<rpc::RuntimeCore>(data, *std::move(principal));
  core->count_connections();
  return Runtime(std::move(core));
}

Runtime::Runtime(std::shared_ptr<rpc::RuntimeCore> core) : core_(std::move(core)) {}

Runtime& Runtime::operator=(Runtime&& other) noexcept {
  if (this == &other) return *this;
  Runtime ended(std::move(*this));
  core_ = std::move(other.core_);
  return *this;
}

Runtime::~Runtime() {
  if (core_ == nullptr) return;
  if (!core_->shut_down(core_->options().grace)) core_->abandon();
}

Context Runtime::context() const { return core_->context(); }
const std::shared_ptr<TraceStore>& Runtime::traces() const { return core_->traces(); }
Executor Runtime::executor() const { return core_->home(); }
const std::shared_ptr<const Principal>& Runtime::principal() const { return core_->principal(); }

Result<Server> Runtime::serve(std::shared_ptr<Service> object, const ServerOptions& options) const {
  NB_CHECK(object != nullptr, "there is an object to serve");
  return core_->serve(std::make_shared<ObjectDispatcher>(std::move(object)), options);
}

Result<Server> Runtime::serve(std::shared_ptr<Dispatcher> dispatcher, const ServerOptions& options) const {
  NB_CHECK(dispatcher != nullptr, "there is a dispatcher to serve with");
  return core_->serve(std::move(dispatcher), options);
}

Result<void> Runtime::shutdown(std::chrono::nanoseconds grace) { return core_->shut_down(grace); }

Server::Server(std::shared_ptr<rpc::ServerCore> core) : core_(std::move(core)) {}

Server& Server::operator=(Server&& other) noexcept {
  if (this == &other) return *this;
  Server ended(std::move(*this));
  core_ = std::move(other.core_);
  return *this;
}

Server::~Server() {
  if (core_ != nullptr) stop();
}

std::string Server::name() const { return "/" + core_->endpoints().front(); }

std::string Server::name(std::string_view suffix) const { return name() + "/" + std::string(suffix); }

std::vector<std::string> Server::endpoints() const { return core_->endpoints(); }

Context Server::context() const { return core_->context(); }

std::map<std::string, Error> Server::proxy_errors() const { return core_->manager()->status().proxy_errors; }

void Server::network_changed() { core_->network_changed(); }

Result<void> Server::add_name(const std::string& name) const { return core_->add_name(name); }
void Server::remove_name(const std::string& name) const { core_->remove_name(name); }
ServerStatus Server::status() const { return core_->status(); }

void Server::stop(std::chrono::nanoseconds grace) { core_->stop_and_wait(grace); }

void Server::stop() { stop(core_->grace()); }

Object::Object(const Runtime& runtime, std::string name, CallOptions defaults)
    : Object(runtime.core(), std::move(name), defaults) {}

Object::Object(std::shared_ptr<rpc::RuntimeCore> runtime, std::string name, CallOptions defaults)
    : runtime_(std::move(runtime)), home_(rpc::home_of(runtime_)), name_(std::move(name)), defaults_(defaults) {}

Client::Client(const Runtime& runtime, CallOptions options) : Client(runtime.core(), options) {}

}  // namespace nb
