// A script of what clients ask a mount table, by several users, while time goes on. At its end a table that begins with
// what the first one stored answers as that one does.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/check.h>
#include <nb/services/mount_table.h>

#include "services/mount_tree.h"

namespace {

using nb::services::MountCaller;
using nb::services::MountTree;
using nb::services::path_of;

// Bytes of the input, and zeros behind it.
class Script {
 public:
  explicit Script(nb::BytesView bytes) : bytes_(bytes) {}
  bool is_over() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  // Mostly from a few short ones, so that names meet; else any bytes.
  std::string name() {
    static const std::vector<std::string> known = {"", "a", "b", "a/b", "a/c", "a/b/c", "b/b/b", "a/%%"};
    const std::uint8_t which = byte();
    if (which < 0xf0) return known[which % known.size()];
    const std::size_t wanted = byte();
    const std::size_t length = std::min(wanted, bytes_.size());
    const std::string text(nb::as_text(bytes_.first(length)));
    bytes_ = bytes_.subspan(length);
    return text;
  }
  std::string server() {
    const std::uint8_t which = byte();
    return which < 0xf0 ? "/h:" + std::to_string(1 + which % 4) : name();
  }
  MountCaller caller() {
    static const std::vector<std::string> users = {"", "alice", "bob", "alice:phone"};
    const std::string user = users[byte() % users.size()];
    MountCaller who;
    if (!user.empty()) who.names = {user};
    who.creator = nb::services::user_of(user);
    return who;
  }
  nb::Permissions permissions() {
    static const std::vector<std::string> tags = {"Admin", "Read", "Resolve", "Mount", "Create"};
    static const std::vector<std::string> patterns = {"...", "alice", "bob:$", "carol"};
    nb::Permissions made;
    for (std::uint8_t left = byte() % 4; left > 0; --left) {
      const std::uint8_t which = byte();
      made[tags[which % tags.size()]].In.emplace_back(patterns[which / 16 % patterns.size()]);
    }
    return made;
  }

 private:
  nb::BytesView bytes_;
};

// What the caller sees of a name: its servers in order, or nothing.
std::string seen(MountTree& tree, const MountCaller& caller, const std::string& name) {
  const auto entry = tree.resolve_step(caller, path_of(name));
  // Not why: nodes that are of no use any more are there until somebody looks, and may refuse.
  if (!entry) return "";
  std::string text = entry->Name + (entry->ServesMountTable ? " table" : "") + (entry->IsLeaf ? " leaf" : "");
  for (const auto& server : entry->Servers) text += " " + server.Server;
  const auto permissions = tree.permissions(caller, path_of(name));
  return text + (permissions ? " " + permissions->version : std::string(permissions.error().id()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script({data, size});
  const auto clock = std::make_shared<nb::HandClock>();
  const auto store = nb::memory_mount_table_store();
  const auto options = [&] {
    nb::MountTableOptions made;
    return made.clock(clock).store(store).max_nodes_per_user(20).max_servers_per_user(20).max_bytes_per_user(20'000);
  };
  MountTree tree(options());
  NB_CHECK(tree.load(), "an empty store can be read");
  std::set<std::string> names{"", "a", "a/b", "a/c", "a/b/c", "b/b/b"};
  for (int steps = 0; steps < 500 && !script.is_over(); ++steps) {
    const std::uint8_t what = script.byte();
    const MountCaller caller = script.caller();
    const std::string name = script.name();
    names.insert(name);
    switch (what % 8) {
      case 0:
      case 1:
        (void)tree.mount(caller, path_of(name), script.server(), script.byte() % 100,
                         v23::naming::MountFlag(script.byte() % 8));
        break;
      case 2:
        (void)tree.unmount(caller, path_of(name), script.byte() % 2 == 0 ? "" : script.server());
        break;
      case 3:
        (void)tree.remove(caller, path_of(name), script.byte() % 2 == 0);
        break;
      case 4:
        (void)tree.set_permissions(caller, path_of(name), script.permissions(), "");
        break;
      case 5:
        clock->advance(std::chrono::seconds(script.byte()));
        break;
      case 6:
        (void)tree.resolve_step(caller, path_of(name));
        break;
      case 7: {
        const auto pattern = nb::naming::Glob::parse(script.byte() % 2 == 0 ? "..." : script.name());
        if (!pattern) break;
        std::vector<nb::services::GlobPlace> places{nb::services::GlobPlace("", *pattern)};
        std::size_t looked_at = 0;
        while (!places.empty()) {
          const nb::services::GlobPlace place = std::move(places.back());
          places.pop_back();
          (void)tree.glob_step(caller, path_of(name), place, places);
          NB_CHECK(++looked_at < 10'000, "a listing comes to an end");
        }
        break;
      }
    }
  }
  // Both begin without what has expired: looking drops it.
  MountTree again(options());
  NB_CHECK(again.load(), "what was stored can be read");
  MountCaller nobody;
  MountCaller alice;
  alice.names = {"alice"};
  for (const std::string& name : names) {
    for (const MountCaller& caller : {nobody, alice}) {
      NB_CHECK(seen(tree, caller, name) == seen(again, caller, name), "a table goes on where it stopped");
    }
  }
  return 0;
}
