#include <nb/rpc/namespace.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "rpc/glob_search.h"
#include "rpc/resolver.h"
#include "rpc/runtime_core.h"

namespace nb {

namespace {

std::uint32_t seconds_of(std::chrono::seconds ttl) {
  // Less than a second would be for ever.
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ttl.count(), 0, UINT32_MAX));
}

}  // namespace

GlobResults::GlobResults(std::shared_ptr<rpc::GlobSearch> search) : search_(std::move(search)) {}

GlobResults& GlobResults::operator=(GlobResults&& other) noexcept {
  if (this == &other) return *this;
  if (search_ != nullptr) search_->cancel();
  search_ = std::move(other.search_);
  return *this;
}

GlobResults::~GlobResults() {
  if (search_ != nullptr) search_->cancel();
}

Pending<Next<GlobReply>> GlobResults::recv() { return search_->recv(); }

Namespace::Namespace(const Runtime& runtime, CallOptions options)
    : runtime_(runtime.core()), options_(std::move(options)) {}

Pending<Result<MountEntry>> Namespace::resolve(Context context, std::string name) const {
  return start(runtime_->home(), rpc::resolve(runtime_, std::move(context), std::move(name), options_));
}

Pending<Result<MountEntry>> Namespace::shallow_resolve(Context context, std::string name) const {
  return start(runtime_->home(), rpc::shallow_resolve(runtime_, std::move(context), std::move(name), options_));
}

Pending<Result<MountEntry>> Namespace::resolve_to_mount_table(Context context, std::string name) const {
  return start(runtime_->home(), rpc::resolve_to_mount_table(runtime_, std::move(context), std::move(name), options_));
}

Pending<Result<void>> Namespace::mount(Context context, std::string name, std::string server, std::chrono::seconds ttl,
                                       v23::naming::MountFlag flags) const {
  return start(runtime_->home(), rpc::mount(runtime_, std::move(context), std::move(name), std::move(server),
                                            seconds_of(ttl), flags, options_));
}

Pending<Result<void>> Namespace::unmount(Context context, std::string name, std::string server) const {
  return start(runtime_->home(),
               rpc::unmount(runtime_, std::move(context), std::move(name), std::move(server), options_));
}

Pending<Result<void>> Namespace::remove(Context context, std::string name, bool with_subtree) const {
  return start(runtime_->home(), rpc::remove(runtime_, std::move(context), std::move(name), with_subtree, options_));
}

Pending<Result<void>> Namespace::set_permissions(Context context, std::string name, Permissions permissions,
                                                 std::string version) const {
  return start(runtime_->home(), rpc::set_permissions(runtime_, std::move(context), std::move(name),
                                                      std::move(permissions), std::move(version), options_));
}

Pending<Result<VersionedPermissions>> Namespace::get_permissions(Context context, std::string name) const {
  return start(runtime_->home(), rpc::get_permissions(runtime_, std::move(context), std::move(name), options_));
}

GlobResults Namespace::glob(Context context, std::string pattern) const {
  auto search = std::make_shared<rpc::GlobSearch>(runtime_, std::move(context), options_);
  search->start(pattern);
  return GlobResults(std::move(search));
}

Result<void> Namespace::set_roots(std::vector<std::string> roots) const {
  return runtime_->resolver().set_roots(std::move(roots));
}

std::vector<std::string> Namespace::roots() const { return runtime_->resolver().roots(options_); }

void Namespace::enable_cache(bool on) const { runtime_->resolver().cache().enable(on); }

bool Namespace::flush(const std::string& name) const {
  return runtime_->resolver().flush(name, options_, runtime_->now());
}

}  // namespace nb
