// What changes the names that mount tables hold.
#include <tuple>
#include <utility>
#include <vector>

#include <nb/base/verror.h>

#include "naming/errors.h"
#include "naming/names.h"
#include "rpc/resolver.h"
#include "rpc/runtime_core.h"
#include "rpc/table_call.h"

namespace nb::rpc {

namespace {

// What was remembered of the name is not so any more; and if the table did not answer as it should, the way to it may
// not be what it was.
void forget(RuntimeCore& runtime, const MountEntry& table, const std::string& name, const CallOptions& options,
            const Error& failure) {
  if (failure) runtime.resolver().flush(name, options, runtime.now());
  std::vector<std::string> names;
  for (const auto& server : table.Servers) names.push_back(naming::join_address_name(server.Server, table.Name));
  runtime.resolver().cache().forget(names);
}

// Calls a method of the mount table that holds the name.
template <class R, class... Args>
Task<Result<R>> at_table_of(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                            CallOptions options, const char* method, Args... args) {
  auto finding = resolve_to_mount_table(runtime, context, name, options);
  const auto table = co_await std::move(finding);
  if (!table) co_return table.error();
  auto call = call_table<R>(runtime, context, *table, options, method, std::move(args)...);
  auto result = co_await call;
  forget(*runtime, *table, name, options, result.error());
  if (!result) co_return naming::as_known(result.error());
  co_return result;
}

}  // namespace

Task<Result<void>> mount(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name, std::string server,
                         std::uint32_t ttl_seconds, v23::naming::MountFlag flags, CallOptions options) {
  auto finding = resolve_to_mount_table(runtime, context, name, options);
  const auto table = co_await std::move(finding);
  if (!table) co_return table.error();
  // At all of them at once: one that is gone must not keep the others from hearing of it.
  std::vector<Call<void>> calls;
  for (const auto& each : table->Servers) {
    MountEntry one = *table;
    one.Servers = {each};
    calls.push_back(call_table<void>(runtime, context, std::move(one), options, "Mount", server, ttl_seconds, flags));
  }
  Result<void> result;
  for (auto& call : calls) {
    if (auto mounted = co_await call; !mounted) result = naming::as_known(mounted.error());
  }
  forget(*runtime, *table, name, options, result.error());
  co_return result;
}

Task<Result<void>> unmount(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name, std::string server,
                           CallOptions options) {
  return at_table_of<void>(std::move(runtime), std::move(context), std::move(name), std::move(options), "Unmount",
                           std::move(server));
}

Task<Result<void>> remove(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name, bool with_subtree,
                          CallOptions options) {
  return at_table_of<void>(std::move(runtime), std::move(context), std::move(name), std::move(options), "Delete",
                           with_subtree);
}

Task<Result<void>> set_permissions(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                   Permissions permissions, std::string version, CallOptions options) {
  return at_table_of<void>(std::move(runtime), std::move(context), std::move(name), std::move(options),
                           "SetPermissions", std::move(permissions), std::move(version));
}

Task<Result<VersionedPermissions>> get_permissions(std::shared_ptr<RuntimeCore> runtime, Context context,
                                                   std::string name, CallOptions options) {
  using Answer = std::tuple<Permissions, std::string>;
  auto asking = at_table_of<Answer>(std::move(runtime), std::move(context), std::move(name), std::move(options),
                                    "GetPermissions");
  auto result = co_await std::move(asking);
  if (!result) co_return result.error();
  co_return VersionedPermissions(std::get<0>(std::move(*result)), std::get<1>(std::move(*result)));
}

}  // namespace nb::rpc
