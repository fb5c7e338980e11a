// Traces of calls (docs/spec/rpc.md 10, and the rows about them in 15): inspection of the stores of both ends.
#include "rpc/tracing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <utility>

#include <nb/base/verror.h>
#include <nb/observe/trace_export.h>

#include "naming/endpoint.h"
#include "rpc/testing/by_hand.h"
#include "rpc/testing/traced.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::annotations;
using testing::eventually;
using testing::find_span;
using testing::spans_of;
using testing::Traced;

std::string nobody() {
  naming::Endpoint endpoint;
  endpoint.protocol = "local";
  endpoint.address = "nobody";
  endpoint.blessing_names = {"alice"};
  return "/" + naming::to_string(endpoint);
}

}  // namespace

TEST_CASE("[0-37][1-20] a call is a span below the context's, named after what is called") {
  Traced w;
  const Context ctx = w.traced();
  CHECK(*w.client.Add(ctx, 1, 2).get() == 3);
  const auto spans = spans_of(w.client_runtime, ctx);
  const auto call = find_span(spans, "<rpc.Client>\"");
  CHECK(call.Name == "<rpc.Client>\"" + w.server.name() + "\".Add");
  CHECK(call.Parent == span_of(ctx).id());
  CHECK(call.Start != Time());
  // Another call, another span.
  CHECK(*w.client.Add(ctx, 1, 2).get() == 3);
  int calls = 0;
  for (const auto& each : spans_of(w.client_runtime, ctx)) calls += each.Name == call.Name ? 1 : 0;
  CHECK(calls == 2);
}

TEST_CASE("a call with a context that knows no store is traced in that of its runtime") {
  Traced w(RuntimeOptions(), RuntimeOptions().tracing(TraceOptions().sample(1)));
  CHECK(*w.client.Add(with_trace_store(w.context(), nullptr), 1, 2).get() == 3);
  REQUIRE(w.client_runtime.traces()->records().size() == 1);
  CHECK(find_span(w.client_runtime.traces()->records()[0].Spans, "<rpc.Client>\"").Name != "");
}

TEST_CASE("the server's span is below the call's, in the client's store, with what the method says there") {
  struct Remarks final : testing::Calc {
    Reply<std::int32_t> Add(ServerCall& call, std::int32_t a, std::int32_t b) override {
      span_of(call.context()).annotate("adding");
      return a + b;
    }
  };
  Traced w({}, {}, std::make_shared<Remarks>());
  const Context ctx = w.traced();
  CHECK(*w.client.Add(ctx, 1, 2).get() == 3);
  const auto spans = spans_of(w.client_runtime, ctx);
  const auto call = find_span(spans, "<rpc.Client>\"");
  const auto served = find_span(spans, ".Add").Id == call.Id ? find_span({spans.rbegin(), spans.rend()}, ".Add")
                                                             : find_span(spans, ".Add");
  CHECK(served.Name == ".Add");
  CHECK(served.Parent == call.Id);
  CHECK(served.End != Time());
  CHECK(annotations(served, "adding") == 1);
  // The server keeps it, too, and knows nothing of the client's spans.
  const auto theirs = spans_of(w.server_runtime, ctx);
  REQUIRE(theirs.size() == 1);
  CHECK(theirs[0].Id == served.Id);
}

TEST_CASE("[0-40] a call that cannot be tried again says why in its span, and returns that error") {
  Traced w;
  const Context ctx = w.traced();
  const calc::CalcClient lost(w.client_runtime, nobody(), CallOptions().no_retry());
  const auto result = lost.Add(ctx, 1, 2).get();
  REQUIRE_FALSE(result);
  const auto call = find_span(spans_of(w.client_runtime, ctx), "<rpc.Client>\"");
  CHECK(annotations(call, "Cannot retry after error: ") == 1);
  CHECK(annotations(call, "Retrying") == 0);
  CHECK(annotations(call, "Cannot retry after error: " + std::string(result.error().message())) == 1);
  CHECK(call.End != Time());
}

