#include "rpc/testing/scripted_table.h"

#include <algorithm>

namespace nb::rpc::testing {

using namespace std::chrono_literals;

void ScriptedTable::note(const ServerCall& call, std::string method) {
  const std::lock_guard lock(mutex_);
  questions_.emplace_back(call, std::move(method));
}

Pending<Result<void>> ScriptedTable::gate(const ServerCall& call) {
  auto state = make_pending<DoneState>(Executor());
  auto registration = call.context().on_end([state](const Error& why) { state->complete(why); });
  const std::lock_guard lock(mutex_);
  if (is_holding_) {
    held_.push_back(state);
    registrations_.push_back(std::move(registration));
  } else {
    state->complete(Result<void>());
  }
  return Pending<Result<void>>(state);
}

Reply<MountEntry> ScriptedTable::resolve_step(ServerCall& call) {
  note(call, "ResolveStep");
  auto open = gate(call);
  const std::string suffix = call.suffix();
  if (auto opened = co_await open; !opened) co_return opened.error();
  const std::lock_guard lock(mutex_);
  if (answers_.empty()) co_return naming::kNameDoesntExist(suffix);
  Result<MountEntry> answer = answers_.front();
  if (answers_.size() > 1) answers_.pop_front();
  co_return answer;
}

Reply<void> ScriptedTable::mount(ServerCall& call, std::string, std::uint32_t, v23::naming::MountFlag) {
  note(call, "Mount");
  auto open = gate(call);
  co_return co_await open;
}

Reply<void> ScriptedTable::unmount(ServerCall& call, std::string) {
  note(call, "Unmount");
  auto open = gate(call);
  co_return co_await open;
}

const ServiceDescriptor& ScriptedTable::service_descriptor() const {
  static const ServiceDescriptor descriptor{
      {},
      {bind<&ScriptedTable::resolve_step>("ResolveStep"), bind<&ScriptedTable::mount>("Mount"),
       bind<&ScriptedTable::unmount>("Unmount")}};
  return descriptor;
}

void ScriptedTable::will_answer(Result<MountEntry> what) {
  const std::lock_guard lock(mutex_);
  answers_.push_back(std::move(what));
}

void ScriptedTable::will_only_answer(Result<MountEntry> what) {
  const std::lock_guard lock(mutex_);
  answers_.clear();
  answers_.push_back(std::move(what));
}

std::vector<TableQuestion> ScriptedTable::questions() const {
  const std::lock_guard lock(mutex_);
  return questions_;
}

std::size_t ScriptedTable::times(std::string_view method) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(questions_, [&](const TableQuestion& each) { return each.method == method; }));
}

void ScriptedTable::hold() {
  const std::lock_guard lock(mutex_);
  is_holding_ = true;
}

void ScriptedTable::release() {
  {
    const std::lock_guard lock(mutex_);
    is_holding_ = false;
  }
  let_through();
}

void ScriptedTable::let_through() {
  std::vector<std::shared_ptr<DoneState>> held;
  std::vector<ContextRegistration> registrations;
  {
    const std::lock_guard lock(mutex_);
    held.swap(held_);
    registrations.swap(registrations_);
  }
  for (const auto& each : held) each->complete(Result<void>());
}

MountEntry entry(std::vector<std::string> servers, std::string rest, bool is_table) {
  MountEntry made;
  made.Name = std::move(rest);
  made.ServesMountTable = is_table;
  for (auto& server : servers) made.Servers.emplace_back(std::move(server), Deadline::after(60s));
  return made;
}

std::string nobody(const std::string& address, const std::string& name) {
  naming::Endpoint endpoint;
  endpoint.protocol = "local";
  endpoint.address = address;
  endpoint.blessing_names = {name};
  return "/" + naming::to_string(endpoint);
}

TableScene::TableScene(std::shared_ptr<Clock> client_clock) {
  table_server = serve(table, "table", true);
  calc_server = server_runtime.serve(service, ServerOptions().listen("local", "calc")).value();
  client_runtime.emplace(runtime_of(blessed_by(alice, "client"), {table_server.name()}, std::move(client_clock)));
  Namespace(*client_runtime).enable_cache(false);
}

Runtime TableScene::runtime_of(std::shared_ptr<const Principal> principal, std::vector<std::string> roots,
                               std::shared_ptr<Clock> clock) const {
  return Runtime::make(RuntimeOptions()
                           .threads(1)
                           .clock(std::move(clock))
                           .principal(std::move(principal))
                           .local_network(network)
                           .grace(200ms)
                           .namespace_roots(std::move(roots)))
      .value();
}

Server TableScene::serve(const std::shared_ptr<Service>& object, const std::string& address, bool is_table) {
  ServerOptions options;
  options.listen("local", address).grace(200ms);
  if (is_table) options.serves_mount_table();
  return server_runtime.serve(std::shared_ptr<Dispatcher>(std::make_shared<AnyName>(object)), options).value();
}

}  // namespace nb::rpc::testing
