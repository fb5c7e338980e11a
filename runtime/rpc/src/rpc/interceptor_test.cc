#include <nb/rpc/interceptor.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <nb/base/verror.h>

#include "rpc/client_hooks.h"
#include "rpc/testing/traced.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::eventually;
using testing::Traced;

// What interceptors were told, in order.
struct Log {
  void add(std::string line) {
    const std::lock_guard lock(mutex);
    lines.push_back(std::move(line));
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex);
    return std::exchange(lines, {});
  }
  std::size_t count(const std::string& line) {
    const std::lock_guard lock(mutex);
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), line));
  }
  std::mutex mutex;
  std::vector<std::string> lines;
};

constexpr ContextKey kMark{"mark"};

class ClientTeller final : public ClientInterceptor {
 public:
  ClientTeller(std::string who, Log& log) : who_(std::move(who)), log_(log) {}
  Error start(Context& context) override {
    context = context.with_value(kMark, std::make_shared<const int>(7));
    log_.add(who_ + " start");
    return Error();
  }
  void connecting(std::string_view) override { log_.add(who_ + " connecting"); }
  void connected(std::string_view, const Error& why_not) override {
    log_.add(who_ + (why_not ? " not connected" : " connected"));
  }
  Error request(OutgoingRequest& request) override {
    std::string names;
    for (const auto& name : request.names) names += " " + name;
    request.trace.RequestMetadata = {1, 2, 3};
    log_.add(who_ + " request to" + names);
    return Error();
  }
  void sent(std::size_t bytes) override { log_.add(who_ + (bytes > 0 ? " sent" : " sent nothing")); }
  void received(std::size_t bytes) override { log_.add(who_ + (bytes > 0 ? " received" : " received nothing")); }
  void answered(const Error& error, const v23::vtrace::Response&) override {
    log_.add(who_ + " answered" + (error ? " " + std::string(error.id()) : ""));
  }
  void failed(const Error&, RetryDecision decision) override {
    log_.add(who_ + (decision == RetryDecision::kRetries ? " retries" : " gives up"));
  }
  void context_ended(const Error&) override { log_.add(who_ + " context ended"); }
  void end(const Error& error) override { log_.add(who_ + " end" + (error ? " " + std::string(error.id()) : "")); }

 private:
  const std::string who_;
  Log& log_;
};

class ServerTeller final : public ServerInterceptor {
 public:
  ServerTeller(std::string who, Log& log) : who_(std::move(who)), log_(log) {}
  Error start(const IncomingRequest& request, Context& context) override {
    context = context.with_value(kMark, std::make_shared<const int>(7));
    log_.add(who_ + " start " + request.suffix + "." + request.method +
             (request.trace.RequestMetadata.size() == 3 ? " with metadata" : ""));
    return Error();
  }
  Error dispatch(const ServerCall& call) override {
    log_.add(who_ + " dispatch " + call.method() + " for " + call.remote_names().valid.front());
    return Error();
  }
  void received(std::size_t bytes) override { log_.add(who_ + (bytes > 0 ? " received" : " received nothing")); }
  void sent(std::size_t bytes) override { log_.add(who_ + (bytes > 0 ? " sent" : " sent nothing")); }
  void answering(const Error& error, v23::vtrace::Response&) override {
    log_.add(who_ + " answering" + (error ? " " + std::string(error.id()) : ""));
  }
  void end(const Error& error) override { log_.add(who_ + " end" + (error ? " " + std::string(error.id()) : "")); }

 private:
  const std::string who_;
  Log& log_;
};

struct Told {
  RuntimeOptions client() {
    RuntimeOptions options;
    for (const std::string who : {"a", "b"}) {
      options.client_interceptor([who, this](const ClientCallInfo& call) -> std::unique_ptr<ClientInterceptor> {
        if (call.method == "Swallow") return nullptr;
        return std::make_unique<ClientTeller>(who, client_log);
      });
    }
    return options;
  }
  RuntimeOptions server() {
    RuntimeOptions options;
    for (const std::string who : {"a", "b"}) {
      options.server_interceptor([who, this](const IncomingRequest&) -> std::unique_ptr<ServerInterceptor> {
        return std::make_unique<ServerTeller>(who, server_log);
      });
    }
    return options;
  }
  Log client_log;
  Log server_log;
};

class Refusing final : public ClientInterceptor, public ServerInterceptor {
 public:
  enum class At { kStart, kRequest, kServerStart, kDispatch };
  explicit Refusing(At at) : at_(at) {}
  Error start(Context&) override { return refusal(At::kStart); }
  Error request(OutgoingRequest&) override { return refusal(At::kRequest); }
  Error start(const IncomingRequest&, Context&) override { return refusal(At::kServerStart); }
  Error dispatch(const ServerCall&) override { return refusal(At::kDispatch); }

 private:
  Error refusal(At at) const { return at == at_ ? Error(verror::NoAccess("by the interceptor")) : Error(); }
  const At at_;
};

