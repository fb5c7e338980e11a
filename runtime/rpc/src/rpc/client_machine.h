// ClientMachine: the state of one client call on its data flow (docs/spec/rpc.md 3, 4.7, 4.8, 4.10): what to write for
// each operation, and what each operation answers when bytes come in. Does no I/O but through conn::Flow; belongs to
// the connection's executor. It lives as long as the call; the connection only listens to it weakly.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/verror.h>
#include <nb/rpc/client_call.h>
#include <nb/rpc/era.h>

#include "rpc/client_hooks.h"
#include "rpc/value_flow.h"
#include "v.io/v23/rpc/rpc.vdl.h"

namespace nb::rpc {

class ClientMachine final : public conn::FlowListener,
                            public TypeWaiter,
                            public std::enable_shared_from_this<ClientMachine> {
 public:
  // `on_ended` is called once, when the call is over: answered, failed or cancelled.
  ClientMachine(std::shared_ptr<conn::Flow> flow, std::shared_ptr<TypeChannel> types, Context context,
                std::function<void()> on_ended, Era era = Era::kCurrent);
  // Called when the server answers with NoAccess: what was shown to it did not do.
  void on_no_access(std::function<void()> told) { on_no_access_ = std::move(told); }

  // Who is told what is sent and received; of a call with streams also how it ends.
  void hooks(std::shared_ptr<ClientHooks> hooks) { hooks_ = std::move(hooks); }

  // Writes the request and its arguments; with `unary` also the end of the client's stream, all in one payload.
  // A failure ends the call.
  void start(const v23::rpc::Request& request, const Values& arguments, bool unary);

  void send(const Values& item, std::shared_ptr<DoneState> done);
  void close_send(const std::shared_ptr<DoneState>& done);
  void recv(std::shared_ptr<ItemTarget> target);
  void finish(std::shared_ptr<ResultTarget> target);
  // The context has ended (Canceled or Timeout).
  void end(const Error& why);
  // Nobody can ask for anything more. What was asked for is still answered; then, unless finish was asked for, which
  // ends the call by itself, the call is cancelled.
  void let_go();

  void on_payload(Bytes payload) override;
  void on_drained() override;
  void on_closed(const Error& why) override;
  void on_types() override { pump(); }

 private:
  enum class Progress { kDone, kWait };
  using Receive = std::variant<std::shared_ptr<ItemTarget>, std::shared_ptr<ResultTarget>>;

  void pump();
  Progress step(ItemTarget& target);
  Progress step(ResultTarget& target);
  // Gets the next header into response_; kDone also when that failed (failure_ then says how).
  Progress read_header();
  Progress wait_for_value(const StandardError& purpose);  // likewise
  bool write_end_of_stream();

  Error translate(const Error& error) const;  // 4.10
  std::string remote_name() const;            // of sub-errors
  Error read_failed(const StandardError& purpose, std::string_view what, const Error& cause) const;
  Error input_ended(const StandardError& purpose) const;
  Error write_refused() const;
  Error give_back();              // a call that has succeeded
  void fail(const Error& error);  // closes the flow; every operation answers with the translated error
  void ended();
  void tell_received();
  void tell_end(const Error& result);
  void end_if_unwanted();

  ValueFlow values_;
  const Context context_;
  const Era era_;
  std::function<void()> on_ended_;
  std::function<void()> on_no_access_;
  std::shared_ptr<ClientHooks> hooks_;  // null in most calls; shared with the call
  std::size_t told_received_ = 0;       // of the bytes taken

  v23::rpc::Response response_;  // the last header
  bool final_header_ = false;
  bool item_expected_ = false;
  bool error_received_ = false;  // a recv has given the server's error already
  std::size_t results_read_ = 0;
  bool results_expected_ = false;
  bool send_closed_ = false;
  bool finished_ = false;  // finish was asked for
  bool answered_ = false;  // … and answered
  bool let_go_ = false;
  bool pumping_ = false;
  bool flow_closed_ = false;
  Error closed_why_;
  Error failure_;                // what everything answers with from now on
  std::list<Receive> receives_;  // costs nothing while it is empty, as it is in most calls
  std::vector<std::shared_ptr<DoneState>> sending_;
};

}  // namespace nb::rpc