TEST_CASE("[0-42] each further try is an annotation with the error before it") {
  Traced w;
  const Context ctx = w.traced();
  CHECK(*w.client.Flaky(ctx, 2).get() == 2);
  const auto call = find_span(spans_of(w.client_runtime, ctx), "<rpc.Client>\"");
  CHECK(annotations(call, "Retrying due to error: ") == 2);
  CHECK(call.Annotations[0].Message.find("not yet") != std::string::npos);
  CHECK(annotations(call, "Cannot retry") == 0);
}

TEST_CASE("[0-44] an attempt to connect is a span of its own, with the address, and ends when it is decided") {
  Traced w;
  const Context ctx = w.traced();
  CHECK(*w.client.Add(ctx, 1, 2).get() == 3);
  auto spans = spans_of(w.client_runtime, ctx);
  auto attempt = find_span(spans, "tryConnectToServer");
  CHECK(attempt.Name == "<rpc.Client>tryConnectToServer");
  CHECK(attempt.Parent == find_span(spans, "<rpc.Client>\"").Id);
  CHECK(annotations(attempt, "address:" + w.server.name()) == 1);
  CHECK(attempt.End != Time());

  // One that fails says why.
  const Context other = w.traced();
  const calc::CalcClient lost(w.client_runtime, nobody(), CallOptions().no_retry());
  CHECK_FALSE(lost.Add(other, 1, 2).get());
  attempt = find_span(spans_of(w.client_runtime, other), "tryConnectToServer");
  CHECK(annotations(attempt, "address:" + nobody()) == 1);
  CHECK(attempt.Annotations.size() == 2);
  CHECK(attempt.End != Time());
}

TEST_CASE("[0-77][1-27] a call whose context ends says so in its span, and its server sees the flow closed") {
  Traced w;
  const Context ctx = w.traced();
  SUBCASE("it is cancelled") {
    auto call = w.client.Wait(ctx);
    REQUIRE(eventually([&] { return w.service->waiting == 1; }));
    CHECK(annotations(find_span(spans_of(w.client_runtime, ctx), "<rpc.Client>\""), "Canceled") == 0);
    call.cancel();
    CHECK(verror::Canceled.matches(call.get().error()));
  }
  SUBCASE("its deadline passes") {
    CHECK(verror::Timeout.matches(w.client.Wait(ctx.with_timeout(100ms)).get().error()));
  }
  const auto call = find_span(spans_of(w.client_runtime, ctx), "<rpc.Client>\"");
  CHECK(annotations(call, "Canceled") == 1);
  CHECK(call.End != Time());
  CHECK(eventually([&] { return w.service->seen_cancelled == 1; }));
}

TEST_CASE("[0-118][1-56] the span of a call ends once its result is known, and not before") {
  testing::WorldByHand w;
  const Context ctx = with_new_trace(w.context(), "test");
  span_of(ctx).collect();
  const auto call_span = [&] { return find_span(spans_of(*w.client_side.runtime, ctx), "<rpc.Client>\""); };
  SUBCASE("without streams") {
    auto sum = w.client.Add(ctx, 1, 2);
    // The server has answered, and the client not looked yet.
    while (w.service->calls == 0) {
      w.client_side.poll();
      w.server_side.poll();
    }
    CHECK_FALSE(sum.is_done());
    CHECK(call_span().End == Time());
    REQUIRE(w.poll_until([&] { return sum.is_done(); }));
    CHECK(*sum.get() == 3);
    CHECK(call_span().End != Time());
  }
  SUBCASE("with streams: by finish") {
    auto count = w.client.Count(ctx, 1);
    auto first = count.recv();
    auto end = count.recv();
    REQUIRE(w.poll_until([&] { return first.is_done() && end.is_done(); }));
    CHECK(call_span().End == Time());
    auto result = count.finish();
    REQUIRE(w.poll_until([&] { return result.is_done(); }));
    CHECK(result.get());
    CHECK(call_span().End != Time());
  }
}