class Throwing final : public ClientInterceptor, public ServerInterceptor {
 public:
  enum class At { kMaker, kStart, kRequest, kServerMaker, kServerStart, kDispatch, kElsewhere };
  explicit Throwing(At at) : at_(at) {}
  Error start(Context&) override { return maybe(At::kStart), Error(); }
  Error request(OutgoingRequest&) override { return maybe(At::kRequest), Error(); }
  void sent(std::size_t) override { maybe(At::kElsewhere); }
  void received(std::size_t) override { maybe(At::kElsewhere); }
  Error start(const IncomingRequest&, Context&) override { return maybe(At::kServerStart), Error(); }
  Error dispatch(const ServerCall&) override { return maybe(At::kDispatch), Error(); }
  void answering(const Error&, v23::vtrace::Response&) override { maybe(At::kElsewhere); }
  void end(const Error&) override { maybe(At::kElsewhere); }

 private:
  void maybe(At at) const {
    if (at == at_) throw std::runtime_error("by the interceptor");
  }
  const At at_;
};

}  // namespace

TEST_CASE("what an interceptor throws ends the call where it could refuse it, and disturbs nothing elsewhere") {
  using At = Throwing::At;
  for (const At at :
       {At::kMaker, At::kStart, At::kRequest, At::kServerMaker, At::kServerStart, At::kDispatch, At::kElsewhere}) {
    CAPTURE(static_cast<int>(at));
    RuntimeOptions client;
    RuntimeOptions server;
    client.client_interceptor([at](const ClientCallInfo&) {
      if (at == At::kMaker) throw std::runtime_error("by the interceptor");
      return std::make_unique<Throwing>(at);
    });
    server.server_interceptor([at](const IncomingRequest&) {
      if (at == At::kServerMaker) throw std::runtime_error("by the interceptor");
      return std::make_unique<Throwing>(at);
    });
    Traced w(server, client);
    const auto unary = w.client.Add(w.context(), 1, 2).get();
    auto stream = w.client.Count(w.context(), 3);
    const auto streamed = stream.finish().get();
    if (at == At::kElsewhere) {
      CHECK_MESSAGE(unary, unary.error().message());
      continue;
    }
    REQUIRE_FALSE(unary);
    REQUIRE_FALSE(streamed);
    for (const Error& error : {unary.error(), streamed.error()}) {
      CHECK_MESSAGE(error.message().find("by the interceptor") != std::string_view::npos, error.message());
    }
    CHECK(w.service->calls == 0);
  }
}

TEST_CASE("interceptors of a call without streams are told of all of it, outwards in order and back in reverse") {
  Told told;
  Traced w(told.server(), told.client());
  CHECK(*w.client.Add(w.context(), 1, 2).get() == 3);
  CHECK(told.client_log.take() == std::vector<std::string>{"a start", "b start", "a connecting", "b connecting",
                                                           "b connected", "a connected", "a request to alice",
                                                           "b request to alice", "a sent", "b sent", "b answered",
                                                           "a answered", "b received", "a received", "b end", "a end"});
  CHECK(told.server_log.take() ==
        std::vector<std::string>{"a start .Add with metadata", "b start .Add with metadata", "a received", "b received",
                                 "a dispatch Add for alice:client", "b dispatch Add for alice:client", "b answering",
                                 "a answering", "b sent", "a sent", "b end", "a end"});
}

TEST_CASE("interceptors of streams are told of each item both ways, and of the end") {
  Told told;
  Traced w(told.server(), told.client());
  auto centre = w.client.Centre(w.context());
  for (int i = 0; i < 3; ++i) {
    CHECK(centre.send(calc::Point(1, 2)).get());
    CHECK(centre.recv().get());
  }
  CHECK(*centre.finish().get() == 3);
  CHECK(told.client_log.count("a sent") == 4);      // the request and three items
  CHECK(told.client_log.count("a received") == 4);  // three items and the answer
  CHECK(told.client_log.take().back() == "a end");
  CHECK(told.server_log.count("a received") == 4);
  CHECK(told.server_log.count("a sent") == 4);
  CHECK(told.server_log.take().back() == "a end");
}

TEST_CASE("interceptors see the error of a call, and each further try") {
  Told told;
  Traced w(told.server(), told.client());
  CHECK_FALSE(w.client.Div(w.context(), 1, 0).get());
  CHECK(told.client_log.count("a answered calc.DivideByZero") == 1);
  CHECK(told.client_log.take().back() == "a end calc.DivideByZero");
  CHECK(told.server_log.take().back() == "a end calc.DivideByZero");
  CHECK(*w.client.Flaky(w.context(), 2).get() == 2);
  CHECK(told.client_log.count("b retries") == 2);
  CHECK(told.client_log.count("b request to alice") == 3);
  CHECK(told.client_log.count("b end") == 1);
  CHECK(told.server_log.count("b start .Flaky with metadata") == 3);
}

