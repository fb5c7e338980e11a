#include <nb/services/mount_table.h>

#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/glob.h>
#include <nb/rpc/reply.h>
#include <nb/rpc/server_call.h>
#include <nb/security/authorizer.h>

#include "services/mount_tree.h"
#include "v.io/v23/services/mounttable/mounttable.rpc.h"

namespace nb {
namespace {

namespace tables = v23::services::mounttable;
using services::MountCaller;
using services::MountTree;
using services::Path;

// Those without any name share one allowance, as do those who have the table's own key and no name.
constexpr const char* kOwnKey = "self:?:ServerUser";
constexpr const char* kNobody = "self:?:Unauthenticated";

MountCaller caller_of(const ServerCall& call) {
  MountCaller caller;
  caller.names = call.remote_names().valid;
  if (!caller.names.empty()) {
    caller.creator = services::user_of(caller.names.front());
    return caller;
  }
  const auto& principal = call.security().local_principal;
  const bool is_own = principal != nullptr && !call.remote_blessings().is_zero() &&
                      call.remote_blessings().public_key() == principal->public_key();
  caller.creator = is_own ? kOwnKey : kNobody;
  return caller;
}

// One name of the table, whether there is something or not.
class TableNode final : public tables::MountTableServer, public ListsEverything {
 public:
  TableNode(std::shared_ptr<MountTree> tree, std::string_view name)
      : tree_(std::move(tree)), path_(services::path_of(name)) {}

  Reply<void> Mount(ServerCall& call, std::string server, std::uint32_t ttl, v23::naming::MountFlag flags) override {
    return tree_->mount(caller_of(call), path_, server, ttl, flags);
  }
  Reply<void> Unmount(ServerCall& call, std::string server) override {
    return tree_->unmount(caller_of(call), path_, server);
  }
  Reply<void> Delete(ServerCall& call, bool deleteSubtree) override {
    return tree_->remove(caller_of(call), path_, deleteSubtree);
  }
  Reply<v23::naming::MountEntry> ResolveStep(ServerCall& call) override {
    return tree_->resolve_step(caller_of(call), path_);
  }
  Reply<void> SetPermissions(ServerCall& call, Permissions perms, std::string version) override {
    return tree_->set_permissions(caller_of(call), path_, std::move(perms), version);
  }
  Reply<v23::services::permissions::ObjectGetPermissionsResults> GetPermissions(ServerCall& call) override {
    auto found = tree_->permissions(caller_of(call), path_);
    if (!found) return found.error();
    return v23::services::permissions::ObjectGetPermissionsResults(found->permissions.value_or(Permissions()),
                                                                   std::move(found->version));
  }

  // Between two steps others may change the table: what is listed need not have been there all at once.
  Task<Result<void>> glob(ServerCall& call, std::string pattern, GlobReplies& replies) override {
    auto parsed = naming::Glob::parse(pattern);
    if (!parsed) co_return parsed.error();
    const MountCaller caller = caller_of(call);
    std::vector<services::GlobPlace> places;
    places.emplace_back("", *std::move(parsed));
    while (!places.empty() && !call.cancelled()) {
      const services::GlobPlace place = std::move(places.back());
      places.pop_back();
      auto found = tree_->glob_step(caller, path_, place, places);
      if (!found) continue;
      v23::naming::GlobReply reply = v23::naming::GlobReply::Entry(*std::move(found));
      auto told = replies.send(std::move(reply));
      if (auto sent = co_await std::move(told); !sent) co_return sent.error();
    }
    co_return Result<void>();
  }

 private:
  const std::shared_ptr<MountTree> tree_;  // shared with the dispatcher
  const Path path_;
};

// Has an object for every name. Everybody may call it: the tree decides.
class Table final : public Dispatcher {
 public:
  explicit Table(std::shared_ptr<MountTree> tree) : tree_(std::move(tree)) {}
  Result<Dispatched> lookup(const Context&, std::string_view suffix) override {
    return Dispatched(std::make_shared<TableNode>(tree_, suffix), everyone_);
  }

 private:
  const std::shared_ptr<MountTree> tree_;  // shared with calls that run
  const std::shared_ptr<const Authorizer> everyone_ = allow_everyone();
};

}  // namespace

Result<std::shared_ptr<Dispatcher>> make_mount_table(const MountTableOptions& options) {
  auto tree = std::make_shared<MountTree>(options);
  if (auto loaded = tree->load(); !loaded) return loaded.error();
  return std::shared_ptr<Dispatcher>(std::make_shared<Table>(std::move(tree)));
}

}  // namespace nb
