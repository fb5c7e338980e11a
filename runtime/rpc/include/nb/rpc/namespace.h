// Namespace: the names that mount tables hold (docs/spec/rpc.md 11.1).
//
//   nb::Namespace names(runtime);
//   nb::Result<nb::MountEntry> entry = names.resolve(ctx, "shop/cart").get();
//   for (auto& reply : names.glob(ctx, "shop/*").items()) …
//
// Clients need none of this: they resolve the names that they call. A name that begins with an address is looked for
// there; any other below the namespace's roots, which are the mount tables that RuntimeOptions::namespace_roots or the
// environment's V23_NAMESPACE name, or CallOptions::namespace_roots.
//
// Of CallOptions also count: name_resolution_authorizer() (which mount tables to believe), no_retry(),
// no_discharges(). Without a deadline in the context an operation gives a mount table half a minute.
//
// A small copyable handle, safe from any thread; it does not keep the runtime alive.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/rpc/call_options.h>
#include <nb/rpc/next.h>
#include <nb/rpc/pending.h>
#include <nb/rpc/runtime.h>
#include <nb/rpc/stream.h>
#include <nb/security/access.h>

#include "v.io/v23/naming/naming.vdl.h"

namespace nb {

using MountEntry = v23::naming::MountEntry;
using GlobReply = v23::naming::GlobReply;

// Permissions, and what to say when they are changed, so that no change of somebody else's is lost.
struct VersionedPermissions {
  VersionedPermissions() = default;
  VersionedPermissions(Permissions permissions_, std::string version_)
      : permissions(std::move(permissions_)), version(std::move(version_)) {}
  Permissions permissions;
  std::string version;
};

namespace rpc {
class GlobSearch;
}

// What a search finds, in no particular order: entries, and errors for the parts that could not be searched. Letting go
// of it ends the search. Move-only.
class [[nodiscard]] GlobResults {
 public:
  using RecvItem = GlobReply;

  explicit GlobResults(std::shared_ptr<rpc::GlobSearch> search);
  GlobResults(GlobResults&&) noexcept = default;
  GlobResults& operator=(GlobResults&& other) noexcept;
  ~GlobResults();

  // One at a time. The end has an error when the search could not begin, or the context ended.
  Pending<Next<GlobReply>> recv();
  ItemRange<GlobResults> items() { return ItemRange<GlobResults>(*this); }

 private:
  std::shared_ptr<rpc::GlobSearch> search_;  // shared with its tasks
};

class Namespace {
 public:
  explicit Namespace(const Runtime& runtime, CallOptions options = CallOptions());

  // The servers to call for the name, and in entry.Name what to call there. Fails with naming.nameDoesntExist,
  // naming.resolutionDepthExceeded (32 tables), or with what a mount table said.
  Pending<Result<MountEntry>> resolve(Context context, std::string name) const;
  // The same, but if the name is one of a mount table, that table's servers and not what stands at its root.
  Pending<Result<MountEntry>> shallow_resolve(Context context, std::string name) const;
  // The mount table that holds, or would hold, the last part of the name; entry.Name is that part.
  Pending<Result<MountEntry>> resolve_to_mount_table(Context context, std::string name) const;

  // Mounts the server (an object name with an address) for `ttl`; 0: for ever. At all servers of the mount table; of
  // several failures the last is told. `flags`: v23::naming::Replace, MT, Leaf.
  Pending<Result<void>> mount(Context context, std::string name, std::string server, std::chrono::seconds ttl,
                              v23::naming::MountFlag flags = {}) const;
  // "" takes away all servers.
  Pending<Result<void>> unmount(Context context, std::string name, std::string server) const;
  Pending<Result<void>> remove(Context context, std::string name, bool with_subtree) const;
  // Of the mount table's node, not of what is mounted there.
  Pending<Result<void>> set_permissions(Context context, std::string name, Permissions permissions,
                                        std::string version) const;
  Pending<Result<VersionedPermissions>> get_permissions(Context context, std::string name) const;

  // Everything whose name matches; see __Glob in docs/spec/rpc.md 7.2. "shop/..." is shop and all below it, "shop/***"
  // only what mount tables know of that. Names are rooted if the pattern is.
  GlobResults glob(Context context, std::string pattern) const;

  // Of the runtime, for all its clients. BadArg unless each begins with an address.
  Result<void> set_roots(std::vector<std::string> roots) const;
  std::vector<std::string> roots() const;
  // Whether answers of mount tables are remembered; on, unless the environment's V23_DISABLE_NS_CACHE is set.
  void enable_cache(bool on) const;
  // Forgets what is known about the name. False: nothing was.
  bool flush(const std::string& name) const;

 private:
  std::shared_ptr<rpc::RuntimeCore> runtime_;  // shared by all handles; outlives the Runtime as a refusing shell
  CallOptions options_;
};

}  // namespace nb
