// What the programs of this folder have in common. Each is one system to compare, in two roles:
//
//   PROGRAM server VARIANT FOLDER            prints "ready ADDRESS"
//   PROGRAM client VARIANT FOLDER ADDRESS    prints "ready"
//
// FOLDER holds keys and certificates, made anew by bench/side_by_side. Then both read a command a line and answer each
// with one line, until their input ends: `usage`, `memory`, and at the client what Client says. bench/side_by_side
// drives them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

using Time = std::chrono::steady_clock::time_point;
inline Time now() { return std::chrono::steady_clock::now(); }

// How long single operations took.
class Latencies {
 public:
  void add(Time began) { nanoseconds_.push_back(static_cast<std::uint64_t>((now() - began).count())); }
  void clear() { nanoseconds_.clear(); }
  // The time that this part of the operations did not exceed; 0 when none was measured.
  std::uint64_t at(double part) {
    if (nanoseconds_.empty()) return 0;
    const auto index = static_cast<std::size_t>(part * static_cast<double>(nanoseconds_.size() - 1));
    std::nth_element(nanoseconds_.begin(), nanoseconds_.begin() + static_cast<std::ptrdiff_t>(index),
                     nanoseconds_.end());
    return nanoseconds_[index];
  }

 private:
  std::vector<std::uint64_t> nanoseconds_;
};

class Unsupported : public std::runtime_error {
 public:
  Unsupported() : std::runtime_error("this peer does not do that") {}
};

// A client. Everything blocks until it is done, and throws when something goes wrong.
class Client {
 public:
  virtual ~Client() = default;

  // Not measured: so many connections with so many flows each, which send back what comes. They stay.
  virtual void open(std::size_t /*connections*/, std::size_t /*flows*/) { throw Unsupported(); }
  // Messages that come back, `in_flight` of them on their way, on all flows of all connections in turn.
  virtual void echo(std::size_t /*count*/, std::size_t /*size*/, std::size_t /*in_flight*/, Latencies&) {
    throw Unsupported();
  }
  // Messages that go one way on one flow, until the server has had all of them.
  virtual void push(std::size_t /*count*/, std::size_t /*size*/) { throw Unsupported(); }
  // The same from the server to us.
  virtual void feed(std::size_t /*count*/, std::size_t /*size*/) { throw Unsupported(); }
  // Calls that give back what they get.
  virtual void call(std::size_t /*count*/, std::size_t /*size*/, std::size_t /*in_flight*/, Latencies&) {
    throw Unsupported();
  }
  // Not measured: whatever open() or connect() needs for so many connections beside these.
  virtual void prepare(std::size_t /*count*/) {}
  // New connections one after the other, each until both ends know each other and the client may use it.
  virtual void connect(std::size_t /*count*/, Latencies&) { throw Unsupported(); }
  // The same, and a first message of a byte each way.
  virtual void connect_and_call(std::size_t /*count*/, Latencies&) { throw Unsupported(); }
};

// One more file for each connection than systems allow by default.
void allow_many_files();

// Answers commands until the input ends.
void run_server(const std::string& address);
void run_client(Client& client);

}  // namespace bench
