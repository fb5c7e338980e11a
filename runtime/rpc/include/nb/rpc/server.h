// Servers: objects of this process that others can call.
//
//   auto server = runtime.serve(std::make_shared<Calc>(), nb::ServerOptions().listen("tcp", "127.0.0.1:0")).value();
//   std::puts(server.name().c_str());     // what clients are made with
//
// One object answers at the server's own name; a Dispatcher answers for the names below it.
//
// Who may call: without a word, callers of the same tree of names (default_authorizer: alice and alice:phone may call
// each other). Everything else is said with an authorizer; allow_everyone() is one.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/verror.h>
#include <nb/rpc/descriptor.h>
#include <nb/rpc/handlers.h>
#include <nb/rpc/overload.h>
#include <nb/rpc/reply.h>
#include <nb/rpc/runtime.h>
#include <nb/rpc/server_call.h>
#include <nb/rpc/server_status.h>
#include <nb/rpc/server_stream.h>
#include <nb/rpc/service.h>
#include <nb/rpc/task.h>
#include <nb/security/authorizer.h>

namespace nb {

// What a dispatcher finds: the object, and the authorizer for it (null: the server's).
struct Dispatched {
  Dispatched() = default;  // nothing: UnknownSuffix
  Dispatched(std::shared_ptr<Service> object_, std::shared_ptr<const Authorizer> authorizer_ = nullptr)
      : object(std::move(object_)), authorizer(std::move(authorizer_)) {}
  std::shared_ptr<Service> object;  // shared with whoever keeps the objects; held while a call on it runs
  std::shared_ptr<const Authorizer> authorizer;
};

// Maps the suffix of a name ("a/b", without leading "/", "" for the server itself) to an object. Called on the threads
// of connections, several at once; must not block. An error goes to the client as it is.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;
  virtual Result<Dispatched> lookup(const Context& context, std::string_view suffix) = 0;
};

class ServerOptions {
 public:
  ServerOptions() {}

  // May be said several times; without it the server is called over connections that it has made itself, and over no
  // others: see Server::context(). "tcp" with "127.0.0.1:0" (port 0 picks a free one), "local" with any name: within
  // the process (RuntimeOptions::local_network).
  ServerOptions& listen(std::string protocol, std::string address) {
    listen_.emplace_back(std::move(protocol), std::move(address));
    return *this;
  }
  // The server can also be called by way of this proxy, an object name or endpoint of it ("/@6@tcp@proxy:8100@@…@s@@@",
  // "proxy:8100"). May be said several times, once for each, and is enough without listen(): nothing needs to reach the
  // server then. Callers and server prove to each other who they are, and what the proxy carries it cannot read or
  // change (docs/spec/flow-protocol.md 12, 15.3). `authorizer`: which proxy may do it; null: any. serve() waits until
  // the proxy has answered, at most 10 s; see Server::proxy_errors(). What ends is tried again, after pauses of 50 ms
  // to a minute.
  ServerOptions& proxy(std::string name, std::shared_ptr<const Authorizer> authorizer = nullptr) {
    proxies_.emplace_back(std::move(name), std::move(authorizer));
    return *this;
  }
  ServerOptions& handlers(Handlers handlers) {
    handlers_ = std::move(handlers);
    return *this;
  }
  // Who may call what the dispatcher finds without an authorizer of its own; the one object, in the short form. It is
  // asked for every call, after its arguments were read and before its method runs; it must not block.
  ServerOptions& authorizer(std::shared_ptr<const Authorizer> authorizer) {
    authorizer_ = std::move(authorizer);
    return *this;
  }
  // Tells refused callers that they are, and nothing of which names were seen and why they did not do. For servers that
  // strangers reach.
  ServerOptions& terse_refusals() {
    terse_refusals_ = true;
    return *this;
  }
  // Published under this name, which clients resolve (<nb/rpc/namespace.h>): in the mount table that the name, or the
  // namespace's roots, lead to. May be said several times. See Server::status() for how that goes; it is tried again
  // each minute.
  ServerOptions& name(std::string name) {
    names_.push_back(std::move(name));
    return *this;
  }
  // It is a mount table: its endpoints say so, and clients ask it for the names below.
  ServerOptions& serves_mount_table() {
    serves_mount_table_ = true;
    return *this;
  }
  // What is at names that begin with two underscores, beside the server's own: a debugging name space of the program's,
  // for example. Without it there is nothing. What it finds without an authorizer goes by the default rule, not by the
  // server's authorizer.
  ServerOptions& reserved_names(std::shared_ptr<Dispatcher> dispatcher) {
    reserved_names_ = std::move(dispatcher);
    return *this;
  }
  // How long stop() and destruction wait for calls that are running.
  ServerOptions& grace(std::chrono::nanoseconds grace) {
    grace_ = grace;
    return *this;
  }

