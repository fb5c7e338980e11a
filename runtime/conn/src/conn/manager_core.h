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
#include "conn/default_shown.h"
#include "conn/live_connection.h"
#include "conn/manager.h"
#include "conn/peer_judge.h"
#include "conn/pending_dial.h"

namespace nb::conn {

class Manager::Core final : public ConnectionOwner, public std::enable_shared_from_this<Core> {
 public:
  explicit Core(ManagerOptions options);
  void start();

  void dial(Wish wish, int tries_left);
  Result<Dialed> dial_cached(const Wish& wish) const;
  Result<naming::Endpoint> listen(const std::string& protocol, const std::string& address);
  void stop_listening(std::function<void()> done);
  ManagerStatus status() const;
  std::shared_ptr<void> on_endpoints_changed(std::function<void()> callback);
  void close(std::function<void()> done);
  void abandon();  // the manager is being destroyed

  const ManagerOptions& options() const { return options_; }

  // ConnectionOwner; on the connection's loop.
  void authorize_peer(LiveConnection& connection, const flow::AuthorizePeer& ask) override;
  void established(LiveConnection& connection, bool peer_is_proxy) override;
  void peer_shows(LiveConnection& connection) override;
  void peer_in_lame_duck(LiveConnection& connection) override;
  void lame_duck_done(LiveConnection& connection) override;
  void ended(LiveConnection& connection, const Error& why) override;
  void gone(LiveConnection& connection) override;

 private:
  // Copies of it are held by everything that must be over first; when the last one goes, a callback runs.
  using Token = std::shared_ptr<void>;

  struct Known {
    std::shared_ptr<LiveConnection> connection;
    // Who waits until it is of use: while it is dialed, and while its peer's discharges are missing.
    std::shared_ptr<PendingDial> dial;
    std::string dialed_key;           // the address it was dialed at…
    std::string resolved_key;         // …and what that stood for
    bool is_unauthenticated = false;  // accepted, and not through the handshake
    bool is_established = false;
    // Of established ones, for judging them on any thread; the endpoints of the connection are final then.
    flow::ShownBlessings local_shown;
    flow::ShownBlessings remote_shown;
    bool awaits_discharges = false;
    std::uint64_t shown_version = 0;  // of what it was told to show
    std::string source;               // of an accepted one, see peer_source.h
    std::vector<Token> until_lame_duck_done;
  };
  struct ListeningAt {
    std::shared_ptr<transport::Listener> listener;  // shared with its loop
    naming::Endpoint endpoint;
  };

  // The callback comes on a loop.
  Token make_token(std::function<void()> when_all_are_gone) const;
  Error closed_error() const;
  flow::Options flow_options(flow::Role role, const DefaultShown::Current& shown) const;

  // One connection that may be what a wish is for.
  struct Candidate {
    std::shared_ptr<LiveConnection> connection;
    Ends ends;
    bool awaits_discharges = false;
  };
  std::vector<Candidate> candidates(const naming::Endpoint& endpoint) const;
  // The first candidate that is trusted, or why the first one is not.
  struct Choice {
    std::shared_ptr<LiveConnection> connection;  // null: there is none
    bool awaits_discharges = false;              // nobody was asked about it yet
    Result<BlessingNames> verdict = BlessingNames();
  };
  Choice choose(const Wish& wish) const;
  std::optional<Result<BlessingNames>> judge(const Wish& wish, const Ends& ends) const;
  // Gives the connection to all of them that want it; whether any did.
  bool serve(const std::shared_ptr<LiveConnection>& connection, std::vector<PendingDial::Waiter> waiters);
  void use_cached(const std::shared_ptr<LiveConnection>& connection, BlessingNames names, Wish wish, int tries_left);
  void wait_for_discharges(const std::shared_ptr<LiveConnection>& connection, Wish wish, int tries_left);
  void remember_shown(LiveConnection& connection);

  void default_changed();
  void endpoints_changed();
  void show(const std::shared_ptr<LiveConnection>& connection);

  struct DialBox;
  void start_dial(const std::shared_ptr<PendingDial>& dial, const naming::Endpoint& endpoint,
                  const transport::Protocols::Entry& entry);
  void resolved(const std::shared_ptr<PendingDial>& dial, const naming::Endpoint& endpoint,
                const transport::Protocols::Entry& entry, const std::shared_ptr<DialBox>& box,
                const Result<transport::Resolved>& found);
  void connect(const std::shared_ptr<PendingDial>& dial, const naming::Endpoint& endpoint,
               const transport::Protocols::Entry& entry, const std::shared_ptr<DialBox>& box);
  void dialed(const std::shared_ptr<PendingDial>& dial, const naming::Endpoint& endpoint,
              Result<std::shared_ptr<transport::Stream>> stream);
  void abandon_dial(PendingDial& dial);
  void finish_dial(PendingDial& dial, const Error& why);
  void forget_dial(PendingDial& dial);

  void accepted(const std::shared_ptr<transport::Stream>& stream, const std::string& protocol);
  void accept(const std::shared_ptr<transport::Stream>& stream, const std::string& protocol);
  void accept_trouble(const Error& why);
  // Fails when the manager is closed or full.
  Result<void> admit(Known known);
  Result<void> check_room(const Known& known) const;  // with the lock
  void not_unauthenticated(Known& known);             // any more; with the lock
  std::vector<std::shared_ptr<LiveConnection>> connections() const;
  void plan_sweep();
  void sweep();

  const ManagerOptions options_;
  std::shared_ptr<const LiveConnection::Household> household_;  // shared with the connections; set by start()
  std::shared_ptr<DefaultShown> default_shown_;                 // set by start()
  mutable std::mutex mutex_;
  std::unordered_map<LiveConnection*, Known> connections_;
  ConnectionCache cache_;
  std::unordered_map<std::string, std::shared_ptr<PendingDial>> dials_;  // by address key; shared with their callbacks
  // What keeps each dial's transport going; touched on the dial's loop only, so each has its own box.
  std::unordered_map<PendingDial*, std::shared_ptr<DialBox>> dial_boxes_;
  std::vector<ListeningAt> listeners_;
  std::size_t unauthenticated_ = 0;
  std::unordered_map<std::string, std::size_t> unauthenticated_from_;    // the same by source
  std::vector<std::weak_ptr<std::function<void()>>> endpoint_watchers_;  // their tokens own them
  bool is_closed_ = false;
  std::vector<Token> until_all_is_gone_;
  TimerId sweep_timer_ = TimerId::kNone;
};

}  // namespace nb::conn
