// Signatures, of descriptors and as every server answers them.
#include <nb/rpc/signature.h>

#include <doctest/doctest.h>

#include <nb/base/verror.h>
#include <nb/rpc/client.h>

#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

// Says of itself what only it knows.
struct Gateway final : testing::Calc, HasSignature {
  Result<std::vector<InterfaceSignature>> signature(ServerCall& call) override {
    if (call.suffix() == "odd/shy") return verror::BadState("nothing behind it");
    MethodSignature method;
    method.Name = "Forward";
    return std::vector<InterfaceSignature>{InterfaceSignature("Behind", "far/away", "", {}, {method})};
  }
};

struct Places final : Dispatcher {
  Result<Dispatched> lookup(const Context&, std::string_view suffix) override {
    if (suffix.empty()) return Dispatched(calc);
    if (suffix.starts_with("odd")) return Dispatched(gateway);
    if (suffix == "broken") return verror::BadState("broken");
    return Dispatched();
  }
  std::shared_ptr<testing::Calc> calc = std::make_shared<testing::Calc>();
  std::shared_ptr<Gateway> gateway = std::make_shared<Gateway>();
};

// What is at names that begin with "__".
struct Reserved final : Dispatcher {
  Result<Dispatched> lookup(const Context&, std::string_view suffix) override {
    if (suffix == "__calc") return Dispatched(calc);
    if (suffix == "__open") return Dispatched(calc, allow_everyone());
    return Dispatched();
  }
  std::shared_ptr<testing::Calc> calc = std::make_shared<testing::Calc>();
};

struct Scene {
  explicit Scene(std::shared_ptr<Dispatcher> reserved = nullptr)
      : server(
            server_runtime
                .serve(std::shared_ptr<Dispatcher>(std::make_shared<Places>()),
                       ServerOptions().listen("local", "places").authorizer(allow_everyone()).reserved_names(reserved))
                .value()) {}
  Runtime runtime_of(std::shared_ptr<const Principal> principal) const {
    return Runtime::make(RuntimeOptions().threads(1).principal(std::move(principal)).local_network(network)).value();
  }
  template <class R, class... Args>
  Result<R> call(const Runtime& runtime, const std::string& suffix, std::string_view method, Args... args) {
    return Client(runtime, CallOptions().server_authorizer(allow_everyone()))
        .call<R>(runtime.context().with_timeout(20s), server.name(suffix), method, args...)
        .get();
  }
  Result<std::vector<InterfaceSignature>> signature(const std::string& suffix) {
    return call<std::vector<InterfaceSignature>>(client_runtime, suffix, "__Signature");
  }
  Result<MethodSignature> method(const std::string& suffix, const std::string& name) {
    return call<MethodSignature>(client_runtime, suffix, "__MethodSignature", name);
  }

  LocalNetwork network = LocalNetwork::make();
  std::shared_ptr<const Principal> alice = testing::stranger("alice");
  Runtime server_runtime = runtime_of(alice);
  Runtime client_runtime = runtime_of(testing::blessed_by(alice, "client"));
  Server server;
};

MethodDescriptor method_named(std::string name) {
  MethodDescriptor method;
  method.name = std::move(name);
  return method;
}

std::vector<std::string> names_of(const InterfaceSignature& interface) {
  std::vector<std::string> names;
  for (const auto& each : interface.Methods) names.push_back(each.Name);
  return names;
}

}  // namespace

TEST_CASE("the signature of a descriptor has its methods sorted, and no interface without methods") {
  InterfaceDescriptor own, empty;
  own.name = "Own";
  own.package_path = "p/q";
  own.doc = "// Own is so.";
  own.embeds = {{"Empty", "p/q", "// Empty embeds."}};
  own.methods = {method_named("Zoo"), method_named("Ape")};
  empty.name = "Empty";
  const auto signatures = signatures_of(ServiceDescriptor{{&own, &empty}, {}});
  REQUIRE(signatures.size() == 1);
  CHECK(signatures[0].Name == "Own");
  CHECK(signatures[0].PkgPath == "p/q");
  CHECK(signatures[0].Doc == "// Own is so.");
  REQUIRE(signatures[0].Embeds.size() == 1);
  CHECK(signatures[0].Embeds[0] == ::vdl::signature::Embed("Empty", "p/q", "// Empty embeds."));
  CHECK(names_of(signatures[0]) == std::vector<std::string>{"Ape", "Zoo"});
}

TEST_CASE("signatures are cleaned: one interface of a name, each embed and method once") {
  MethodSignature a, b;
  a.Name = "A";
  b.Name = "B";
  const ::vdl::signature::Embed embed("E", "p", "");
  const auto signatures =
      cleaned_signatures({InterfaceSignature("I", "p", "", {embed}, {b}), InterfaceSignature("J", "p", "", {}, {b}),
                          InterfaceSignature("I", "p", "late", {embed}, {b, a})});
  REQUIRE(signatures.size() == 2);
  CHECK(signatures[0].Doc == "late");
  CHECK(signatures[0].Embeds.size() == 1);
  CHECK(names_of(signatures[0]) == std::vector<std::string>{"A", "B"});
  CHECK(signatures[1].Name == "J");
}

