// Spans: pieces of work with a name, a start and an end, which together make a trace: everything that was done in order
// to answer one call, also in other processes (docs/tracing.md; docs/spec/rpc.md 10).
//
//   nb::Context ctx = nb::with_new_trace(runtime.context(), "nightly report");
//   nb::span_of(ctx).collect();                       // keep it: see <nb/observe/trace_store.h> for other ways
//   report.Make(ctx, …).get();                        // a span of its own, and those of the server, below ours
//   nb::span_of(ctx).annotate("half of it is done");
//   nb::span_of(ctx).finish();
//
// The context carries the span: calls that are made with it, and what their servers do, become spans below it. A
// context of a ServerCall carries the span of that call. Without a span nothing is recorded or sent,
// unless TraceOptions::sample or collect_matching lets calls begin traces.
#pragma once

#include <memory>
#include <string_view>

#include <nb/base/context.h>

#include "v.io/v23/vtrace/vtrace.vdl.h"

namespace nb {

class TraceStore;

namespace observe {
class SpanState;
}

// A small handle; copies mean the same span. Safe from any thread. An empty one accepts everything and does nothing.
class Span {
 public:
  Span() = default;
  // For the runtime: starts a span of this store. `parent` is the trace's id for the root of a trace.
  static Span start(std::shared_ptr<TraceStore> store, const v23::uniqueid::Id& trace, const v23::uniqueid::Id& parent,
                    std::string_view name);

  explicit operator bool() const { return state_ != nullptr; }
  // Zero when empty.
  v23::uniqueid::Id id() const;
  v23::uniqueid::Id trace() const;
  v23::uniqueid::Id parent() const;
  std::string_view name() const;

  // A remark, with the time of now. Kept if the trace is collected, up to so many for each span and so much text
  // (TraceOptions); what is beyond that is dropped and counted.
  void annotate(std::string_view text) const;
  // The same for details: only if the trace is collected at this level or a higher one.
  void annotate(int level, std::string_view text) const;

  // From now on all spans of the trace are kept, here and at the servers that are called.
  void collect() const;
  bool is_collected() const;

  // The work is done. Again: nothing happens. At the latest when the last handle goes, and the last context with it.
  void finish() const;

  // What goes with a call that is made in this span; zero when empty.
  v23::vtrace::Request request() const;
  const std::shared_ptr<TraceStore>& store() const;  // null when empty

 private:
  explicit Span(std::shared_ptr<const observe::SpanState> state) : state_(std::move(state)) {}
  std::shared_ptr<const observe::SpanState> state_;  // shared by all handles
};

// The span that the context carries; empty if none.
Span span_of(const Context& context);
Context with_span(const Context& context, Span span);

// The root of a new trace, with no regard to a span that the context carries: for work that only happens to begin here.
// A context that is no runtime's stays without.
Context with_new_trace(const Context& context, std::string_view name);
// A span below the context's; without one the root of a new trace.
Context with_new_span(const Context& context, std::string_view name);
// A span below that of a caller in another process. `request` is what came with the call: its trace is collected if it
// says so and the store follows the wishes of others (TraceOptions::only_own_wishes).
Context with_continued_trace(const Context& context, std::string_view name, const v23::vtrace::Request& request);

// Where the traces of a context go that has no span yet; null if it is no runtime's. Runtimes set it at the root of
// their contexts.
std::shared_ptr<TraceStore> trace_store_of(const Context& context);
Context with_trace_store(const Context& context, std::shared_ptr<TraceStore> store);

}  // namespace nb