  // Limits, so that a server with too many callers stays of use to some of them. Calls beyond one of these are answered
  // with nb::Overloaded at once, and nothing of them runs (<nb/rpc/overload.h>). A call counts from when it could run,
  // its arguments read and its caller let in, until its method has ended and its answer has left, so slow readers
  // count. 0: all are refused (of max_queued with pool(n): those that find no free thread).
  //
  // Calls at once, over all connections; 100 000 unless this is said.
  ServerOptions& max_calls(std::size_t most) {
    max_calls_ = most;
    return *this;
  }
  // … over one connection; 10 000 unless this is said, which is also as many as a connection carries.
  ServerOptions& max_calls_per_connection(std::size_t most) {
    max_calls_per_connection_ = most;
    return *this;
  }
  // Those of them that have streams; 100 000 unless this is said.
  ServerOptions& max_streams(std::size_t most) {
    max_streams_ = most;
    return *this;
  }
  // Calls whose methods wait for a thread of pool(n), while all of them are busy, or for the executor that handlers()
  // was given; 10 000 unless this is said. Of no meaning in place.
  ServerOptions& max_queued(std::size_t most) {
    max_queued_ = most;
    return *this;
  }

  const std::vector<std::pair<std::string, std::string>>& listen() const { return listen_; }
  const std::vector<std::pair<std::string, std::shared_ptr<const Authorizer>>>& proxies() const { return proxies_; }
  const Handlers& handlers() const { return handlers_; }
  const std::shared_ptr<const Authorizer>& authorizer() const { return authorizer_; }  // null: the default one
  const std::vector<std::string>& names() const { return names_; }
  bool is_mount_table() const { return serves_mount_table_; }
  const std::shared_ptr<Dispatcher>& reserved_names() const { return reserved_names_; }  // null: nothing
  bool are_refusals_terse() const { return terse_refusals_; }
  std::chrono::nanoseconds grace() const { return grace_; }
  std::size_t max_calls() const { return max_calls_; }
  std::size_t max_calls_per_connection() const { return max_calls_per_connection_; }
  std::size_t max_streams() const { return max_streams_; }
  std::size_t max_queued() const { return max_queued_; }

 private:
  std::vector<std::pair<std::string, std::string>> listen_;
  std::vector<std::pair<std::string, std::shared_ptr<const Authorizer>>> proxies_;
  Handlers handlers_ = in_place();
  std::shared_ptr<const Authorizer> authorizer_;
  bool terse_refusals_ = false;
  bool serves_mount_table_ = false;
  std::shared_ptr<Dispatcher> reserved_names_;  // shared with the servers made with it
  std::vector<std::string> names_;
  std::chrono::nanoseconds grace_ = std::chrono::seconds(5);
  std::size_t max_calls_ = 100'000;
  std::size_t max_calls_per_connection_ = 10'000;
  std::size_t max_streams_ = 100'000;
  std::size_t max_queued_ = 10'000;
};

namespace rpc {
class ServerCore;
}

// Owns the server; destruction stops it.
class [[nodiscard]] Server {
 public:
  Server() = default;  // none
  explicit Server(std::shared_ptr<rpc::ServerCore> core);
  Server(Server&&) noexcept = default;
  Server& operator=(Server&& other) noexcept;
  ~Server();

  // "/@6@tcp@127.0.0.1:40123@@…@s@alice@@": the object name by which this server is reached (at its first endpoint). It
  // carries the server's blessing names, and a client that uses it insists on meeting one of them there.
  std::string name() const;
  // The name of an object below it.
  std::string name(std::string_view suffix) const;
  // All of them, as they are now: they carry the names that the server shows by default, which may change. Those that
  // are not IPv6 come first. A server that listens nowhere has one of the protocol "bidi".
  std::vector<std::string> endpoints() const;
  // How the proxies fare that have answered or failed, by the names that ServerOptions::proxy() had: no error while
  // they lead here.
  std::map<std::string, Error> proxy_errors() const;
  // The machine's addresses may be others now: looks anew for those of listeners on all addresses.
  void network_changed();

  // For calls that this server makes, or the program for it: they go over the server's own connections, as do calls
  // with the context of a call that it serves. Whoever is called that way may call back over the same connection, by
  // name() or an object's below it, even where nothing can be dialed: behind a router, or without listen() at all.
  // Calls back are authorized like all others. Servers that are called so learn the server's default blessings, once
  // they have been accepted; whoever answers in a server's place as a proxy would, with another routing id, learns them
  // without (docs/spec/flow-protocol.md 12.3). Ends when the server stops.
  //
  //   auto listener = runtime.serve(std::make_shared<Listener>(), nb::ServerOptions()).value();   // listens nowhere
  //   news.Subscribe(listener.context(), listener.name());                                     // calls come back
  Context context() const;

  // Publishes the server under one more name, or under this one no longer. Both return at once. BadArg for "".
  Result<void> add_name(const std::string& name) const;
  void remove_name(const std::string& name) const;
  ServerStatus status() const;

  // Unmounts its names, accepts no more connections and calls, waits for those that run, at most `grace`, then ends
  // them (their contexts end), and closes the connections. Blocks; on a thread of the runtime it starts this and
  // returns at once. Again: nothing happens.
  void stop(std::chrono::nanoseconds grace);
  void stop();  // with the grace of the options

 private:
  std::shared_ptr<rpc::ServerCore> core_;  // shared with the runtime, which stops what is left
};

}  // namespace nb
