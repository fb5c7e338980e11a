#include "peer.h"

#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

namespace bench {

namespace {

// Of this process, all threads, user and system, in nanoseconds.
std::uint64_t processor_time() {
  rusage usage{};
  (void)getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_usec) * 1000;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// Resident memory of this process, in bytes; what the allocator keeps for later is given back first.
std::uint64_t resident_memory() {
  malloc_trim(0);
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string usage() { return "cpu=" + std::to_string(processor_time()); }
std::string memory() { return "memory=" + std::to_string(resident_memory()); }

std::string measured(const std::function<void()>& run, Latencies& latencies) {
  latencies.clear();
  const std::uint64_t before = processor_time();
  const Time began = now();
  run();
  const auto wall = (now() - began).count();
  return "wall=" + std::to_string(wall) + " cpu=" + std::to_string(processor_time() - before) +
         " p50=" + std::to_string(latencies.at(0.5)) + " p99=" + std::to_string(latencies.at(0.99));
}

std::string answer(Client& client, const std::string& command, std::istream& words) {
  std::size_t count = 0;
  std::size_t size = 0;
  std::size_t in_flight = 0;
  Latencies latencies;
  words >> count >> size >> in_flight;
  if (command == "open") return client.open(count, size), "done";
  if (command == "prepare") return client.prepare(count), "done";
  if (command == "echo") return measured([&] { client.echo(count, size, in_flight, latencies); }, latencies);
  if (command == "push") return measured([&] { client.push(count, size); }, latencies);
  if (command == "feed") return measured([&] { client.feed(count, size); }, latencies);
  if (command == "call") return measured([&] { client.call(count, size, in_flight, latencies); }, latencies);
  if (command.starts_with("connect")) client.prepare(count);
  if (command == "connect") return measured([&] { client.connect(count, latencies); }, latencies);
  if (command == "connect_and_call") return measured([&] { client.connect_and_call(count, latencies); }, latencies);
  throw std::runtime_error("there is no command " + command);
}

void run(const std::string& ready, const std::function<std::string(const std::string&, std::istream&)>& answer) {
  std::cout << ready << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    try {
      std::cout << (command == "usage"    ? usage()
                    : command == "memory" ? memory()
                                          : answer(command, words))
                << std::endl;
    } catch (const Unsupported&) {
      std::cout << "unsupported" << std::endl;
    } catch (const std::exception& error) {
      std::cout << "error " << error.what() << std::endl;
    }
  }
}

}  // namespace

void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

void run_server(const std::string& address) {
  run("ready " + address, [](const std::string& command, std::istream&) -> std::string {
    throw std::runtime_error("there is no command " + command);
  });
}

void run_client(Client& client) {
  run("ready", [&client](const std::string& command, std::istream& words) { return answer(client, command, words); });
}

}  // namespace bench
