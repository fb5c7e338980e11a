#include <nb/rpc/in_process.h>

#include <utility>

#include <nb/security/caveat.h>
#include <nb/security/principal.h>

namespace nb {

namespace {

class NoLog final : public LogSink {
 public:
  void log(Severity, std::string_view) override {}
};

std::shared_ptr<const Principal> named_by_itself(const std::string& name) {
  auto principal = Principal::make().value();
  principal->set_default_blessings(principal->bless_self(name).value()).value();
  return principal;
}

// Shows test:NAME to everybody, and believes who blesses with that key.
std::shared_ptr<const Principal> of_the_test(const Principal& test, const std::string& name) {
  auto principal = Principal::make().value();
  const Blessings blessings =
      test.bless(principal->public_key(), test.store().default_blessings(), name, unconstrained_use()).value();
  principal->set_default_blessings(blessings).value();
  return principal;
}

}  // namespace

InProcess::InProcess(std::shared_ptr<Clock> clock, std::shared_ptr<LogSink> log)
    : clock_(std::move(clock)), log_(log != nullptr ? std::move(log) : std::make_shared<NoLog>()) {
  const auto test = named_by_itself("test");
  server_.emplace(Runtime::make(options(test).threads(2)).value());
  client_.emplace(Runtime::make(options(of_the_test(*test, "client"))).value());
}

InProcess::~InProcess() = default;

RuntimeOptions InProcess::options(std::shared_ptr<const Principal> principal) const {
  return RuntimeOptions()
      .threads(1)
      .clock(clock_)
      .log(log_)
      .grace(std::chrono::nanoseconds(0))
      .local_network(network_)
      .namespace_roots({})
      .principal(std::move(principal));
}

std::string InProcess::next_place() {
  const std::lock_guard lock(mutex_);
  return "place-" + std::to_string(++places_);
}

Result<Server> InProcess::serve(std::shared_ptr<Service> object, ServerOptions options) {
  if (options.listen().empty()) options.listen("local", next_place());
  return server_->serve(std::move(object), options);
}

Result<Server> InProcess::serve(std::shared_ptr<Dispatcher> dispatcher, ServerOptions options) {
  if (options.listen().empty()) options.listen("local", next_place());
  return server_->serve(std::move(dispatcher), options);
}

Context InProcess::context(std::chrono::nanoseconds timeout) const {
  return timeout.count() == 0 ? client_->context() : client_->context().with_timeout(timeout);
}

const Runtime& InProcess::stranger(const std::string& name) {
  auto runtime = std::make_unique<Runtime>(Runtime::make(options(named_by_itself(name))).value());
  const std::lock_guard lock(mutex_);
  strangers_.push_back(std::move(runtime));
  return *strangers_.back();
}

}  // namespace nb