TEST_CASE("[0-125][1-52] what the server knows of the trace is merged also when the call fails") {
  Traced w;
  const Context ctx = w.traced();
  CHECK(calc::DivideByZero.matches(w.client.Div(ctx, 1, 0).get().error()));
  const auto spans = spans_of(w.client_runtime, ctx);
  REQUIRE(spans.size() == 4);  // ours, the call, the attempt, the server's
  CHECK(spans[3].Name == ".Div");
  CHECK(spans[3].Parent == find_span(spans, "<rpc.Client>\"").Id);
  // And when there is no such method.
  const Context other = w.traced();
  Client untyped(w.client_runtime);
  CHECK(verror::UnknownMethod.matches(untyped.call(other, w.server.name(), "Nothing").get().error()));
  CHECK(find_span(spans_of(w.client_runtime, other), ".Nothing").Name != "");
  CHECK(spans_of(w.client_runtime, other).back().Name == ".Nothing");
}

TEST_CASE("a call outside any span is not traced, and begins no trace unless the store may collect it") {
  Traced w;
  CHECK(w.client.Add(w.context(), 1, 2).get());
  CHECK(w.client_runtime.traces()->records().empty());
  CHECK(w.server_runtime.traces()->records().empty());

  Traced sampled(RuntimeOptions(), RuntimeOptions().tracing(TraceOptions().sample(1)));
  CHECK(sampled.client.Add(sampled.context(), 1, 2).get());
  const auto records = sampled.client_runtime.traces()->records();
  REQUIRE(records.size() == 1);
  CHECK(records[0].Spans[0].Parent == records[0].Id);
  CHECK(records[0].Spans[0].Name.starts_with("<rpc.Client>\""));
  CHECK(records[0].Spans.back().Name == ".Add");
}

TEST_CASE("a trace that nobody collects leaves nothing, though its ids travel") {
  Traced w;
  const Context ctx = with_new_trace(w.context(), "test");
  CHECK(w.client.Add(ctx, 1, 2).get());
  CHECK(w.client_runtime.traces()->records().empty());
  CHECK(w.server_runtime.traces()->records().empty());
}

TEST_CASE("servers collect what matches their own pattern, and tell the client of it") {
  Traced w(RuntimeOptions().tracing(TraceOptions().collect_matching("Add")));
  const Context ctx = with_new_trace(w.context(), "test");
  CHECK(w.client.Add(ctx, 1, 2).get());
  const auto spans = spans_of(w.client_runtime, ctx);
  CHECK(find_span(spans, ".Add").Name == ".Add");
}

TEST_CASE("clients who may not see traces are told nothing, and the server keeps what it knows") {
  Traced w({}, {}, std::make_shared<testing::Calc>(), ServerOptions().authorizer(allow_everyone()));
  const auto bob = Runtime::make(w.completed({}).principal(testing::stranger("bob"))).value();
  const calc::CalcClient client(bob, w.server.name(), CallOptions().server_authorizer(allow_everyone()));
  const Context ctx = with_new_trace(bob.context().with_timeout(20s), "test");
  span_of(ctx).collect();
  CHECK(*client.Add(ctx, 1, 2).get() == 3);
  CHECK(find_span(spans_of(bob, ctx), "<rpc.Client>\"").Name != "");
  CHECK(find_span(spans_of(bob, ctx), ".Add").Name.starts_with("<rpc.Client>"));
  CHECK(spans_of(w.server_runtime, ctx).size() == 1);
}

TEST_CASE("a server that follows its own wishes only collects nothing for its callers") {
  Traced w(RuntimeOptions().tracing(TraceOptions().only_own_wishes()));
  const Context ctx = w.traced();
  CHECK(w.client.Add(ctx, 1, 2).get());
  CHECK(w.server_runtime.traces()->records().empty());
  CHECK(spans_of(w.client_runtime, ctx).back().Name != ".Add");
}

