#include "rpc/tracing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <nb/observe/span.h>

namespace nb::rpc {

namespace {

// How much of a trace goes back to a caller, about: as much as an ordinary answer may be.
constexpr std::size_t kMaxSentTrace = 256 * 1024;

std::string in_quotes(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += "\\x";
      quoted += kDigits[byte >> 4];
      quoted += kDigits[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

class ClientTracing final : public ClientInterceptor {
 public:
  ClientTracing(const ClientCallInfo& call, std::shared_ptr<TraceStore> store)
      : name_(client_span_name(call.name, call.method)), store_(std::move(store)) {}

  Error start(Context& context) override {
    // A context that the program made by itself knows no store.
    if (trace_store_of(context) == nullptr) context = with_trace_store(context, store_);
    context = with_new_span(context, name_);
    span_ = span_of(context);
    return Error();
  }

  void connecting(std::string_view server) override {
    Span span = Span::start(span_.store(), span_.trace(), span_.id(), "<rpc.Client>tryConnectToServer");
    span.annotate("address:" + std::string(server));
    attempts_.emplace_back(std::string(server), std::move(span));
  }

  void connected(std::string_view server, const Error& why_not) override {
    const auto attempt =
        std::find_if(attempts_.begin(), attempts_.end(), [&](const auto& each) { return each.first == server; });
    if (attempt == attempts_.end()) return;
    if (why_not) attempt->second.annotate(why_not.message());
    attempt->second.finish();
    attempts_.erase(attempt);
  }

  Error request(OutgoingRequest& request) override {
    is_sent_ = true;
    auto traced = span_.request();
    traced.RequestMetadata = std::move(request.trace.RequestMetadata);
    request.trace = std::move(traced);
    return Error();
  }

  void answered(const Error&, const v23::vtrace::Response& trace) override {
    // Of another trace it knows nothing that we asked for; who answers might fill the store with such.
    if (trace.Trace.Id == span_.trace()) span_.store()->merge(trace);
  }

  void failed(const Error& why, RetryDecision decision) override {
    switch (decision) {
      case RetryDecision::kRetries:
        span_.annotate("Retrying due to error: " + std::string(why.message()));
        is_sent_ = false;
        return;
      case RetryDecision::kCannot:
        span_.annotate("Cannot retry after error: " + std::string(why.message()));
        break;
      case RetryDecision::kExhausted:
        span_.annotate("Retries exhausted");
        break;
    }
    is_explained_ = true;
  }

  void context_ended(const Error&) override {
    span_.annotate("Canceled");
    is_explained_ = true;
  }

  void end(const Error& error) override {
    if (error && !is_sent_ && !is_explained_) {
      span_.annotate("Cannot retry after error: " + std::string(error.message()));
    }
    span_.finish();
  }

 private:
  const std::string name_;
  const std::shared_ptr<TraceStore> store_;  // of the runtime; shared with all calls
  Span span_;
  std::vector<std::pair<std::string, Span>> attempts_;  // under way, by server
  bool is_sent_ = false;
  bool is_explained_ = false;  // the span says why there is no further try
};

class ServerTracing final : public ServerInterceptor {
 public:
  Error start(const IncomingRequest& request, Context& context) override {
    const std::string name = server_span_name(request.server, request.suffix, request.method);
    context = request.trace.TraceId == v23::uniqueid::Id() ? with_new_trace(context, name)
                                                           : with_continued_trace(context, name, request.trace);
    span_ = span_of(context);
    return Error();
  }

  void answering(const Error&, v23::vtrace::Response& trace) override {
    if (!span_.is_collected()) return;
    span_.finish();
    trace = span_.store()->response(span_.trace(), kMaxSentTrace);
  }

  void end(const Error&) override { span_.finish(); }

 private:
  Span span_;
};

}  // namespace

std::string client_span_name(std::string_view name, std::string_view method) {
  return "<rpc.Client>" + in_quotes(name) + "." + std::string(method);
}

std::string server_span_name(std::string_view server, std::string_view suffix, std::string_view method) {
  std::string name(server);
  if (!suffix.empty()) {
    if (!server.empty()) name += '/';
    name += suffix;
  }
  return name.append(".").append(method);
}

ClientInterceptorMaker client_tracing(std::shared_ptr<TraceStore> store) {
  return [store = std::move(store)](const ClientCallInfo& call) -> std::unique_ptr<ClientInterceptor> {
    if (!store->begins_traces() && !span_of(call.context)) return nullptr;
    return std::make_unique<ClientTracing>(call, store);
  };
}

ServerInterceptorMaker server_tracing(std::shared_ptr<TraceStore> store) {
  return [store = std::move(store)](const IncomingRequest& request) -> std::unique_ptr<ServerInterceptor> {
    if (!store->begins_traces() && request.trace.TraceId == v23::uniqueid::Id()) return nullptr;
    return std::make_unique<ServerTracing>();
  };
}

}  // namespace nb::rpc
