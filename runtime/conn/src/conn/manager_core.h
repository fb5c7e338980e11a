// The inside of Manager: the tables of connections, dials and listeners, and who hears what when one of them changes.
//
// The one place of this layer with a lock: connections live on many loops, and users dial from any thread. The lock is
// held for look-ups and changes of the tables only, never while calling out.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "conn/connection_cache.h"
#include "conn/default_shown.h"
#include "conn/dial_errors.h"
#include "conn/live_connection.h"
#include "conn/manager.h"
#include "conn/peer_judge.h"
#include "conn/pending_dial.h"
#include "conn/proxied_listener.h"
#include "conn/reservations.h"

namespace nb::conn {

class Manager::Core final : public ConnectionOwner, public std::enable_shared_from_this<Core> {
 public:
  explicit Core(ManagerOptions options);
  void start();

  void dial(Wish wish, int tries_left);
  Result<Dialed> dial_cached(const Wish& wish) const;
  Result<naming::Endpoint> listen(const std::string& protocol, const std::string& address);
  void proxy_listen(const ProxyListen& wish, std::function<void(Result<void>)> done);
  void stop_listening(std::function<void()> done);
  void refresh_addresses();
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
    CacheKey dialed_key;              // the address it was dialed at, empty if it was not…
    CacheKey resolved_key;            // …and what that stood for
    CacheKey path;                    // of one that was dialed through a proxy: who was meant, and where
    bool is_unauthenticated = false;  // accepted, and not through the handshake
    bool is_established = false;
    bool is_nested = false;  // over a flow of another connection, so it has no descriptor of its own
    // Of established ones, for judging them on any thread; the endpoints of the connection are final then.
    flow::ShownBlessings local_shown;
    flow::ShownBlessings remote_shown;
    mutable std::shared_ptr<const Ends> ends;  // all of that; made when it is asked for, shared with who asked
    bool awaits_discharges = false;
    std::uint64_t shown_version = 0;  // of what it was told to show
    std::string source;               // of an accepted one, see peer_source.h
    std::vector<Token> until_lame_duck_done;
    // Whose way leads through it, once its peer's discharges have come.
    std::vector<std::shared_ptr<PendingDial>> to_lead_on;
  };
  // How a listener fares, also before it is in the table; shared with its callbacks.
  struct Fate {
    std::atomic<std::size_t> to_shed = 1;  // connections, when it is out of descriptors for the next time in a row
    std::optional<Error> end;              // guarded by the manager's lock
  };
  struct ListeningAt {
    std::shared_ptr<transport::Listener> listener;  // shared with its loop
    std::shared_ptr<Fate> fate;
    ListenedAt asked;
    std::string address;                 // that it is bound to
    std::vector<std::string> addresses;  // that others dial
  };

  // The callback comes on a loop.
  Token make_token(std::function<void()> when_all_are_gone) const;
  Error closed_error() const;
  flow::Options flow_options(flow::Role role, const DefaultShown::Current& shown) const;

  // ---- manager_find.cc: connections that are there ----

  // One connection that may be what a wish is for.
  struct Candidate {
    std::shared_ptr<LiveConnection> connection;
    std::shared_ptr<const Ends> ends;
    bool awaits_discharges = false;
  };
  std::vector<Candidate> candidates(const Wish& wish) const;
  // The first candidate that is trusted; else the first one that may be when its discharges have come; else why the
  // first one is not.
  struct Choice {
    std::shared_ptr<LiveConnection> connection;  // null: there is none
    bool awaits_discharges = false;              // nobody was asked about it yet
    Result<BlessingNames> verdict = BlessingNames();
  };
  // With `may_dial` only those that lead to the endpoint count when none is trusted: a routing id is what a peer says
  // of itself, and whoever claims another's shall not keep us from dialing the other one.
  Choice choose(const Wish& wish, bool may_dial) const;
  // Whether it was dialed where the endpoint says, and so is not only found by what its peer claims to be.
  bool leads_to(LiveConnection& connection, const naming::Endpoint& endpoint) const;  // with the lock
  CacheKey key_of(const naming::Endpoint& endpoint) const;
  Error not_cached(const naming::Endpoint& endpoint) const;
  void use_cached(const std::shared_ptr<LiveConnection>& connection, BlessingNames names, Wish wish, int tries_left);
  void wait_for_discharges(const std::shared_ptr<LiveConnection>& connection, Wish wish, int tries_left);
  // Gives the connection to those of them that trust it.
  void serve(const std::shared_ptr<LiveConnection>& connection, std::vector<PendingDial::Waiter> waiters);

  // ---- manager_dial.cc: new connections ----

