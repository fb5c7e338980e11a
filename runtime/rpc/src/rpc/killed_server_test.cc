// A server process that is killed in the middle of what it does.
#include <doctest/doctest.h>

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

#include <nb/base/verror.h>

#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

extern char** environ;

namespace nb::rpc {
namespace {

// The program beside this one, running until it is killed or this goes.
class ServerProcess {
 public:
  ServerProcess() {
    std::array<int, 2> input{};
    std::array<int, 2> output{};
    REQUIRE(::pipe(input.data()) == 0);
    REQUIRE(::pipe(output.data()) == 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_addclose(&actions, input[1]);
    ::posix_spawn_file_actions_addclose(&actions, output[0]);
    std::string path = CALC_SERVER;
    std::array<char*, 2> arguments{path.data(), nullptr};
    REQUIRE(::posix_spawn(&process_, path.c_str(), &actions, nullptr, arguments.data(), environ) == 0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(input[0]);
    ::close(output[1]);
    input_ = input[1];
    char byte = 0;
    while (::read(output[0], &byte, 1) == 1 && byte != '\n') name_ += byte;
    ::close(output[0]);
  }
  ~ServerProcess() { kill(); }

  const std::string& name() const { return name_; }
  void kill() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
    ::close(input_);
  }

 private:
  pid_t process_ = 0;
  int input_ = -1;
  std::string name_;
};

}  // namespace

TEST_CASE("a server killed in mid-stream ends every operation promptly, and the next call finds nobody") {
  ServerProcess server;
  REQUIRE(server.name().starts_with("/@6@tcp@"));
  auto runtime = Runtime::make(RuntimeOptions().threads(1).log(std::make_shared<testing::Journal>())).value();
  calc::CalcClient client(runtime, server.name(), CallOptions().server_authorizer(allow_everyone()));
  const auto context = runtime.context().with_timeout(20s);

  auto centre = client.Centre(context);
  CHECK(centre.send(calc::Point(1, 2)).get());
  auto first = centre.recv().get();
  REQUIRE_MESSAGE(first, first.error().message());
  CHECK(*first == calc::Point(1, 2));
  auto item = centre.recv();
  auto waiting = client.Wait(context);
  std::this_thread::sleep_for(50ms);

  const auto began = std::chrono::steady_clock::now();
  server.kill();
  const auto next = item.get();
  CHECK_FALSE(next);
  CHECK_FALSE(next.at_end());
  const Error unary = waiting.get().error();
  const Error stream = centre.finish().get().error();
  CHECK(centre.send(calc::Point(1, 2)).get().error());
  CHECK(std::chrono::steady_clock::now() - began < 5s);

  for (const Error& error : {next.error(), unary, stream}) {
    CHECK_MESSAGE(verror::BadProtocol.matches(error), error.message());
    CHECK(error.message().find("connection lost") != std::string_view::npos);
  }
  const Error after = client.Add(context, 1, 2, CallOptions().no_retry()).get().error();
  CHECK_MESSAGE(verror::NoServers.matches(after), after.message());
}

}  // namespace nb::rpc