TEST_CASE("a call that is cancelled ends once for its interceptors at both ends") {
  Told told;
  Traced w(told.server(), told.client());
  auto call = w.client.Wait(w.context());
  REQUIRE(eventually([&] { return w.service->waiting == 1; }));
  call.cancel();
  CHECK_FALSE(call.get());
  const std::string canceled(verror::Canceled.id);
  CHECK(told.client_log.count("a context ended") == 1);
  CHECK(told.client_log.count("a end " + canceled) == 1);
  CHECK(eventually([&] { return told.server_log.count("a end " + canceled) == 1; }));
  CHECK(eventually([&] { return w.service->ended == 1; }));
  CHECK(told.server_log.count("a end " + canceled) == 1);
}

TEST_CASE("a stream that nobody finishes ends for its interceptors when its handle goes") {
  Told told;
  Traced w(told.server(), told.client());
  {
    auto count = w.client.Count(w.context(), 3);
    for ([[maybe_unused]] const auto item : count.items()) continue;
  }
  CHECK(eventually([&] { return told.client_log.count("a end " + std::string(verror::Canceled.id)) == 1; }));
}

TEST_CASE("a call that its maker does not want has no interceptors") {
  Told told;
  Traced w(RuntimeOptions(), told.client());
  auto swallow = w.client.Swallow(w.context());
  CHECK(swallow.finish().get());
  CHECK(told.client_log.take().empty());
}

TEST_CASE("an interceptor may refuse a call, which ends in its error before the method runs") {
  using At = Refusing::At;
  for (const At at : {At::kStart, At::kRequest, At::kServerStart, At::kDispatch}) {
    CAPTURE(static_cast<int>(at));
    Told told;
    RuntimeOptions client = told.client();
    RuntimeOptions server = told.server();
    client.client_interceptor([at](const ClientCallInfo&) { return std::make_unique<Refusing>(at); });
    server.server_interceptor([at](const IncomingRequest&) { return std::make_unique<Refusing>(at); });
    Traced w(server, client);
    const auto refused = w.client.Add(w.context(), 1, 2).get();
    CHECK(verror::NoAccess.matches(refused.error()));
    CHECK(refused.error().message().find("by the interceptor") != std::string_view::npos);
    auto stream = w.client.Count(w.context(), 3);
    CHECK(verror::NoAccess.matches(stream.finish().get().error()));
    CHECK(w.service->calls == 0);
    const std::string end = "a end " + std::string(verror::NoAccess.id);
    CHECK(told.client_log.count(end) == 2);
    CHECK(told.server_log.count("a start .Add with metadata") == (at == At::kStart || at == At::kRequest ? 0 : 1));
    if (at != At::kStart && at != At::kRequest) CHECK(told.server_log.count(end) == 2);
  }
}

TEST_CASE("what an interceptor adds to the context is there for the method") {
  struct Looking final : testing::Calc {
    Reply<std::int32_t> Add(ServerCall& call, std::int32_t, std::int32_t) override {
      const auto* mark = static_cast<const int*>(call.context().value(kMark));
      return mark == nullptr ? 0 : *mark;
    }
  };
  Told told;
  Traced w(told.server(), RuntimeOptions(), std::make_shared<Looking>());
  CHECK(*w.client.Add(w.context(), 1, 2).get() == 7);
}

TEST_CASE("an interceptor that cancels its call from within hears of the end, and of nothing after it") {
  struct Canceling final : ClientInterceptor {
    explicit Canceling(Log& log_) : log(log_) {}
    Error start(Context& context) override {
      auto [inner, canceler_] = context.with_cancel();
      context = inner;
      canceler = canceler_;
      return Error();
    }
    void sent(std::size_t) override { canceler.cancel(); }
    void answered(const Error&, const v23::vtrace::Response&) override { log.add("answered"); }
    void received(std::size_t) override { log.add("received"); }
    void end(const Error& error) override { log.add("end " + std::string(error.id())); }
    Canceler canceler;
    Log& log;
  };
  Log log;
  Traced w(RuntimeOptions(), RuntimeOptions().client_interceptor(
                                 [&](const ClientCallInfo&) { return std::make_unique<Canceling>(log); }));
  CHECK(verror::Canceled.matches(w.client.Wait(w.context()).get().error()));
  CHECK(log.take() == std::vector<std::string>{"end " + std::string(verror::Canceled.id)});
}

TEST_CASE("servers that are tried at once are told of apart, and those that lose are not wanted any more") {
  Log log;
  std::vector<std::unique_ptr<ClientInterceptor>> all;
  all.push_back(std::make_unique<ClientTeller>("a", log));
  ClientHooks hooks(std::move(all));
  Context context;
  (void)hooks.start(context);
  hooks.connecting("one");
  hooks.connecting("two");
  hooks.connecting("three");
  hooks.connected("one", verror::NoServers("x"));
  hooks.connected("two", Error());
  hooks.connected("two", verror::NoServers("known already"));
  hooks.end(Error());
  hooks.end(Error());
  CHECK(log.take() == std::vector<std::string>{"a start", "a connecting", "a connecting", "a connecting",
                                               "a not connected", "a connected", "a not connected", "a end"});
}

}  // namespace nb::rpc