  // What belongs to a dial under way. `dialing`, `timer` and `is_given_up` are touched on the dial's loop only.
  struct DialBox {
    naming::Endpoint endpoint;  // of the first who wanted it
    transport::Protocols::Entry entry;
    CacheKey address;
    std::shared_ptr<transport::Dialing> dialing;  // dropping it gives the dial up
    bool is_given_up = false;
    std::optional<Clock::Steady> deadline;  // of the transport's part
    TimerId timer = TimerId::kNone;
  };
  struct Begun {
    std::shared_ptr<PendingDial> dial;  // null: there is a connection by now, or the manager is closed
    Reservations::Way way = Reservations::Way::kJoined;
    std::shared_ptr<DialBox> box;             // of a new one
    std::shared_ptr<LiveConnection> through;  // kThrough
  };
  Result<Begun> reserve(const naming::Endpoint& endpoint, const transport::Protocols::Entry& entry);
  void begin(const Begun& begun);
  void lead_on(const std::shared_ptr<LiveConnection>& connection);
  void dial_again(std::vector<std::shared_ptr<PendingDial>> dials);
  void start_dial(const std::shared_ptr<PendingDial>& dial, const std::shared_ptr<DialBox>& box);
  void resolved(const std::shared_ptr<PendingDial>& dial, const std::shared_ptr<DialBox>& box,
                const Result<transport::Resolved>& found);
  void connect(const std::shared_ptr<PendingDial>& dial, const std::shared_ptr<DialBox>& box);
  void dialed(const std::shared_ptr<PendingDial>& dial, const DialBox& box,
              Result<std::shared_ptr<transport::Stream>> stream);
  // A dial has led to this connection, which is of use from now on: for those who wanted whoever is there, and for
  // those who wanted its server. The others' way leads through it.
  void arrived(const std::shared_ptr<LiveConnection>& connection, const std::shared_ptr<PendingDial>& dial);
  // On the connection's loop. Through it if that is possible by now; it may await discharges, or be no more use.
  void go_through(const std::shared_ptr<LiveConnection>& connection, const std::shared_ptr<PendingDial>& dial);
  // On the connection's loop. The connection is to another server than the dial is for: a proxy, through which the way
  // leads on, or somebody who has taken the server's place.
  void dial_through(const std::shared_ptr<LiveConnection>& connection, const std::shared_ptr<PendingDial>& dial);
  void abandon_dial(PendingDial& dial);
  void finish_dial(PendingDial& dial, const Error& why);
  void forget_dial(PendingDial& dial);
  // Takes it out of the tables; gives those that waited for it to be over.
  std::vector<std::shared_ptr<PendingDial>> release_dial(PendingDial& dial);
  std::shared_ptr<DialBox> box_of(PendingDial& dial) const;

  // ---- manager_listen.cc, manager_endpoints.cc ----

  void accepted(const std::shared_ptr<transport::Stream>& stream, const std::string& protocol);
  void accept(const std::shared_ptr<transport::Stream>& stream, const std::string& protocol);
  void accept_trouble(const Error& why, bool is_out_of_descriptors, Fate& fate);
  void listener_ended(const std::shared_ptr<Fate>& fate, const Error& why);
  Error listen_failed(const ListenedAt& asked, const Error& why);
  naming::Endpoint endpoint_at(const ListeningAt& at, const std::string& address) const;  // with the lock
  std::vector<std::string> addresses_to_dial_of(const std::string& protocol, const std::string& bound) const;
  void endpoints_changed();

  void default_changed();
  void show(const std::shared_ptr<LiveConnection>& connection);

  // ---- manager_proxy.cc: by way of proxies ----

  struct ProxiedAt {
    std::shared_ptr<ProxiedListener> listener;  // shared with what it waits for
    Proxied as = Proxied::kServer;
    std::vector<naming::Endpoint> endpoints;
    std::function<void(Result<void>)> first_answer;  // whoever waits for it
  };
  // What is shown to a peer with these names.
  void choose_shown(const BlessingNames& peer, std::function<void(flow::ShownBlessings)> show) const;
  void proxy_told(const std::string& name, Result<std::vector<naming::Endpoint>> endpoints);
  std::map<std::string, ProxiedAt> take_proxied();  // with the lock
  void stop_proxied(const std::map<std::string, ProxiedAt>& proxied);
  void tell_proxied(ManagerStatus& status) const;  // with the lock
  // A connection to this server on a flow that a proxy has opened; on the loop of the connection to the proxy.
  void accept_nested(std::shared_ptr<Flow> flow);
  void end_connections(const std::function<void(LiveConnection&)>& end);

  // ---- manager_idle.cc ----

  void plan_sweep();
  void sweep();
  // Ends so many connections that have a descriptor, those first that are missed least.
  void shed(std::size_t count);

  // ---- manager_core.cc ----

  // Fails when the manager is closed or full.
  Result<void> admit(Known known);
  Result<void> check_room(const Known& known) const;               // with the lock
  void not_unauthenticated(Known& known);                          // any more; with the lock
  void cache(const Known& known, const naming::Endpoint& remote);  // with the lock
  std::vector<std::shared_ptr<LiveConnection>> connections() const;

  const ManagerOptions options_;
  std::shared_ptr<const LiveConnection::Household> household_;  // shared with the connections; set by start()
  std::shared_ptr<DefaultShown> default_shown_;                 // set by start()
  mutable std::mutex mutex_;
  std::unordered_map<LiveConnection*, Known> connections_;
  ConnectionCache cache_;
  Reservations reservations_;
  DialErrors dial_errors_;
  std::unordered_map<PendingDial*, std::shared_ptr<DialBox>> dial_boxes_;  // of those that have reserved something
  std::vector<ListeningAt> listeners_;
  std::map<ListenedAt, Error> listen_errors_;
  std::map<std::string, ProxiedAt> proxied_;  // by the proxies' names
  std::map<std::string, Error> proxy_errors_;
  std::size_t unauthenticated_ = 0;
  std::unordered_map<std::string, std::size_t> unauthenticated_from_;    // the same by source
  std::vector<std::weak_ptr<std::function<void()>>> endpoint_watchers_;  // their tokens own them
  bool is_closed_ = false;
  std::vector<Token> until_all_is_gone_;
  TimerId sweep_timer_ = TimerId::kNone;
};

}  // namespace nb::conn
