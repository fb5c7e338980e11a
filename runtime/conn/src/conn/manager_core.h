// The inside of Manager: the tables of connections, dials and listeners, and who hears what when one of them changes.
//
// The one place of this layer with a lock: connections live on many loops, and users dial from any thread. The lock is
// held for look-ups and changes of the tables only, never while calling out.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "conn/connection_cache.h"
#include "conn/live_connection.h"
#include "conn/manager.h"
#include "conn/pending_dial.h"

namespace nb::conn {

class Manager::Core final : public ConnectionOwner, public std::enable_shared_from_this<Core> {
 public:
  explicit Core(ManagerOptions options);
  void start();

  struct Wish {  // what a user wants dialed
    naming::Endpoint endpoint;
    Context context;
    std::optional<Clock::Steady> deadline;
    DialDone done;
  };
  void dial(const Wish& wish, int tries_left);
  Result<std::shared_ptr<Connection>> dial_cached(const naming::Endpoint& endpoint) const;
  Result<naming::Endpoint> listen(const std::string& protocol, const std::string& address);
  void stop_listening(std::function<void()> done);
  ManagerStatus status() const;
  void close(std::function<void()> done);
  void abandon();  // the manager is being destroyed

  const ManagerOptions& options() const { return options_; }

  // ConnectionOwner; on the connection's loop.
  void established(LiveConnection& connection) override;
  void peer_in_lame_duck(LiveConnection& connection) override;
  void lame_duck_done(LiveConnection& connection) override;
  void ended(LiveConnection& connection, const Error& why) override;
  void gone(LiveConnection& connection) override;

 private:
  // Copies of it are held by everything that must be over first; when the last one goes, a callback runs.
  using Token = std::shared_ptr<void>;

  struct Known {
    std::shared_ptr<LiveConnection> connection;
    std::shared_ptr<PendingDial> dial;  // while it is dialed
    std::string dialed_key;             // the address it was dialed at
    bool is_unauthenticated = false;    // accepted, and not through the handshake
    std::string source;                 // of an accepted one, see peer_source.h
    std::vector<Token> until_lame_duck_done;
  };
  struct ListeningAt {
    std::shared_ptr<transport::Listener> listener;  // shared with its loop
    naming::Endpoint endpoint;
  };

  // The callback comes on a loop.
  Token make_token(std::function<void()> when_all_are_gone) const;
  bool is_confined() const { return options_.security == flow::Security::kPlaintextWithoutAnyAuthentication; }
  Error closed_error() const;
  flow::Options flow_options(flow::Role role) const;

  void start_dial(const std::shared_ptr<PendingDial>& dial, const naming::Endpoint& endpoint,
                  const transport::Protocols::Entry& entry);
  void dialed(const std::shared_ptr<PendingDial>& dial, const naming::Endpoint& endpoint,
              Result<std::shared_ptr<transport::Stream>> stream);
  void abandon_dial(PendingDial& dial);
  void finish_dial(PendingDial& dial, const Error& why);
  void forget_dial(PendingDial& dial);

  void accepted(std::shared_ptr<transport::Stream> stream, const std::string& protocol);
  void accept_trouble(const Error& why);
  // Fails when the manager is closed or full.
  Result<void> admit(Known known);
  void not_unauthenticated(Known& known);  // any more; with the lock
  std::vector<std::shared_ptr<LiveConnection>> connections() const;
  void plan_sweep();
  void sweep();

  const ManagerOptions options_;
  mutable std::mutex mutex_;
  std::unordered_map<LiveConnection*, Known> connections_;
  ConnectionCache cache_;
  std::unordered_map<std::string, std::shared_ptr<PendingDial>> dials_;  // by address key; shared with their callbacks
  // What keeps each dial's transport going; touched on the dial's loop only, so each has its own box.
  struct DialBox;
  std::unordered_map<PendingDial*, std::shared_ptr<DialBox>> dial_boxes_;
  std::vector<ListeningAt> listeners_;
  std::size_t unauthenticated_ = 0;
  std::unordered_map<std::string, std::size_t> unauthenticated_from_;  // the same by source
  bool is_closed_ = false;
  std::vector<Token> until_all_is_gone_;
  TimerId sweep_timer_ = TimerId::kNone;
};

}  // namespace nb::conn
