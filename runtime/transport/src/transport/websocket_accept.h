// What happens to accepted byte streams before they are connections: a hybrid listener looks at the first byte, and a
// websocket is upgraded from HTTP (docs/spec/flow-protocol.md 2.3, 2.4). Internal to websockets.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "transport/random_source.h"
#include "transport/stream.h"

namespace nb::transport {

// All of one listener's streams that are on their way. Safe from any thread; each stream is touched on its loop only.
class WebSocketAccepts : public std::enable_shared_from_this<WebSocketAccepts> {
 public:
  struct Options {
    bool is_hybrid = false;  // byte streams are fine as they are
    std::string protocol;    // of the websockets
    RandomSource random;
    std::function<void(std::shared_ptr<Stream>)> accepted;
    std::size_t most = 1024;  // with more, the one that has been here longest goes
  };

  explicit WebSocketAccepts(Options options) : options_(std::move(options)) {}

  // On the stream's loop.
  void add(std::shared_ptr<Stream> stream);
  // Drops them all and takes no more.
  void close();

  std::size_t size() const;

 private:
  class Accepting;
  using Waiting = std::list<std::shared_ptr<Accepting>>;  // shared with their own work while that runs

  void remove(Accepting& accepting);

  const Options options_;
  mutable std::mutex mutex_;
  Waiting waiting_;  // the oldest first
  bool is_closed_ = false;
};

}  // namespace nb::transport
