#include "ledger.h"

#include <chrono>

namespace nb::rpc::faults {

Reply<std::int64_t> Ledger::Book(ServerCall&, std::int64_t id) {
  const Body body(*this, id);
  return 3 * id;
}

Reply<std::int64_t> Ledger::Late(ServerCall& call, std::int64_t id, std::int64_t delay_us) {
  const Body body(*this, id);
  auto pause = make_pending<DoneState>(Executor());
  auto registration = call.context().with_timeout(std::chrono::microseconds(delay_us)).on_end([pause](const Error&) {
    pause->complete(Result<void>());
  });
  Pending<Result<void>> over(pause);
  (void)co_await over;
  if (call.cancelled()) co_return call.context().error();
  co_return 3 * id;
}

Reply<Bytes> Ledger::Fill(ServerCall&, std::int64_t id, std::int64_t size) {
  const Body body(*this, id);
  return Bytes(static_cast<std::size_t>(size), static_cast<std::uint8_t>(id));
}

Reply<void> Ledger::Refuse(ServerCall&, std::int64_t id) {
  const Body body(*this, id);
  return kRefused("call " + std::to_string(id));
}

Reply<std::int64_t> Ledger::Follow(ServerCall&, std::int64_t id, ServerStream<std::int64_t, std::int64_t>& stream) {
  const Body body(*this, id);
  std::int64_t count = 0;
  while (auto item = co_await stream.recv()) {
    ++count;
    if (auto sent = co_await stream.send(*item); !sent) co_return sent.error();
  }
  co_return count;
}

Reply<std::int64_t> Ledger::Count(ServerCall&, std::int64_t id, std::int64_t upto,
                                  ServerStream<void, std::int64_t>& stream) {
  const Body body(*this, id);
  for (std::int64_t i = 0; i < upto; ++i) {
    if (auto sent = co_await stream.send(i); !sent) co_return sent.error();
  }
  co_return upto;
}

Reply<std::int64_t> Ledger::Sum(ServerCall& call, std::int64_t id, ServerStream<std::int64_t, void>& stream) {
  const Body body(*this, id);
  std::int64_t sum = 0;
  while (auto item = co_await stream.recv()) sum += *item;
  if (call.cancelled()) co_return call.context().error();
  co_return sum;
}

const ServiceDescriptor& Ledger::service_descriptor() const {
  static const ServiceDescriptor descriptor{
      {},
      {bind<&Ledger::Book>("Book"), bind<&Ledger::Late>("Late"), bind<&Ledger::Fill>("Fill"),
       bind<&Ledger::Refuse>("Refuse"), bind<&Ledger::Follow>("Follow"), bind<&Ledger::Count>("Count"),
       bind<&Ledger::Sum>("Sum")}};
  return descriptor;
}

}  // namespace nb::rpc::faults
