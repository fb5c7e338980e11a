// __Glob, as every server answers it; signatures are in signature_test.cc.
#include "rpc/reserved_methods.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <set>

#include <nb/base/verror.h>
#include <nb/rpc/client.h>
#include <nb/rpc/glob.h>

#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::blessed_by;
using testing::stranger;
using v23::naming::GlobReply;

struct Folder final : testing::Calc, HasChildren {
  explicit Folder(std::vector<std::string> names_) : names(std::move(names_)) {}
  Result<std::vector<std::string>> children(ServerCall&) override { return names; }
  std::vector<std::string> names;
};

struct Lister final : testing::Calc, ListsEverything {
  Task<Result<void>> glob(ServerCall& call, std::string pattern, GlobReplies& replies) override {
    GlobReply reply =
        GlobReply::Entry(v23::naming::MountEntry("[" + call.suffix() + " " + pattern + "]", {}, false, false));
    auto told = replies.send(std::move(reply));
    if (auto sent = co_await std::move(told); !sent) co_return sent.error();
    co_return verror::BadState("tired");
  }
};

struct Tree final : Dispatcher {
  Result<Dispatched> lookup(const Context&, std::string_view suffix) override {
    if (suffix.starts_with("endless")) return Dispatched(endless);
    const auto found = objects.find(std::string(suffix));
    return found == objects.end() ? Dispatched() : found->second;
  }
  std::map<std::string, Dispatched> objects;
  std::shared_ptr<Folder> endless = std::make_shared<Folder>(std::vector<std::string>{"x"});
};

struct Scene {
  Scene() {
    const auto folder = [](std::vector<std::string> names) {
      return Dispatched(std::make_shared<Folder>(std::move(names)));
    };
    tree->objects[""] = folder({"a", "b", "secret", "gone", "lister"});
    tree->objects["a"] = folder({"a1", "a2"});
    tree->objects["a/a1"] = Dispatched(std::make_shared<testing::Calc>());
    tree->objects["a/a2"] = Dispatched(std::make_shared<testing::Calc>());
    tree->objects["b"] = Dispatched(std::make_shared<testing::Calc>());
    tree->objects["lister"] = Dispatched(std::make_shared<Lister>());
    tree->objects["secret"] = Dispatched(
        std::make_shared<testing::Calc>(),
        authorizer([](const Context&, const SecurityCall&) { return Result<void>(verror::NoAccess("secret")); }));
    server = server_runtime.serve(std::shared_ptr<Dispatcher>(tree), ServerOptions().listen("local", "tree")).value();
  }
  Runtime runtime_of(std::shared_ptr<const Principal> principal) const {
    return Runtime::make(RuntimeOptions().threads(1).principal(std::move(principal)).local_network(network)).value();
  }
  std::multiset<std::string> glob(const std::string& suffix, const std::string& pattern) {
    auto call = Client(client_runtime)
                    .object(server.name(suffix))
                    .stream<void, GlobReply, void>(client_runtime.context().with_timeout(20s), CallOptions(), "__Glob",
                                                   pattern);
    std::multiset<std::string> found;
    for (const GlobReply& reply : call.items()) {
      reply.visit(
          [&](const GlobReply::Entry& each) { found.insert(each.value.Name + (each.value.IsLeaf ? " leaf" : "")); },
          [&](const GlobReply::Error& each) {
            const std::string id(each.value.Error->id());
            found.insert(each.value.Name + " " + id.substr(id.rfind('.') + 1));
          });
    }
    if (auto ended = call.finish().get(); !ended) found.insert("! " + std::string(ended.error().id()));
    return found;
  }

  LocalNetwork network = LocalNetwork::make();
  std::shared_ptr<const Principal> alice = stranger("alice");
  std::shared_ptr<Tree> tree = std::make_shared<Tree>();
  Runtime server_runtime = runtime_of(alice);
  Runtime client_runtime = runtime_of(blessed_by(alice, "client"));
  Server server;
};

using Names = std::multiset<std::string>;

}  // namespace

TEST_CASE("__Glob finds the objects whose names match, and says what it could not look at") {
  Scene s;
  CHECK(s.glob("", "*") ==
        Names{"a", "b leaf", "gone NoExist", "lister/[lister ]", "lister Internal", " GlobMatchesOmitted"});
  CHECK(s.glob("", "a/*") == Names{"a/a1 leaf", "a/a2 leaf"});
  CHECK(s.glob("a", "a[2-9]") == Names{"a2 leaf"});
  CHECK(s.glob("a", "...") == Names{"", "a1 leaf", "a2 leaf"});
  CHECK(s.glob("", "") == Names{""});
  CHECK(s.glob("b", "") == Names{" leaf"});
  CHECK(s.glob("", "b/x") == Names{"b GlobNotImplemented"});
  CHECK(s.glob("nowhere", "*") == Names{" NoExist"});
}

TEST_CASE("an object that lists everything gets the rest of the pattern, and its names the object's before them") {
  Scene s;
  CHECK(s.glob("", "lister/x/...") == Names{"lister/[lister x/...]", "lister Internal"});
}

TEST_CASE("a recursive pattern ends after ten objects, and a bad one or a reserved name at once") {
  Scene s;
  auto names = s.glob("endless", "...");
  CHECK(names.size() == 12);
  CHECK(names.contains("x/x/x/x/x/x/x/x/x/x/x GlobMaxRecursionReached"));
  CHECK(s.glob("", "a//b") == Names{"! v.io/v23/verror.BadArg"});
  CHECK(s.glob("", "__debug") == Names{"! v.io/v23/rpc/reserved.GlobNotImplemented"});
  CHECK(s.glob("__debug", "*") == Names{"! v.io/v23/rpc/reserved.GlobNotImplemented"});
}

TEST_CASE("names of children that are none are told in the place of the object that has them") {
  Scene s;
  s.tree->objects["a"] = Dispatched(std::make_shared<Folder>(std::vector<std::string>{"a1", "x/y", "", "a2"}));
  CHECK(s.glob("a", "*") == Names{"a1 leaf", "a2 leaf", " Internal"});
  CHECK(s.glob("", "a/*") == Names{"a/a1 leaf", "a/a2 leaf", "a Internal"});
}

TEST_CASE("other reserved methods are not there") {
  Scene s;
  const auto called =
      Client(s.client_runtime).call(s.client_runtime.context().with_timeout(20s), s.server.name(), "__Nothing").get();
  CHECK(verror::UnknownMethod.matches(called.error()));
}

}  // namespace nb::rpc
