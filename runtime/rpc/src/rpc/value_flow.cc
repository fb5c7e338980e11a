#include "rpc/value_flow.h"

#include <string>
#include <utility>

#include <nb/base/verror.h>

namespace nb::rpc {

namespace {

vom::Limits limits() {
  vom::Limits limits;
  limits.max_message_bytes = 64u << 20;
  limits.max_length = 64u << 20;
  limits.max_decoded_bytes = 128u << 20;
  return limits;
}

// A value larger than the receive window is credited while it comes. What all flows of a connection may hold so.
constexpr std::size_t kMaxUnfinishedBytes = 256u << 20;

// How much senders of items may be ahead of their flow. Counted here and not asked of the flow, which holds nothing
// back once it is over: a sender without end would never hear of that.
//
// A sender that waits for each item to leave pays for a frame and a system call each: 100-byte items cost a server
// several times as much, as bench/side_by_side shows.
constexpr std::size_t kSendAhead = 32 * 1024;

}  // namespace

ValueFlow::ValueFlow(std::shared_ptr<conn::Flow> flow, std::shared_ptr<TypeChannel> types) : flow_(std::move(flow)) {
  if (types != nullptr) set_types(std::move(types));
}

ValueFlow::~ValueFlow() {
  if (types_ != nullptr) hold(0);
}

void ValueFlow::set_types(std::shared_ptr<TypeChannel> types) {
  types_ = std::move(types);
  encoder_.emplace(types_->encoder());
  decoder_.emplace(types_->decoder(), limits());
  if (!early_.empty()) decoder_->feed(early_);
  early_ = Bytes();
}

void ValueFlow::feed(BytesView bytes) {
  received_ += bytes.size();
  if (decoder_) {
    decoder_->feed(bytes);
  } else {
    early_.insert(early_.end(), bytes.begin(), bytes.end());
  }
}

ValueFlow::Have ValueFlow::look(const std::weak_ptr<TypeWaiter>& waiter) {
  if (failure_) return Have::kError;
  const vom::Step step = decoder_->step();
  switch (step.kind) {
    case vom::Step::kValue:
      return Have::kValue;
    case vom::Step::kNeedType:
      if (types_->failure()) {
        failure_ = types_->failure();
        return Have::kError;
      }
      types_->wait(waiter);
      return Have::kNothing;
    case vom::Step::kNeedBytes:
    case vom::Step::kEnd:
      if (input_closed_) return Have::kEnd;
      if (!hold(decoder_->unread())) {
        failure_ = verror::BadProtocol("the peer has sent more than " + std::to_string(kMaxUnfinishedBytes >> 20) +
                                       " MiB of values that are not complete");
        return Have::kError;
      }
      credit_all();
      return Have::kNothing;
    case vom::Step::kError:
      failure_ = step.error;
      return Have::kError;
  }
  return Have::kError;
}

Result<void> ValueFlow::read(const SlotRef& slot) {
  auto read = slot.ops->decode(*decoder_, slot.value);
  credit_taken();
  return read;
}

Result<void> ValueFlow::skip() {
  auto skipped = decoder_->skip();
  credit_taken();
  return skipped;
}

bool ValueFlow::hold(std::size_t bytes) {
  if (bytes == held_) return true;
  const std::size_t more = bytes - std::exchange(held_, bytes);  // modulo 2^64: may be less
  return types_->unfinished_bytes().fetch_add(more, std::memory_order_relaxed) + more <= kMaxUnfinishedBytes;
}

void ValueFlow::credit_taken() {
  hold(0);
  const std::size_t taken = received_ - decoder_->unread();
  if (taken <= credited_ || input_closed_) return;
  flow_->consumed(taken - std::exchange(credited_, taken));
}

void ValueFlow::credit_all() {
  if (credited_ == received_ || input_closed_) return;
  flow_->consumed(received_ - std::exchange(credited_, received_));
}

std::size_t ValueFlow::taken() const { return decoder_ ? received_ - decoder_->unread() : 0; }

void ValueFlow::pass_over(std::size_t bytes) {
  if (!input_closed_) flow_->consumed(bytes);
}

void ValueFlow::add_raw(std::uint8_t byte) { prefix_.push_back(byte); }

Result<void> ValueFlow::add(const ValueRef& value) { return value.ops->encode(*encoder_, value.value); }

void ValueFlow::discard() { encoder_->clear(); }

bool ValueFlow::flush_item() {
  ahead_ += encoder_->output().size();
  flush(false);
  return ahead_ <= kSendAhead;
}

void ValueFlow::flush(bool close) {
  types_->flush();
  Bytes payload = encoder_->take();
  if (!prefix_.empty()) payload.insert(payload.begin(), prefix_.begin(), prefix_.end());
  prefix_.clear();
  flow_->write(std::move(payload), close);
}

}  // namespace nb::rpc
