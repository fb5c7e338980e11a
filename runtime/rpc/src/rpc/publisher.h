// Publisher: keeps the names of a server in mount tables (docs/spec/rpc.md 8.1). Names and servers are what is wished;
// mounts are made at once, again every minute, and last twenty seconds longer than that, so that a server that is gone
// is soon forgotten. Several are made at a time, those that have waited longest first: a table that does not answer
// does not keep others from hearing of the server. Safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
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
    bool is_busy = false;                   // a table is being told; only one thing at a time
    std::optional<bool> told;               // the latest that a table was told, or is being: mounted, or not any more
    std::uint64_t round = 0;                // when that was
    std::optional<Clock::Steady> tried_at;  // the same
    std::optional<Clock::Steady> mounted_at;
    std::optional<Clock::Steady> unmounted_at;
    PublishedName known;
  };
  struct Errand {
    Errand(Key key_, bool is_mount_, bool is_last_) : key(std::move(key_)), is_mount(is_mount_), is_last(is_last_) {}
    Key key;
    bool is_mount;
    bool is_last;  // nothing comes after it: no second try
  };

  void want();  // the entries of all names and servers, and no others
  bool is_due(const Entry& entry) const;
  std::vector<Errand> take_due();
  void go_on();  // begins what is due, and tells those who wait for the end
  void set_timer();
  void tick();  // the minute is over
  static Task<void> work(std::shared_ptr<Publisher> self, std::shared_ptr<RuntimeCore> runtime, Errand task);
  void done(const Errand& task, const Result<void>& result);
  PublishState state_of(const Entry& entry, Clock::Steady now) const;

  const std::weak_ptr<RuntimeCore> runtime_;     // owns the server, which owns this
  const std::shared_ptr<conn::EventLoop> loop_;  // shared with the runtime
  const v23::naming::MountFlag flags_;
  const WithCancel mounting_;  // ends when the server stops

  mutable std::mutex mutex_;  // guards the rest
  std::set<std::string> names_;
  std::set<std::string> servers_;
  std::map<Key, Entry> entries_;
  std::uint64_t round_ = 1;  // each minute a new one
  std::size_t under_way_ = 0;
  bool is_stopping_ = false;
  TimerId timer_ = TimerId::kNone;
  std::vector<std::function<void()>> on_stopped_;
};

}  // namespace nb::rpc
