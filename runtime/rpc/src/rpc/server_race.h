// ServerRace: gets a connection to one of several servers (docs/spec/rpc.md 4.5). All are dialed at once; the first
// that is there and trusted is taken, or the better one of those that are there at the same time. Nothing is sent to
// any of them here, and the others are given up.
//
// Owned by the dials that it started; safe from any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/rpc/executor.h>

#include "conn/manager.h"
#include "rpc/server_order.h"

namespace nb::rpc {

class ServerRace final : public std::enable_shared_from_this<ServerRace> {
 public:
  struct Winner {
    Winner(std::size_t index_, conn::Dialed dialed_) : index(index_), dialed(std::move(dialed_)) {}
    std::size_t index;
    conn::Dialed dialed;
  };
  // A winner, or for each server why not.
  using Done = std::function<void(std::optional<Winner>, const std::vector<Error>&)>;

  ServerRace(std::vector<Candidate> servers, const Context& context, Executor home, Done done);
  // `done` is called once, not before this returns, on `home`.
  void start(conn::Manager& manager, const conn::DialOptions& options);

 private:
  void arrived(std::size_t index, const Result<conn::Dialed>& dialed);
  void decide();

  const std::vector<Candidate> servers_;
  const WithCancel scope_;
  const Executor home_;

  std::mutex mutex_;  // guards the rest
  Done done_;
  std::vector<std::optional<conn::Dialed>> dialed_;
  std::vector<Error> failures_;
  std::size_t left_;  // have not reported yet
  bool is_deciding_ = false;
};

}  // namespace nb::rpc