TEST_CASE("what an answer says of other traces is not believed") {
  Traced w;
  const Context ctx = w.traced();
  const std::string name = "x";
  const std::string method = "y";
  const auto tracing = client_tracing(w.client_runtime.traces())(ClientCallInfo{ctx, name, method, false});
  REQUIRE(tracing != nullptr);
  Context inner = ctx;
  CHECK_FALSE(tracing->start(inner));
  v23::vtrace::Response answer;
  answer.Flags = v23::vtrace::CollectInMemory;
  answer.Trace.Id.fill(9);
  answer.Trace.Spans.resize(3);
  tracing->answered(Error(), answer);
  CHECK(w.client_runtime.traces()->records().size() == 1);
  answer.Trace.Id = span_of(ctx).trace();
  answer.Trace.Spans.resize(1);
  tracing->answered(Error(), answer);
  CHECK(spans_of(w.client_runtime, ctx).size() == 3);
}

TEST_CASE("spans are named as other implementations name them") {
  CHECK(client_span_name("/a:1/x", "Get") == "<rpc.Client>\"/a:1/x\".Get");
  CHECK(client_span_name("a\"b\\c\n", "M") == "<rpc.Client>\"a\\\"b\\\\c\\x0a\".M");
  CHECK(server_span_name("", "", "M") == ".M");
  CHECK(server_span_name("", "a/b", "M") == "a/b.M");
  CHECK(server_span_name("shop", "", "M") == "shop.M");
  CHECK(server_span_name("shop+", "a", "M") == "shop+/a.M");
}

TEST_CASE("a tree of calls through several servers is one trace") {
  // Answers by asking another one, which asks a third.
  struct Passing final : testing::Calc {
    explicit Passing(calc::CalcClient next_) : next(std::move(next_)) {}
    Reply<std::int32_t> Add(ServerCall& call, std::int32_t a, std::int32_t b) override {
      const Context ctx = call.context();
      const auto first = co_await next.Flaky(ctx, 1);
      if (!first) co_return first.error();
      const Context work = with_new_span(ctx, "adding up");
      const auto sum = co_await next.Add(work, a, b);
      span_of(work).finish();
      co_return sum;
    }
    calc::CalcClient next;
  };
  Traced w;
  const auto serve = [&](std::shared_ptr<testing::Calc> service, const std::string& name) {
    return w.server_runtime.serve(std::move(service), ServerOptions().listen("local", name)).value();
  };
  const auto third = serve(std::make_shared<testing::Calc>(), "third");
  const auto second = serve(std::make_shared<Passing>(calc::CalcClient(w.server_runtime, third.name())), "second");
  const auto first = serve(std::make_shared<Passing>(calc::CalcClient(w.server_runtime, second.name())), "first");
  const Context ctx = w.traced();
  const auto sum = calc::CalcClient(w.client_runtime, first.name()).Add(ctx, 1, 2).get();
  REQUIRE_MESSAGE(sum, sum.error().message());
  span_of(ctx).finish();

  const auto record = w.client_runtime.traces()->record(span_of(ctx).trace());
  int served = 0;
  for (const auto& span : record.Spans) {
    CHECK(span.End != Time());
    const bool has_parent = std::any_of(record.Spans.begin(), record.Spans.end(),
                                        [&](const auto& other) { return other.Id == span.Parent; });
    CHECK(has_parent == (span.Name != "test"));
    served += span.Name.starts_with(".") ? 1 : 0;
  }
  CHECK(served >= 3 + 2 * 2);
  // docs/trace.svg is made by: NIOBIUM_TRACE_SVG=docs/trace.svg rpc_test -tc='a tree of calls*'
  if (const char* path = std::getenv("NIOBIUM_TRACE_SVG")) std::ofstream(path) << to_svg(record);
}

}  // namespace nb::rpc
