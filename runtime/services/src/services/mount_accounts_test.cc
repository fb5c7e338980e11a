#include "services/mount_accounts.h"

#include <doctest/doctest.h>

#include <nb/base/verror.h>

namespace nb::services {

TEST_CASE("a user has what was added and not taken, and may have no more than the table gives each") {
  MountTableOptions options;
  MountAccounts accounts(options.max_nodes_per_user(2).max_servers_per_user(3).max_bytes_per_user(1000));
  CHECK(accounts.check("alice", {2, 3, 1000}));
  CHECK(verror::BadState.matches(accounts.check("alice", {3, 0, 0}).error()));
  CHECK(verror::BadState.matches(accounts.check("alice", {0, 4, 0}).error()));
  CHECK(verror::BadState.matches(accounts.check("alice", {0, 0, 1001}).error()));
  accounts.add("alice", {2, 1, 600});
  CHECK(accounts.usage("alice") == MountUsage(2, 1, 600));
  CHECK_FALSE(accounts.check("alice", {1, 0, 0}));
  CHECK_FALSE(accounts.check("alice", {0, 1, 401}));
  CHECK(accounts.check("alice", {0, 1, 400}));
  CHECK(accounts.check("bob", {1, 0, 0}));
  // Restored, or with other limits than before: too much of one thing is no reason to refuse another.
  accounts.add("alice", {5, 0, 0});
  CHECK(accounts.check("alice", {0, 1, 0}));
  accounts.take("alice", {7, 1, 600});
  CHECK(accounts.usage("alice") == MountUsage());
  accounts.take("nobody", {1, 1, 1});
  CHECK(accounts.usage("nobody") == MountUsage());
}

}  // namespace nb::services
