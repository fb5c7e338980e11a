// For tests: the in-memory network with an ear at the dialing end of every stream, which keeps what crosses it, both
// ways.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "transport/memory.h"

namespace nb::conn::testing {

// What has crossed one stream. Safe from any thread.
class Recording {
 public:
  explicit Recording(std::string address) : address_(std::move(address)) {}
  void sent(BytesView bytes) { add(sent_, bytes); }
  void received(BytesView bytes) { add(received_, bytes); }

  const std::string& address() const { return address_; }  // that was dialed
  bool contains(BytesView what) const {
    const std::lock_guard lock(mutex_);
    const std::string_view text = as_text(what);
    return sent_.find(text) != std::string::npos || received_.find(text) != std::string::npos;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return sent_.size() + received_.size();
  }

 private:
  void add(std::string& to, BytesView bytes) {
    const std::lock_guard lock(mutex_);
    to += as_text(bytes);
  }

  const std::string address_;
  mutable std::mutex mutex_;
  std::string sent_;
  std::string received_;
};

class RecordingNetwork final : public transport::MemoryNetwork {
 public:
  // One of each stream that was dialed, in that order.
  std::vector<std::shared_ptr<const Recording>> recordings() const {
    const std::lock_guard lock(mutex_);
    return {recordings_.begin(), recordings_.end()};
  }
  // How many of the streams to this address have carried it.
  std::size_t count(std::string_view address, BytesView what) const {
    std::size_t n = 0;
    for (const auto& each : recordings()) n += each->address() == address && each->contains(what) ? 1 : 0;
    return n;
  }

  std::pair<std::shared_ptr<transport::Stream>, std::shared_ptr<transport::Stream>> connect(
      std::shared_ptr<transport::Loop> a, std::shared_ptr<transport::Loop> b) override {
    return inner_->connect(std::move(a), std::move(b));
  }
  void swallow(std::string address) override { inner_->swallow(std::move(address)); }
  std::shared_ptr<transport::Dialing> dial(const std::shared_ptr<transport::Loop>& loop, const std::string& protocol,
                                           const std::string& address, transport::DialOptions options,
                                           transport::DialDone done) override {
    auto recording = std::make_shared<Recording>(address);
    return inner_->dial(loop, protocol, address, options,
                        [this, recording, done = std::move(done)](Result<std::shared_ptr<transport::Stream>> stream) {
                          if (!stream) return done(stream.error());
                          {
                            const std::lock_guard lock(mutex_);
                            recordings_.push_back(recording);
                          }
                          done(std::shared_ptr<transport::Stream>(std::make_shared<Tapped>(*stream, recording)));
                        });
  }
  Result<std::shared_ptr<transport::Listener>> listen(const std::shared_ptr<transport::Loop>& loop,
                                                      const std::string& protocol, const std::string& address,
                                                      transport::ListenEvents events) override {
    return inner_->listen(loop, protocol, address, std::move(events));
  }

 private:
  class Tapped final : public transport::Stream {
   public:
    Tapped(std::shared_ptr<Stream> inner, std::shared_ptr<Recording> recording)
        : inner_(std::move(inner)), recording_(std::move(recording)) {}
    void read_some(std::span<std::uint8_t> into, ReadDone done) override {
      inner_->read_some(into, [recording = recording_, into, done = std::move(done)](Result<std::size_t> n) {
        recording->received(into.first(n.value_or(0)));
        done(std::move(n));
      });
    }
    void peek(PeekDone done) override { inner_->peek(std::move(done)); }
    Result<std::size_t> try_write(std::span<const BytesView> slices) override {
      auto n = inner_->try_write(slices);
      std::size_t left = n.value_or(0);
      for (const BytesView slice : slices) {
        const std::size_t size = std::min(left, slice.size());
        recording_->sent(slice.first(size));
        left -= size;
      }
      return n;
    }
    void when_writable(std::function<void()> done) override { inner_->when_writable(std::move(done)); }
    void shut_down_writes() override { inner_->shut_down_writes(); }
    void close() override { inner_->close(); }
    void abort() override { inner_->abort(); }
    const std::shared_ptr<transport::Loop>& loop() const override { return inner_->loop(); }
    const std::string& protocol() const override { return inner_->protocol(); }
    const std::string& local_address() const override { return inner_->local_address(); }
    const std::string& remote_address() const override { return inner_->remote_address(); }

   private:
    const std::shared_ptr<Stream> inner_;  // shared with its own handlers only
    const std::shared_ptr<Recording> recording_;
  };

  const std::shared_ptr<transport::MemoryNetwork> inner_ = transport::MemoryNetwork::make();
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Recording>> recordings_;
};

}  // namespace nb::conn::testing
