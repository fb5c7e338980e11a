// Publisher: keeps the names of a server in mount tables (docs/spec/rpc.md 8.1). Names and servers are what is wished;
// mounts are made at once, again every minute, and last twenty seconds longer than that, so that a server that is gone
// is soon forgotten. Safe from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nb/rpc/server_status.h>
#include <nb/rpc/task.h>

#include "rpc/runtime_core.h"

namespace nb::rpc {

class Publisher final : public std::enable_shared_from_this<Publisher> {
 public:
  Publisher(const std::shared_ptr<RuntimeCore>& runtime, bool is_mount_table, bool is_leaf);

  void add_name(const std::string& name);
  void remove_name(const std::string& name);
  // Object names of the server's endpoints, in the place of those before.
  void set_servers(const std::vector<std::string>& servers);
  std::vector<PublishedName> status() const;
  // Nothing is mounted from now on, and everything unmounted, once each; `done` when that has been tried.
  void stop(std::function<void()> done);

 private:
  using Key = std::pair<std::string, std::string>;  // name and server
  struct Entry {
    bool is_wanted = true;
    std::optional<Clock::Steady> mounted_at;  // when it was tried last
    std::optional<Clock::Steady> unmounted_at;
    PublishedName known;
  };

  void want();  // the entries of all names and servers, and no others
  void wake();  // somebody works, or will
  void tick();  // the minute is over
  static Task<void> work(std::shared_ptr<Publisher> self, std::shared_ptr<RuntimeCore> runtime);
  std::vector<Key> to_do(bool& is_mount);  // what to do next; nothing: all is done
  void told(const Key& key, bool is_mount, const Result<void>& result);
  PublishState state_of(const Entry& entry, Clock::Steady now) const;

  const std::weak_ptr<RuntimeCore> runtime_;     // owns the server, which owns this
  const std::shared_ptr<conn::EventLoop> loop_;  // shared with the runtime
  const v23::naming::MountFlag flags_;
  const WithCancel mounting_;  // ends when the server stops

  mutable std::mutex mutex_;  // guards the rest
  std::set<std::string> names_;
  std::set<std::string> servers_;
  std::map<Key, Entry> entries_;
  std::set<std::pair<Key, bool>> tried_;  // in this round: what, and whether it was to be mounted
  bool is_refresh_ = false;               // this round is for all entries
  bool is_working_ = false;
  bool is_stopping_ = false;
  TimerId timer_ = TimerId::kNone;
  std::vector<std::function<void()>> on_stopped_;
};

}  // namespace nb::rpc