TEST_CASE("__Signature tells the object's interfaces from the generated descriptor, and the reserved one") {
  Scene s;
  const auto signatures = s.signature("").value();
  REQUIRE(signatures.size() == 2);
  const InterfaceSignature& calc = signatures[0];
  CHECK(calc.Name == "Calc");
  CHECK(calc.PkgPath == "calc");
  CHECK(names_of(calc) ==
        std::vector<std::string>{"Add", "Centre", "Count", "Div", "Echo", "Flaky", "Sleep", "Swallow", "Wait"});
  const MethodSignature* const add = find_method(signatures, "Add");
  REQUIRE(add != nullptr);
  REQUIRE(add->InArgs.size() == 2);
  CHECK(add->InArgs[1].Name == "b");
  CHECK(add->InArgs[1].Type == Type::int32());
  CHECK(add->OutArgs.at(0).Name == "sum");
  CHECK(add->Tags == std::vector<Any>{Any("arithmetic")});
  CHECK(!add->InStream);
  const MethodSignature* const centre = find_method(signatures, "Centre");
  REQUIRE(centre != nullptr);
  CHECK(centre->Doc == "// Centre answers each point with the centre of all that came, and ends with their number.");
  REQUIRE((centre->InStream && centre->OutStream));
  CHECK(centre->InStream->Type == Codec<calc::Point>::type());
  const MethodSignature* const count = find_method(signatures, "Count");
  CHECK(!count->InStream);
  CHECK(count->OutStream->Type == Type::int32());

  CHECK(signatures[1].Name == "__Reserved");
  CHECK(signatures[1].PkgPath.empty());
  CHECK(names_of(signatures[1]) == std::vector<std::string>{"__Glob", "__MethodSignature", "__Signature"});
}

TEST_CASE("__MethodSignature describes one method, and the reserved ones by themselves") {
  Scene s;
  CHECK(s.method("", "Add").value() == *find_method(s.signature("").value(), "Add"));
  CHECK(verror::UnknownMethod.matches(s.method("", "Nothing").error()));
  const auto glob = s.method("no/object/here", "__Glob").value();
  CHECK(glob.Name == "Glob");
  CHECK(glob.InArgs.at(0).Name == "pattern");
  CHECK(glob.OutStream->Type == Type::any());
  CHECK(verror::UnknownMethod.matches(s.method("", "__Nothing").error()));
}

TEST_CASE("signatures of names without an object, and of dispatchers that refuse") {
  Scene s;
  CHECK(verror::UnknownSuffix.matches(s.signature("nowhere").error()));
  const Error none = s.method("nowhere", "Add").error();
  CHECK(verror::UnknownMethod.matches(none));
  CHECK(std::string(none.message()).find("__MethodSignature") != std::string::npos);
  CHECK(verror::BadState.matches(s.signature("broken").error()));
  CHECK(verror::BadState.matches(s.method("broken", "Add").error()));
  CHECK(verror::UnknownSuffix.matches(s.signature("__debug").error()));
  CHECK(verror::UnknownMethod.matches(s.method("__debug", "Add").error()));
}

TEST_CASE("an object can say of itself what it offers") {
  Scene s;
  const auto signatures = s.signature("odd").value();
  REQUIRE(signatures.size() == 2);
  CHECK(signatures[0].Name == "Behind");
  CHECK(s.method("odd", "Forward").value().Name == "Forward");
  CHECK(verror::UnknownMethod.matches(s.method("odd", "Add").error()));
  CHECK(verror::BadState.matches(s.signature("odd/shy").error()));
}

TEST_CASE("reserved names have their own dispatcher, and the default rule where it gives none") {
  Scene s(std::make_shared<Reserved>());
  CHECK(s.signature("__calc").value().at(0).Name == "Calc");
  CHECK(s.call<std::int32_t>(s.client_runtime, "__calc", "Add", 1, 2).value() == 3);
  CHECK(verror::UnknownSuffix.matches(s.call<std::int32_t>(s.client_runtime, "__nothing", "Add", 1, 2).error()));
  // The server's own authorizer lets everybody in; that says nothing about what is reserved.
  const Runtime strange = s.runtime_of(testing::stranger("mallory"));
  CHECK(s.call<std::int32_t>(strange, "", "Add", 1, 2).value() == 3);
  CHECK(verror::NoAccess.matches(s.call<std::int32_t>(strange, "__calc", "Add", 1, 2).error()));
  CHECK(s.call<std::int32_t>(strange, "__open", "Add", 1, 2).value() == 3);
}

}  // namespace nb::rpc
