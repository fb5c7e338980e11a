// Uses a weather station through its three kinds of streams, blocking at every step. (In a coroutine co_await stands
// for .get().)
#include <nb/rpc/client.h>
#include <nb/rpc/runtime.h>

#include <chrono>
#include <iostream>

#include "station/station.rpc.h"

using namespace std::chrono_literals;

namespace {

int failed(const nb::Error& error) {
  std::cerr << error.message() << '\n';
  return 1;
}

// Client to server: send, close, and take the result.
int upload(const station::StationClient& station, const nb::Context& context) {
  auto call = station.Upload(context);
  for (const auto& [sensor, celsius] : {std::pair("roof", 3.5), std::pair("cellar", 11.0), std::pair("oven", 180.0)}) {
    if (auto sent = call.send(station::Reading(sensor, celsius)).get(); !sent) return failed(sent.error());
  }
  auto count = call.finish().get();  // closes our side first
  if (!count) return failed(count.error());
  std::cout << "uploaded " << *count << " readings\n";
  return 0;
}

// Server to client: items() is a range that waits for each item.
int warmest(const station::StationClient& station, const nb::Context& context) {
  auto call = station.Warmest(context, 10.0);
  for (const auto& reading : call.items())
    std::cout << "above 10: " << reading.Sensor << ' ' << reading.Celsius << '\n';
  auto end = call.finish().get();
  return end ? 0 : failed(end.error());
}

// Both ways: each number that is sent brings one back.
int smooth(const station::StationClient& station, const nb::Context& context) {
  auto call = station.Smooth(context);
  for (const double number : {1.0, 2.0, 6.0}) {
    if (auto sent = call.send(number).get(); !sent) return failed(sent.error());
    auto mean = call.recv().get();  // true with an item, false at the end or on failure
    if (!mean) return failed(mean.error());
    std::cout << "mean after " << number << ": " << *mean << '\n';
  }
  if (auto closed = call.close_send().get(); !closed) return failed(closed.error());
  auto end = call.finish().get();
  return end ? 0 : failed(end.error());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "usage: station_client NAME\n", 2;
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(1));
  if (!runtime) return failed(runtime.error());

  const station::StationClient station(*runtime, argv[1]);
  const auto within_10s = runtime->context().with_timeout(10s);
  if (int status = upload(station, within_10s)) return status;
  if (int status = warmest(station, within_10s)) return status;
  return smooth(station, within_10s);
}
