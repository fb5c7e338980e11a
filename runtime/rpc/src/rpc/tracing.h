// Tracing of calls (docs/spec/rpc.md 10), as interceptors. A call is traced when its context carries a span, or its
// request names one, or when the store may collect traces that begin here; others cost a look at the context.
#pragma once

#include <memory>
#include <string>

#include <nb/observe/trace_store.h>
#include <nb/rpc/interceptor.h>

namespace nb::rpc {

ClientInterceptorMaker client_tracing(std::shared_ptr<TraceStore> store);
ServerInterceptorMaker server_tracing(std::shared_ptr<TraceStore> store);

// `<rpc.Client>"name".method`, and `server/suffix.method` (10.2).
std::string client_span_name(std::string_view name, std::string_view method);
std::string server_span_name(std::string_view server, std::string_view suffix, std::string_view method);

}  // namespace nb::rpc
