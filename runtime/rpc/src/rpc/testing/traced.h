// Two runtimes for tests of tracing, metrics and interceptors: the server is alice, the client somebody whom she has
// blessed, and both can be given more options than a World's.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nb/observe/span.h>
#include <nb/observe/trace_store.h>

#include "rpc/testing/calc_service.h"

namespace nb::rpc::testing {

struct Traced {
  explicit Traced(const RuntimeOptions& server_options = RuntimeOptions(),
                  const RuntimeOptions& client_options = RuntimeOptions(),
                  std::shared_ptr<Calc> service_ = std::make_shared<Calc>(),
                  const ServerOptions& serving = ServerOptions())
      : service(std::move(service_)),
        server_runtime(Runtime::make(completed(server_options).principal(alice)).value()),
        client_runtime(Runtime::make(completed(client_options).principal(blessed_by(alice, "client"))).value()),
        server(server_runtime.serve(service, ServerOptions(serving).listen("local", "calc")).value()),
        client(client_runtime, server.name()) {}

  RuntimeOptions completed(RuntimeOptions options) const {
    return options.threads(1).log(journal).local_network(network).grace(std::chrono::milliseconds(200));
  }
  Context context() const { return client_runtime.context().with_timeout(std::chrono::seconds(20)); }
  // In the span of a new trace that is collected.
  Context traced() const {
    Context context = with_new_trace(this->context(), "test");
    span_of(context).collect();
    return context;
  }

  std::shared_ptr<Journal> journal = std::make_shared<Journal>();
  LocalNetwork network = LocalNetwork::make();
  std::shared_ptr<const Principal> alice = stranger("alice");
  std::shared_ptr<Calc> service;  // shared with the server
  Runtime server_runtime;
  Runtime client_runtime;
  Server server;
  calc::CalcClient client;
};

using SpanRecord = v23::vtrace::SpanRecord;

// Those of the context's trace in this runtime's store.
inline std::vector<SpanRecord> spans_of(const Runtime& runtime, const Context& context) {
  return runtime.traces()->record(span_of(context).trace()).Spans;
}
// The first one with this in its name; a span without a name if there is none.
inline SpanRecord find_span(const std::vector<SpanRecord>& spans, std::string_view part) {
  for (const SpanRecord& each : spans) {
    if (each.Name.find(part) != std::string::npos) return each;
  }
  return SpanRecord();
}
// How many annotations begin with this.
inline int annotations(const SpanRecord& span, std::string_view begin) {
  int found = 0;
  for (const auto& each : span.Annotations) found += each.Message.starts_with(begin) ? 1 : 0;
  return found;
}

}  // namespace nb::rpc::testing
