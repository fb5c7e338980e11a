#include "rpc/client_machine.h"

#include <chrono>
#include <string>
#include <utility>

#include <nb/base/verror.h>

#include "naming/endpoint.h"
#include "rpc/errors.h"
#include "rpc/flow_kinds.h"
#include "rpc/network_mapping.h"

namespace nb::rpc {

namespace {

// The server's copy of the deadline may fire a little before ours and end the flow: that is a timeout, too.
constexpr std::chrono::milliseconds kDeadlineMargin(50);

// Errors about the coding of messages reach the caller as BadProtocol. A Go server's id of those that come from a
// server lacks the path of the package, depending on the tools that it was built with.
bool is_coding_error(const Error& error) {
  if (error.is("badNumInputArgs") || error.is("badInputArg")) return true;
  for (const StandardError* each :
       {&kRequestEncoding, &kArgEncoding, &kResponseDecoding, &kResultDecoding, &kBadNumInputArgs, &kBadInputArg}) {
    if (each->matches(error)) return true;
  }
  return false;
}

}  // namespace

ClientMachine::ClientMachine(std::shared_ptr<conn::Flow> flow, std::shared_ptr<TypeChannel> types, Context context,
                             std::function<void()> on_ended, Era era)
    : values_(flow, std::move(types)), context_(std::move(context)), era_(era), on_ended_(std::move(on_ended)) {}

void ClientMachine::start(const v23::rpc::Request& request, const Values& arguments, bool unary) {
  values_.flow().listen(weak_from_this());
  if (flow_closed_ || !values_.flow().is_open()) return fail(write_refused());
  values_.add_raw(kDataFlow);
  if (const auto added = values_.add(request); !added) return fail(wrap(kRequestEncoding, added.error()));
  std::size_t index = 0;
  for (const ValueRef& argument : arguments.refs()) {
    if (const auto added = values_.add(argument); !added) {
      return fail(kArgEncoding("argument " + std::to_string(index) + ": " + std::string(added.error().message())));
    }
    ++index;
  }
  if (unary && !write_end_of_stream()) return;
  if (hooks_ != nullptr) hooks_->sent(values_.unsent());
  values_.flush(false);
}

bool ClientMachine::write_end_of_stream() {
  send_closed_ = true;
  v23::rpc::Request end;
  end.EndStreamArgs = true;
  if (const auto added = values_.add(end); !added) {
    fail(wrap(kRequestEncoding, added.error()));
    return false;
  }
  return true;
}

void ClientMachine::send(const Values& item, std::shared_ptr<DoneState> done) {
  if (failure_) {
    done->complete(failure_);
    return;
  }
  if (send_closed_) {
    done->complete(verror::Aborted("send after close_send"));
    return;
  }
  if (flow_closed_) {
    // Its answer may still be readable, so this does not end the call.
    done->complete(translate(write_refused()));
    return;
  }
  auto added = values_.add(v23::rpc::Request());
  if (added) added = values_.add(item.refs().front());
  if (!added) {
    values_.discard();
    const Error error = translate(kArgEncoding("stream item: " + std::string(added.error().message())));
    done->complete(error);
    return fail(error);
  }
  if (hooks_ != nullptr) hooks_->sent(values_.unsent());
  if (values_.flush_item()) {
    done->complete(Result<void>());
  } else {
    sending_.push_back(std::move(done));
  }
}

void ClientMachine::close_send(const std::shared_ptr<DoneState>& done) {
  if (failure_ && !finished_) {
    done->complete(failure_);
    return;
  }
  if (era_ == Era::k2014 && !failure_ && !send_closed_ && flow_closed_) {
    fail(wrap(verror::BadProtocol, write_refused()));
    done->complete(failure_);
    return;
  }
  // That it cannot be written any more does not matter: the server has ended the stream then.
  if (!failure_ && !send_closed_ && !flow_closed_ && write_end_of_stream()) values_.flush(false);
  send_closed_ = true;
  done->complete(Result<void>());
}

void ClientMachine::recv(std::shared_ptr<ItemTarget> target) {
  receives_.emplace_back(std::move(target));
  pump();
}

void ClientMachine::finish(std::shared_ptr<ResultTarget> target) {
  if (finished_) {
    target->complete(wrap(verror::BadState, kFinishAlreadyCalled()));
    return;
  }
  finished_ = true;
  // The server may wait for the end of our stream before it answers.
  if (!failure_ && !send_closed_ && !flow_closed_ && write_end_of_stream()) values_.flush(false);
  send_closed_ = true;
  receives_.emplace_back(std::move(target));
  pump();
}

void ClientMachine::end(const Error& why) { fail(why); }

void ClientMachine::let_go() {
  let_go_ = true;
  end_if_unwanted();
}

void ClientMachine::end_if_unwanted() {
  if (let_go_ && !finished_ && receives_.empty() && sending_.empty()) {
    fail(verror::Canceled("nobody holds the stream any more"));
  }
}

void ClientMachine::on_payload(Bytes payload) {
  values_.feed(payload);
  pump();
}

void ClientMachine::on_drained() {
  values_.drained();
  for (const auto& done : std::exchange(sending_, {})) done->complete(Result<void>());
  end_if_unwanted();
}

void ClientMachine::on_closed(const Error& why) {
  flow_closed_ = true;
  closed_why_ = why;
  values_.close_input();
  const Error error = why ? why : verror::Aborted("the server has ended the call");
  for (const auto& done : std::exchange(sending_, {})) done->complete(error);
  pump();
}

void ClientMachine::pump() {
  if (std::exchange(pumping_, true)) return;  // the loop below sees what is new
  while (!receives_.empty()) {
    const Progress progress = std::visit([this](const auto& target) { return step(*target); }, receives_.front());
    if (progress == Progress::kWait) break;
    receives_.pop_front();
  }
  pumping_ = false;
  end_if_unwanted();
}

ClientMachine::Progress ClientMachine::step(ItemTarget& target) {
  using Outcome = ItemTarget::Outcome;
  if (!failure_ && response_.Error && error_received_) {
    target.complete(Outcome::kError,
                    era_ == Era::k2014 ? *response_.Error : wrap(verror::BadProtocol, *response_.Error));
    return Progress::kDone;
  }
  if (!failure_ && !final_header_ && !item_expected_) {
    if (read_header() == Progress::kWait) return Progress::kWait;
    item_expected_ = !failure_ && !final_header_;
  }
  if (!failure_ && final_header_) {
    if (response_.Error) {
      error_received_ = true;
      target.complete(Outcome::kError,
                      era_ == Era::k2015 ? wrap(verror::BadProtocol, *response_.Error) : *response_.Error);
    } else {
      target.complete(Outcome::kEnd, Error());
    }
    return Progress::kDone;
  }
  if (!failure_) {
    if (wait_for_value(kResponseDecoding) == Progress::kWait) return Progress::kWait;
  }
  if (!failure_) {
    item_expected_ = false;
    const auto read = values_.read(target.slot());
    if (read) {
      tell_received();
      target.complete(Outcome::kItem, Error());
      return Progress::kDone;
    }
    fail(wrap(kResponseDecoding, read.error()));
  }
  target.complete(Outcome::kError, failure_);
  return Progress::kDone;
}

ClientMachine::Progress ClientMachine::step(ResultTarget& target) {
  if (!failure_ && !final_header_) {
    if (item_expected_ || (read_header() == Progress::kDone && !failure_ && !final_header_)) {
      fail(kRemainingStreamResults());
    } else if (!failure_ && !final_header_) {
      return Progress::kWait;
    }
  }
  if (!failure_ && response_.Error) {
    if (on_no_access_ != nullptr && verror::NoAccess.matches(*response_.Error)) on_no_access_();
    fail(*response_.Error);
  }
  if (!failure_ && !results_expected_) {
    results_expected_ = target.expects(response_.NumPosResults);
    if (!results_expected_) {
      fail(wrap(verror::BadProtocol, kMismatchedResults("the server sent " + std::to_string(response_.NumPosResults) +
                                                        " results, which is not their number here")));
    }
  }
  while (!failure_ && results_read_ < target.slots().size()) {
    if (wait_for_value(kResultDecoding) == Progress::kWait) return Progress::kWait;
    if (failure_) break;
    const auto read = values_.read(target.slots()[results_read_]);
    if (!read) {
      fail(kResultDecoding("result " + std::to_string(results_read_) + ": " + std::string(read.error().message())));
      break;
    }
    ++results_read_;
  }
  answered_ = true;
  const Error result = failure_ ? failure_ : give_back();
  tell_received();
  tell_end(result);
  target.complete(result);
  ended();
  return Progress::kDone;
}

ClientMachine::Progress ClientMachine::read_header() {
  if (wait_for_value(kResponseDecoding) == Progress::kWait) return Progress::kWait;
  if (failure_) return Progress::kDone;
  response_ = v23::rpc::Response();
  if (const auto read = values_.read(response_); !read) {
    fail(wrap(kResponseDecoding, read.error()));
    return Progress::kDone;
  }
  final_header_ = response_.EndStreamResults || response_.Error;
  if (final_header_ && hooks_ != nullptr) {
    hooks_->answered(response_.Error.value_or(nb::Error()), response_.TraceResponse);
  }
  return Progress::kDone;
}

ClientMachine::Progress ClientMachine::wait_for_value(const StandardError& purpose) {
  switch (values_.look(weak_from_this())) {
    case ValueFlow::Have::kValue:
      return Progress::kDone;
    case ValueFlow::Have::kNothing:
      return Progress::kWait;
    case ValueFlow::Have::kEnd:
      fail(input_ended(purpose));
      return Progress::kDone;
    case ValueFlow::Have::kError:
      fail(wrap(purpose, values_.failure()));
      return Progress::kDone;
  }
  return Progress::kWait;
}

// Which network error it was: for results the id says it, for the rest of an answer only the text, or in 2015 the id,
// too.
Error ClientMachine::read_failed(const StandardError& purpose, std::string_view what, const Error& cause) const {
  const Error mapped = map_network_error(cause, context_.error(), era_);
  const Error failed = purpose(std::string(what) + ": " + std::string(mapped.message()));
  const bool is_told_by_id = era_ == Era::k2015 || (era_ == Era::kCurrent && kResultDecoding.matches(failed));
  if (!is_told_by_id) return failed;
  return mapped.with_message(std::string(failed.message())).with_sub_error("cause", failed);
}

Error ClientMachine::input_ended(const StandardError& purpose) const {
  const auto left = context_.time_left();
  if (left && *left <= kDeadlineMargin) return verror::Timeout("the server ended the call at its deadline");
  if (closed_why_) return read_failed(purpose, "connection lost", closed_why_);
  return purpose(values_.ended_inside_value() ? "the server closed the flow in the middle of a value"
                                              : "the server closed the flow without an answer");
}

Error ClientMachine::write_refused() const {
  return kRequestEncoding(closed_why_ ? "connection lost: " + std::string(closed_why_.message())
                                      : std::string("the server has ended the call"));
}

// Older clients closed the flow of a call that had succeeded, and said so when there was none to close any more.
Error ClientMachine::give_back() {
  if (era_ == Era::kCurrent) return Error();
  values_.close_input();
  values_.flow().close();
  flow_closed_ = true;
  if (!closed_why_) return Error();
  return with_printed_cause(verror::Internal("the flow of the call could not be closed"), remote_name(), closed_why_);
}

std::string ClientMachine::remote_name() const {
  return "remote=" + naming::to_string(values_.flow().connection().remote_endpoint());
}

Error ClientMachine::translate(const Error& error) const {
  if (verror::Canceled.matches(error)) return error;
  const Error context_error = context_.error();
  const std::string where = remote_name();
  if (verror::Timeout.matches(error)) {
    if (!verror::Canceled.matches(context_error)) return error;
    return with_printed_cause(context_error, where, error);
  }
  if (context_error) return with_printed_cause(context_error, where, error);
  if (is_coding_error(error)) return wrap(verror::BadProtocol, error);
  return error;
}

void ClientMachine::fail(const Error& error) {
  if (failure_ || answered_) return;
  failure_ = translate(error);
  tell_end(failure_);
  values_.close_input();
  values_.flow().close();
  flow_closed_ = true;
  for (const auto& done : std::exchange(sending_, {})) done->complete(failure_);
  pump();
  ended();
}

void ClientMachine::tell_received() {
  if (hooks_ == nullptr) return;
  const std::size_t taken = values_.taken();
  if (taken == told_received_) return;  // it failed before anything came
  hooks_->received(taken - std::exchange(told_received_, taken));
}

// Of calls without streams the call itself says it, which may repeat them.
void ClientMachine::tell_end(const Error& result) {
  if (hooks_ != nullptr && on_ended_ != nullptr) hooks_->end(result);
}

void ClientMachine::ended() {
  if (const auto told = std::exchange(on_ended_, nullptr)) told();
}

}  // namespace nb::rpc
