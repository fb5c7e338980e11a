// nb ping
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>

#include "call/calling.h"
#include "call/status.h"
#include "call/verbs.h"
#include "cli/failure.h"
#include "words/lists.h"
#include "words/times.h"

namespace tool {
namespace {

using std::chrono::steady_clock;

struct PingVerb : CallingOptions {
  std::size_t count = 4;
  std::string interval = "1s";
};

std::string in_milliseconds(steady_clock::duration time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f ms", std::chrono::duration<double, std::milli>(time).count());
  return text;
}

nb::Result<int> run_ping(Console& console, const PingVerb& options) {
  const auto interval = parse_duration(options.interval);
  if (!interval) return interval.error();
  if (options.count == 0) return failure("--count 0 asks for nothing");
  auto calling = Calling::make(console, options);
  if (!calling) return calling.error();
  std::vector<steady_clock::duration> times;
  for (std::size_t i = 0; i < options.count; ++i) {
    if (i > 0) std::this_thread::sleep_for(*interval);
    const auto began = steady_clock::now();
    // What every server answers, at names without an object too, and without asking who calls.
    const auto answer = calling->method_signature("__Signature");
    if (!answer) {
      return fail(console, answer.error());
    }
    times.push_back(steady_clock::now() - began);
    if (!console.json) {
      std::cout << i + 1 << ": " << in_milliseconds(times.back()) << (i == 0 ? ", with connecting" : "") << std::endl;
    }
  }
  if (console.json) {
    Json list = Json::array();
    for (const auto& each : times) list.push_back(std::chrono::duration<double, std::milli>(each).count());
    console.answer("", Json{{"milliseconds", std::move(list)}});
  } else if (times.size() > 1) {
    std::sort(times.begin() + 1, times.end());
    std::cout << counted(times.size(), "answer") << "; without the first: least " << in_milliseconds(times[1])
              << ", median " << in_milliseconds(times[1 + (times.size() - 1) / 2]) << ", most "
              << in_milliseconds(times.back()) << "\n";
  }
  return 0;
}

}  // namespace

void add_ping(Verbs& verbs) {
  auto options = std::make_shared<PingVerb>();
  CLI::App& verb = verbs.add("ping", "measure how long a server takes to answer", options, run_ping);
  options->add_to(verb, true);
  verb.add_option("-c,--count", options->count, "how often, 4 times unless this is said")->type_name("COUNT");
  verb.add_option("--interval", options->interval, "the pause between two calls, 1s unless this is said")
      ->type_name("DURATION");
  verb.footer(kStatusHelp);
}

}  // namespace tool
