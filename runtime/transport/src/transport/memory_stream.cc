#include "transport/memory_stream.h"

#include <utility>

#include <nb/base/check.h>

#include "transport/errors.h"

namespace nb::transport {
namespace {

class MemoryStream final : public Stream, public std::enable_shared_from_this<MemoryStream> {
 public:
  MemoryStream(std::shared_ptr<Loop> loop, std::shared_ptr<MemoryPipe> in, std::shared_ptr<MemoryPipe> out,
               std::string local, std::string remote)
      : loop_(std::move(loop)),
        in_(std::move(in)),
        out_(std::move(out)),
        local_(std::move(local)),
        remote_(std::move(remote)) {}

  ~MemoryStream() override { close(); }

  void read_some(std::span<std::uint8_t> into, ReadDone done) override {
    NB_CHECK(!read_done_, "one read at a time");
    into_ = into;
    read_done_ = std::move(done);
    in_->when_readable(on_loop(&MemoryStream::readable));
  }

  void peek(PeekDone done) override {
    NB_CHECK(!read_done_, "one read at a time");
    // A read of no bytes, which leaves all of them there.
    into_ = {};
    read_done_ = [this, done = std::move(done)](const Result<std::size_t>& n) {
      if (!n) return done(n.error());
      done(in_->first());
    };
    in_->when_readable(on_loop(&MemoryStream::readable));
  }

  Result<std::size_t> try_write(std::span<const BytesView> slices) override {
    std::size_t written = 0;
    for (const BytesView slice : slices) {
      const std::size_t n = out_->write(slice);
      written += n;
      if (n < slice.size()) break;
    }
    if (written == 0 && out_->state() != MemoryPipe::State::kOpen) {
      return network_error("writing to " + remote_ + ": the peer has closed the connection");
    }
    return written;
  }

  void when_writable(std::function<void()> done) override {
    NB_CHECK(!write_done_, "one wait for room at a time");
    write_done_ = std::move(done);
    out_->when_writable(on_loop(&MemoryStream::writable));
  }

  void shut_down_writes() override { out_->end(); }

  // As with sockets: the peer may still read what was written, and its own writes fail.
  void close() override {
    if (std::exchange(closed_, true)) return;
    read_done_ = nullptr;
    write_done_ = nullptr;
    out_->end();
    in_->break_both();
  }

  void abort() override {
    close();
    out_->break_both();
  }

  const std::shared_ptr<Loop>& loop() const override { return loop_; }
  const std::string& protocol() const override { return protocol_; }
  const std::string& local_address() const override { return local_; }
  const std::string& remote_address() const override { return remote_; }

 private:
  std::function<void()> on_loop(void (MemoryStream::*what)()) {
    return [loop = loop_, weak = weak_from_this(), what] {
      loop->post([weak, what] {
        if (auto self = weak.lock()) (self.get()->*what)();
      });
    };
  }

  void readable() {
    if (!read_done_) return;  // closed meanwhile
    const std::size_t n = in_->read(into_);
    const ReadDone done = std::exchange(read_done_, nullptr);
    if (n == 0 && in_->state() == MemoryPipe::State::kBroken) {
      return done(network_error("reading from " + remote_ + ": the connection broke"));
    }
    done(n);
  }

  void writable() {
    if (write_done_) std::exchange(write_done_, nullptr)();
  }

  const std::shared_ptr<Loop> loop_;       // shared by what lives on it
  const std::shared_ptr<MemoryPipe> in_;   // shared with the other end
  const std::shared_ptr<MemoryPipe> out_;  // likewise
  const std::string protocol_ = "local";
  const std::string local_;
  const std::string remote_;
  std::span<std::uint8_t> into_;
  ReadDone read_done_;
  std::function<void()> write_done_;
  bool closed_ = false;
};

}  // namespace

std::shared_ptr<Stream> make_memory_stream(std::shared_ptr<Loop> loop, std::shared_ptr<MemoryPipe> in,
                                           std::shared_ptr<MemoryPipe> out, std::string local, std::string remote) {
  return std::make_shared<MemoryStream>(std::move(loop), std::move(in), std::move(out), std::move(local),
                                        std::move(remote));
}

}  // namespace nb::transport
