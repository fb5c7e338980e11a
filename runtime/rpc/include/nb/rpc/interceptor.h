// Interceptors: code of the program's own around every call that it makes or serves: to see it, measure it, refuse it,
// or add to its context. The runtime's own tracing and metrics are interceptors, too.
//
//   class Slow final : public nb::ClientInterceptor {          // one object for each call: it may keep what it likes
//    public:
//     explicit Slow(std::string method) : method_(std::move(method)) {}
//     void end(const nb::Error&) override { if (watch_.passed() > 1s) std::puts(method_.c_str()); }
//    …
//   };
//   nb::RuntimeOptions().client_interceptor([](const nb::ClientCallInfo& call) ->
//   std::unique_ptr<nb::ClientInterceptor> {
//     if (call.method.starts_with("__")) return nullptr;       // not this call
//     return std::make_unique<Slow>(call.method);
//   });
//
// The maker is asked at the beginning of each call, also of those that the runtime makes to mount tables, but not when
// the context or the options end it in BadArg; it may answer null. With several of them, what goes towards the server
// (start, connecting, request, sent) passes them in the order in which they were added, and what comes back (connected,
// received, answered, failed, context_ended, end) in the opposite order; at a server start, dispatch and received come
// in order, and sent, answering and end in the opposite one. Tracing comes first, then metrics, then the program's.
//
// The functions of one call are never called at the same time, and none of them after end(), which comes exactly once
// if start() was called. They run on the thread that carries the call, often a connection's: they must not block.
// What they throw is an error of the call from the maker, start, request and dispatch, and logged from the others. A
// function of an interceptor that cancels its own call may see end() before it returns; it must not cancel other calls,
// whose functions may be doing the same: post that.
//
// Without interceptors of the program's a call costs one question to each of the runtime's own makers (a look at its
// context, or at the request), and a comparison with null at each of these places.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <nb/base/context.h>
#include <nb/base/error.h>

#include "v.io/v23/vtrace/vtrace.vdl.h"

namespace nb {

class ServerCall;

// ---- client ----

// A call that is about to be made. Alive during the maker.
struct ClientCallInfo {
  const Context& context;  // its deadline, its values; see <nb/observe/span.h> for its span
  const std::string& name;
  const std::string& method;
  bool has_streams;
};

// A server has been found, it is connected and trusted; nothing of the call has been sent to it yet.
struct OutgoingRequest {
  std::string_view server;             // the object name that is called there, as mount tables gave it
  std::string_view suffix;             // of the object, below the server
  std::span<const std::string> names;  // the server's blessing names that count
  // Goes with the request: the span, and bytes of one's own that interceptors of the server see (RequestMetadata).
  v23::vtrace::Request& trace;
};

enum class RetryDecision {
  kRetries,    // after a pause
  kCannot,     // the error, the options or the deadline say no
  kExhausted,  // the next pause would be too long
};

class ClientInterceptor {
 public:
  virtual ~ClientInterceptor() = default;

  // Before anything else is done, on the thread that makes the call. May replace the context by one made from it. An
  // error refuses the call, which then ends in it; those behind are not asked.
  virtual Error start(Context& context) {
    (void)context;
    return Error();
  }
  // A connection to this server is wanted. Several servers of a name may be tried at once.
  virtual void connecting(std::string_view server) { (void)server; }
  // … and is there (no error), could not be had, or is not wanted any more (Canceled).
  virtual void connected(std::string_view server, const Error& why_not) {
    (void)server;
    (void)why_not;
  }
  // Before the request is sent; again if the server asked for the call to be repeated. An error ends the call in it.
  virtual Error request(OutgoingRequest& request) {
    (void)request;
    return Error();
  }
  // A message was handed to the connection: the request with its arguments, then each item of the stream. Bytes as they
  // are before encryption, without those of types.
  virtual void sent(std::size_t bytes) { (void)bytes; }
  // An item of the server's stream was read, and at last the answer with its results.
  virtual void received(std::size_t bytes) { (void)bytes; }
  // The server's answer: its error, and what it says of the trace.
  virtual void answered(const Error& error, const v23::vtrace::Response& trace) {
    (void)error;
    (void)trace;
  }
  // Connecting failed, or the server asked for another try.
  virtual void failed(const Error& why, RetryDecision decision) {
    (void)why;
    (void)decision;
  }
  // The call was cancelled, or its deadline has passed, while it ran.
  virtual void context_ended(const Error& why) { (void)why; }
  // The call is over: no error, or the one that it ends in. The program hears of it afterwards.
  virtual void end(const Error& error) { (void)error; }
};

using ClientInterceptorMaker = std::function<std::unique_ptr<ClientInterceptor>(const ClientCallInfo&)>;

// ---- server ----

// A request that has arrived. Nothing in it has been checked: names and methods are what a stranger may say. Alive
// during the maker and start().
struct IncomingRequest {
  const std::string& method;  // "UNKNOWN" if the request could not be read
  const std::string& suffix;
  std::string_view server;  // the name that the server is published under, with "+" if there are more; "" if none
  std::string_view local_endpoint;
  std::string_view remote_endpoint;
  const v23::vtrace::Request& trace;
};

class ServerInterceptor {
 public:
  virtual ~ServerInterceptor() = default;

  // The request was read; the method has not been looked for and nobody authorized. May replace the context, which the
  // method will have. An error refuses the call: the client gets it once its arguments have been passed over.
  virtual Error start(const IncomingRequest& request, Context& context) {
    (void)request;
    (void)context;
    return Error();
  }
  // The method was found, its arguments read, the caller authorized: the method runs next, unless the server's queue
  // is full (nb::Overloaded). An error: it does not run, and the client gets the error.
  virtual Error dispatch(const ServerCall& call) {
    (void)call;
    return Error();
  }
  // The request with its arguments, once they were read (not of calls refused before that), then each item of the
  // client's stream.
  virtual void received(std::size_t bytes) { (void)bytes; }
  // Each item of the server's stream, and at last the answer.
  virtual void sent(std::size_t bytes) { (void)bytes; }
  // Before the answer is written: what the method, or whatever went wrong, says; and what is told of the trace, which
  // may be changed. It is sent only to clients who may see traces (docs/tracing.md).
  virtual void answering(const Error& error, v23::vtrace::Response& trace) {
    (void)error;
    (void)trace;
  }
  // The call is over: answered (no error, or that of the answer), or its flow has closed before that (Canceled). A
  // method that has not noticed may still run.
  virtual void end(const Error& error) { (void)error; }
};

using ServerInterceptorMaker = std::function<std::unique_ptr<ServerInterceptor>(const IncomingRequest&)>;

}  // namespace nb
