// Stream: an open byte stream to a peer; Listener, and Protocol, which makes both. One small face for tcp, the
// in-memory network, unix sockets and websockets.
//
// A stream belongs to one loop: call it there, its callbacks come there, and it is destroyed there (or after the loop
// has stopped). It neither buffers nor waits: reading fills the caller's memory, writing takes what fits now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>

#include "transport/loop.h"

namespace nb::transport {

class MessageStream;

class Stream {
 public:
  using ReadDone = std::function<void(Result<std::size_t>)>;

  // The first byte to be read, or none at the end of the stream.
  using PeekDone = std::function<void(Result<std::optional<std::uint8_t>>)>;

  virtual ~Stream() = default;  // closes

  // Itself, if it keeps messages apart; null: it carries bytes.
  virtual MessageStream* messages() { return nullptr; }

  // Calls back with the number of bytes read, or 0 at the end of the stream; never before it returns. One read at a
  // time. `into` must live until then or until close().
  virtual void read_some(std::span<std::uint8_t> into, ReadDone done) = 0;
  // Waits for the first byte and leaves it to be read. Counts as a read.
  virtual void peek(PeekDone done) = 0;
  // Writes what fits now, the slices in order and gathered, and gives how many bytes that was.
  virtual Result<std::size_t> try_write(std::span<const BytesView> slices) = 0;
  // Calls back once when try_write may take more, or will fail.
  virtual void when_writable(std::function<void()> done) = 0;
  // The peer reads to the end of what was written, and then the end of the stream.
  virtual void shut_down_writes() = 0;
  // Ends it both ways. After that no callback comes.
  virtual void close() = 0;
  // Like close(), and the peer sees the connection break at once.
  virtual void abort() = 0;

  virtual const std::shared_ptr<Loop>& loop() const = 0;
  virtual const std::string& protocol() const = 0;  // "tcp", "ws", "unix", "local", …
  virtual const std::string& local_address() const = 0;
  virtual const std::string& remote_address() const = 0;
};

// A stream that keeps messages apart, as websockets do. It is read and written by whole messages; the functions for
// bytes may not be called.
class MessageStream : public Stream {
 public:
  using Message = std::function<void(std::span<std::uint8_t>)>;

  MessageStream* messages() final { return this; }

  // Calls `message` for each whole message that has come, at least for one, and then `done` with their number, or with
  // 0 at the end of the stream; never before it returns. A message lives until `message` returns, which may change it
  // (to open a seal in place). One read at a time. `room` is for bytes on their way and must
  // live until `done` or until close(). `message` may not close or destroy the stream.
  virtual void read_messages(std::span<std::uint8_t> room, Message message, ReadDone done) = 0;
  // The longest message accepted from now on, in bytes; also right for the next one when called from `message`.
  virtual void limit_messages(std::size_t limit) = 0;
  // Writes one message, gathered from the slices, or nothing of it when the stream is full (then see when_writable).
  virtual Result<bool> try_write_message(std::span<const BytesView> slices) = 0;
  // The next message, and all after it, are sealed by who writes them; told before it, perhaps more than once.
  virtual void sealed_from_now_on() {}

  void read_some(std::span<std::uint8_t> into, ReadDone done) final;
  void peek(PeekDone done) final;
  Result<std::size_t> try_write(std::span<const BytesView> slices) final;
};

struct DialOptions {
  std::optional<Clock::Steady> deadline;
};

// Keeps a dial going. Dropping it, on the loop, gives the dial up: nothing is called back.
class Dialing {
 public:
  virtual ~Dialing() = default;
};

using DialDone = std::function<void(Result<std::shared_ptr<Stream>>)>;

// What an address of a protocol stands for (docs/spec/flow-protocol.md 2.2): equal to every other that yields the same.
struct Resolved {
  std::string protocol;
  std::vector<std::string> addresses;
};
using ResolveDone = std::function<void(Result<Resolved>)>;

// What a listener tells. All functions may be called at any time until the listener is closed.
struct ListenEvents {
  // The loop that the next stream shall belong to.
  std::function<std::shared_ptr<Loop>()> pick_loop;
  // A stream came in; on its loop.
  std::function<void(std::shared_ptr<Stream>)> accepted;
  // The listener could not accept just now and tries again after a pause; on the listener's loop. Closing something may
  // help when the process or the system is out of file descriptors.
  std::function<void(const Error& why, bool is_out_of_descriptors)> trouble;
  // It will never accept anything again, and is still to be closed; on the listener's loop.
  std::function<void(const Error&)> ended = nullptr;
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual const std::string& protocol() const = 0;
  virtual const std::string& address() const = 0;  // the real one, where port 0 was asked for
  // Stops; `done` is called when the address is free again. Any thread. To be called before it is destroyed.
  virtual void close(std::function<void()> done) = 0;
};

class Protocol {
 public:
  virtual ~Protocol() = default;
  // On the loop. `done` is called on the loop, never before this returns.
  virtual std::shared_ptr<Dialing> dial(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                        const std::string& address, DialOptions options, DialDone done) = 0;
  // On the loop, as dial(). By default every address stands for itself.
  virtual std::shared_ptr<Dialing> resolve(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                           const std::string& address, ResolveDone done);
  // Any thread; does not block. The listener itself lives on `loop`.
  virtual Result<std::shared_ptr<Listener>> listen(const std::shared_ptr<Loop>& loop, const std::string& protocol,
                                                   const std::string& address, ListenEvents events) = 0;
};

}  // namespace nb::transport
