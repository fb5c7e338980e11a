#include <nb/observe/span.h>

#include <atomic>
#include <utility>

#include <nb/observe/trace_store.h>

namespace nb {

using v23::uniqueid::Id;

namespace observe {

class SpanState {
 public:
  SpanState(std::shared_ptr<TraceStore> store, const Id& trace, const Id& parent, std::string_view name)
      : store_(std::move(store)), trace_(trace) {
    facts_.Id = store_->make_id();
    facts_.Parent = parent;
    facts_.Name = name;
    facts_.Start = store_->now();
    store_->started(trace_, facts_);
  }
  ~SpanState() { finish(); }
  SpanState(const SpanState&) = delete;
  SpanState& operator=(const SpanState&) = delete;

  const std::shared_ptr<TraceStore>& store() const { return store_; }
  const Id& trace() const { return trace_; }
  // Id, parent, name and start; the store has the rest.
  const v23::vtrace::SpanRecord& facts() const { return facts_; }
  void finish() const {
    if (!is_finished_.exchange(true, std::memory_order_relaxed)) store_->finished(trace_, facts_, store_->now());
  }

 private:
  const std::shared_ptr<TraceStore> store_;  // shared with the runtime
  const Id trace_;
  v23::vtrace::SpanRecord facts_;
  mutable std::atomic<bool> is_finished_ = false;
};

}  // namespace observe

namespace {

constexpr ContextKey kSpan{"span"};
constexpr ContextKey kStore{"traces"};

Context with_child(const Context& context, const std::shared_ptr<TraceStore>& store, const Id& trace, const Id& parent,
                   std::string_view name) {
  return with_span(context, Span::start(store, trace, parent, name));
}

}  // namespace

Span Span::start(std::shared_ptr<TraceStore> store, const Id& trace, const Id& parent, std::string_view name) {
  return Span(std::make_shared<const observe::SpanState>(std::move(store), trace, parent, name));
}

Id Span::id() const { return state_ == nullptr ? Id() : state_->facts().Id; }
Id Span::trace() const { return state_ == nullptr ? Id() : state_->trace(); }
Id Span::parent() const { return state_ == nullptr ? Id() : state_->facts().Parent; }
std::string_view Span::name() const { return state_ == nullptr ? std::string_view() : state_->facts().Name; }

void Span::annotate(std::string_view text) const {
  if (state_ != nullptr) state_->store()->annotated(state_->trace(), state_->facts(), text);
}

void Span::annotate(int level, std::string_view text) const {
  if (is_collected() && state_->store()->level(state_->trace()) >= level) annotate(text);
}

void Span::collect() const {
  if (state_ == nullptr || is_collected()) return;
  state_->store()->collect(state_->trace());
  // With it begins what is known of the trace.
  state_->store()->started(state_->trace(), state_->facts());
}

bool Span::is_collected() const { return state_ != nullptr && state_->store()->collects(state_->trace()); }

void Span::finish() const {
  if (state_ != nullptr) state_->finish();
}

v23::vtrace::Request Span::request() const {
  v23::vtrace::Request request;
  if (state_ == nullptr) return request;
  request.SpanId = id();
  request.TraceId = trace();
  if (!is_collected()) return request;
  request.Flags = v23::vtrace::CollectInMemory;
  request.LogLevel = state_->store()->level(request.TraceId);
  return request;
}

const std::shared_ptr<TraceStore>& Span::store() const {
  static const auto* const none = new std::shared_ptr<TraceStore>();
  return state_ == nullptr ? *none : state_->store();
}

Span span_of(const Context& context) {
  const auto* span = static_cast<const Span*>(context.value(kSpan));
  return span == nullptr ? Span() : *span;
}

Context with_span(const Context& context, Span span) {
  if (!context.is_initialized()) return context;
  return context.with_value(kSpan, std::make_shared<const Span>(std::move(span)));
}

std::shared_ptr<TraceStore> trace_store_of(const Context& context) {
  const auto* store = static_cast<const std::shared_ptr<TraceStore>*>(context.value(kStore));
  return store == nullptr ? nullptr : *store;
}

Context with_trace_store(const Context& context, std::shared_ptr<TraceStore> store) {
  return context.with_value(kStore, std::make_shared<const std::shared_ptr<TraceStore>>(std::move(store)));
}

Context with_new_trace(const Context& context, std::string_view name) {
  const auto store = trace_store_of(context);
  if (store == nullptr) return context;
  const Id trace = store->make_id();
  return with_child(context, store, trace, trace, name);
}

Context with_new_span(const Context& context, std::string_view name) {
  const Span above = span_of(context);
  if (!above) return with_new_trace(context, name);
  return with_child(context, above.store(), above.trace(), above.id(), name);
}

Context with_continued_trace(const Context& context, std::string_view name, const v23::vtrace::Request& request) {
  const auto store = trace_store_of(context);
  if (store == nullptr) return context;
  const bool is_wanted = (request.Flags & v23::vtrace::CollectInMemory) != 0;
  if (is_wanted && store->follows_callers()) store->collect(request.TraceId, request.LogLevel);
  return with_child(context, store, request.TraceId, request.SpanId, name);
}

}  // namespace nb
