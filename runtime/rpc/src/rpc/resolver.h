// Resolver: from object names to servers, by asking mount tables (docs/spec/rpc.md 11.1).
//
// The functions below are coroutines on the runtime's threads. They make calls to mount tables, whose servers are known
// by then, so that no call waits for itself.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/rpc/call_options.h>
#include <nb/rpc/namespace.h>
#include <nb/rpc/task.h>

#include "rpc/resolution_cache.h"

namespace nb::rpc {

class RuntimeCore;

inline constexpr int kMaxResolutionSteps = 32;
// Keeps the first hundred servers, of those whose names have a sensible length: others would be dialed, too.
void keep_few_servers(MountEntry& entry);

// Roots and cache of a runtime. Safe from any thread.
class Resolver {
 public:
  explicit Resolver(std::vector<std::string> roots) : roots_(std::move(roots)) {}

  // BadArg unless all of them are rooted names.
  static Result<void> check_roots(const std::vector<std::string>& roots);
  // What the environment says: the variables whose names begin with V23_NAMESPACE, in the order of their names.
  static std::vector<std::string> roots_of_environment();
  static bool environment_wants_cache();

  Result<void> set_roots(std::vector<std::string> roots);
  // Those of the options, if they say any.
  std::vector<std::string> roots(const CallOptions& options) const;
  ResolutionCache& cache() { return cache_; }
  // Whether the cache is for those with these options: what a table said that only they believe is nothing for others,
  // nor the other way round.
  static bool remembers(const CallOptions& options) { return options.name_resolution_authorizer() == nullptr; }

  // Where to begin: the address in the name, or all roots. No servers: the name is not rooted, and there are no roots.
  MountEntry expand(const std::string& name, const CallOptions& options) const;
  bool has_roots(const CallOptions& options) const;

  // The whole way, if nobody has to be asked.
  std::optional<MountEntry> resolve_from_cache(const std::string& name, const CallOptions& options, Clock::Steady now);
  // One step of the way, if it is known.
  std::optional<MountEntry> look_up(const MountEntry& entry, const CallOptions& options, Clock::Steady now);
  // Forgets all that resolving the name could use. False: there was nothing.
  bool flush(const std::string& name, const CallOptions& options, Clock::Steady now);

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> roots_;
  ResolutionCache cache_;
};

// What the rest of `options` means for calls to mount tables.
CallOptions for_mount_tables(const CallOptions& options);
// Whether the error says that whoever was asked is no mount table.
bool is_no_mount_table(const Error& error);
// Half a minute, unless the context has a deadline.
Context with_patience(const Context& context);

// Finding (resolution.cc). Where what was remembered leads nowhere it is forgotten, and all is asked anew.
Task<Result<MountEntry>> resolve(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                 CallOptions options);
Task<Result<MountEntry>> resolve_to_mount_table(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                                CallOptions options);
Task<Result<MountEntry>> shallow_resolve(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                         CallOptions options);
// Changing (name_changes.cc).
Task<Result<void>> mount(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name, std::string server,
                         std::uint32_t ttl_seconds, v23::naming::MountFlag flags, CallOptions options);
Task<Result<void>> unmount(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name, std::string server,
                           CallOptions options);
Task<Result<void>> remove(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name, bool with_subtree,
                          CallOptions options);
Task<Result<void>> set_permissions(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                   Permissions permissions, std::string version, CallOptions options);
Task<Result<VersionedPermissions>> get_permissions(std::shared_ptr<RuntimeCore> runtime, Context context,
                                                   std::string name, CallOptions options);

}  // namespace nb::rpc
