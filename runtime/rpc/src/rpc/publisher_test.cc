// A publisher that the test's clock moves, and tables that answer when the test likes.
#include "rpc/publisher.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include <nb/base/verror.h>

#include "rpc/testing/scripted_table.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::eventually;
using testing::ScriptedTable;
using testing::TableScene;

struct Scene {
  Scene() : tables(clock), other_server(tables.serve(other, "other", true)) {}
  ~Scene() {
    tables.table->release();
    other->release();
    stop();
  }
  std::shared_ptr<Publisher> publisher() {
    if (made == nullptr) made = std::make_shared<Publisher>(tables.client_runtime->core(), false, false);
    return made;
  }
  void stop() {
    if (made == nullptr) return;
    std::atomic<int> stopped = 0;
    made->stop([&] { ++stopped; });
    made->stop([&] { ++stopped; });
    CHECK(eventually([&] { return stopped == 2; }));
    made = nullptr;
  }
  std::size_t mounts() const { return tables.table->times("Mount"); }
  std::size_t unmounts() const { return tables.table->times("Unmount"); }
  bool mounted(std::size_t times) const {
    return eventually([&] { return mounts() == times; });
  }
  bool settled() {
    return eventually([&] {
      const auto all = publisher()->status();
      return std::ranges::all_of(all, [](const PublishedName& each) { return each.last_mount.has_value(); });
    });
  }

  std::shared_ptr<HandClock> clock = std::make_shared<HandClock>();
  TableScene tables;
  std::shared_ptr<ScriptedTable> other = std::make_shared<ScriptedTable>();
  Server other_server;
  std::shared_ptr<Publisher> made;
};

}  // namespace

TEST_CASE("names are mounted at once, and again every minute for as long as they are wanted") {
  Scene s;
  s.publisher()->set_servers({"/h:1"});
  s.publisher()->add_name("a");
  REQUIRE(s.mounted(1));
  REQUIRE(s.settled());
  for (std::size_t minute = 1; minute <= 3; ++minute) {
    s.clock->advance(59s);
    CHECK(s.mounts() == minute);
    const auto before = s.publisher()->status().front().last_mount;
    s.clock->advance(1s);
    REQUIRE(s.mounted(minute + 1));
    REQUIRE(eventually([&] { return s.publisher()->status().front().last_mount != before; }));
  }
  CHECK(s.publisher()->status().front().last_state == PublishState::kMounted);
  s.publisher()->remove_name("a");
  REQUIRE(eventually([&] { return s.unmounts() == 1 && s.publisher()->status().empty(); }));
  s.clock->advance(10min);
  CHECK(s.mounts() == 4);
}

TEST_CASE("a minute that ends while a table is being told does not end the refreshing") {
  Scene s;
  s.publisher()->set_servers({"/h:1"});
  // Two tables on the way, which take half a minute each, and the mount as long.
  s.tables.answer(testing::entry({s.tables.table_server.name()}, "b", true));
  s.tables.answer(naming::kNameDoesntExist("b"));
  s.tables.table->hold();
  s.publisher()->add_name("a/b");
  REQUIRE(eventually([&] { return s.tables.times_asked() == 1; }));
  s.clock->advance(29s);
  s.tables.table->let_through();
  REQUIRE(eventually([&] { return s.tables.times_asked() == 2; }));
  s.clock->advance(29s);
  s.tables.table->let_through();
  REQUIRE(s.mounted(1));
  s.clock->advance(5s);
  CHECK_FALSE(s.publisher()->status().front().last_mount);
  s.tables.table->release();
  REQUIRE(s.settled());
  for (std::size_t minute = 1; minute <= 3; ++minute) {
    const auto before = s.publisher()->status().front().last_mount;
    s.clock->advance(60s);
    REQUIRE(eventually([&] { return s.publisher()->status().front().last_mount != before; }));
  }
}

TEST_CASE("a table that does not answer keeps no other one from hearing of the server") {
  Scene s;
  s.publisher()->set_servers({"/h:1"});
  s.tables.table->hold();
  for (int i = 0; i < 20; ++i) s.publisher()->add_name(s.tables.table_server.name("dead" + std::to_string(i)));
  s.publisher()->add_name(s.other_server.name("z"));
  // The first ones are given up when their half minutes are over; then it is the turn of those that have waited.
  const bool heard = eventually([&] {
    s.clock->advance(1s);
    return s.other->times("Mount") > 0;
  });
  CHECK(heard);
  s.tables.table->release();
}

TEST_CASE("a name that comes and goes while a table is being told ends as it was wished last") {
  Scene s;
  s.publisher()->set_servers({"/h:1"});
  const auto told = [&](std::string_view method, std::size_t times) {
    return eventually([&] { return s.tables.table->times(method) == times; });
  };
  s.publisher()->add_name("a");
  REQUIRE(s.mounted(1));
  REQUIRE(s.settled());

  s.tables.table->hold();
  s.publisher()->remove_name("a");
  REQUIRE(eventually([&] { return s.tables.times_asked() == 2; }));
  s.publisher()->add_name("a");
  s.publisher()->remove_name("a");
  s.publisher()->add_name("a");
  s.tables.table->release();
  REQUIRE(told("Unmount", 1));
  REQUIRE(s.mounted(2));
  REQUIRE(eventually([&] {
    const auto all = s.publisher()->status();
    return all.size() == 1 && all.front().last_state == PublishState::kMounted;
  }));

  s.tables.table->hold();
  s.clock->advance(60s);
  REQUIRE(eventually([&] { return s.tables.times_asked() == 4; }));
  s.publisher()->remove_name("a");
  s.publisher()->add_name("a");
  s.publisher()->remove_name("a");
  s.tables.table->release();
  REQUIRE(told("Unmount", 2));
  REQUIRE(eventually([&] { return s.publisher()->status().empty(); }));
  CHECK(s.mounts() == 3);
}

TEST_CASE("a publisher that stops unmounts everything once, whatever was going on, and tells all who wait") {
  Scene s;
  s.publisher()->set_servers({"/h:1", "/h:2"});
  s.publisher()->add_name("a");
  s.publisher()->add_name("b");
  REQUIRE(s.mounted(4));
  REQUIRE(s.settled());
  s.tables.table->hold();
  s.clock->advance(60s);
  REQUIRE(eventually([&] { return s.tables.times_asked() >= 8; }));
  std::atomic<bool> stopped = false;
  auto publisher = s.publisher();
  publisher->stop([&] { stopped = true; });
  CHECK_FALSE(stopped);
  s.tables.table->release();
  CHECK(eventually([&] { return stopped.load(); }));
  CHECK(s.unmounts() == 4);
  CHECK(publisher->status().empty());
  publisher->add_name("c");
  CHECK(publisher->status().empty());
}

TEST_CASE("publishers that are stopped at the very moment when their work ends tell it all the same") {
  Scene s;
  for (int i = 0; i < 200; ++i) {
    const auto publisher = std::make_shared<Publisher>(s.tables.client_runtime->core(), false, false);
    publisher->set_servers({"/h:1"});
    publisher->add_name("a");
    if (i % 2 == 0) publisher->remove_name("a");
    std::atomic<bool> stopped = false;
    publisher->stop([&] { stopped = true; });
    REQUIRE(eventually([&] { return stopped.load(); }));
  }
}

}  // namespace nb::rpc
