// The generated clients and servers of package `everything`: they compile, derive and describe as promised. Calls over
// connections are tested with the rpc layer.
#include "everything/everything.rpc.h"

#include <doctest/doctest.h>

namespace {

using namespace everything;

struct Thing final : EverythingServer {
  nb::Reply<std::string> Name(nb::ServerCall&) override { return std::string("thing"); }
  nb::Reply<base::RenamableRenameResults> Rename(nb::ServerCall&, std::string name) override {
    return base::RenamableRenameResults("thing", name);
  }
  nb::Reply<nb::Bytes> Cheap(nb::ServerCall&) override { return nb::Bytes{1}; }
  nb::Reply<void> Nothing(nb::ServerCall&) override { return nb::Result<void>(); }
  nb::Reply<std::int32_t> One(nb::ServerCall&, std::int32_t a) override { return a; }
  nb::Reply<EverythingSeveralResults> Several(nb::ServerCall&, std::string, std::vector<std::string> list,
                                              Node node) override {
    return EverythingSeveralResults(static_cast<std::int32_t>(list.size()), node, {});
  }
  nb::Reply<void> Send(nb::ServerCall&, nb::ServerStream<std::int32_t, void>&) override { return Simple(); }
  nb::Reply<void> Receive(nb::ServerCall&, std::int32_t, nb::ServerStream<void, std::string>&) override {
    return Simple();
  }
  nb::Reply<std::int32_t> Both(nb::ServerCall&, Expr, nb::ServerStream<Expr, Key>&) override { return 1; }
  nb::Reply<EverythingNamesResults> Names(nb::ServerCall&, std::int32_t, std::int32_t, std::int32_t, std::int32_t,
                                          std::int32_t, std::int32_t, std::int32_t) override {
    return EverythingNamesResults(1, 2);
  }
  nb::Reply<nb::Any> EverythingClient_(nb::ServerCall&, nb::Any x, nb::Type, std::optional<nb::Error>) override {
    return x;
  }
};

struct Local final : LocalsServer {
  nb::Reply<LocalsLocalsResults> Locals(nb::ServerCall&, std::int32_t, std::int32_t, std::int32_t, std::int32_t,
                                        std::int32_t, std::int32_t, std::int32_t, std::int32_t, std::int32_t,
                                        std::int32_t, std::string text, std::vector<std::string>) override {
    return LocalsLocalsResults(1, 2, 3, 4, text);
  }
  nb::Reply<Elements> Number(nb::ServerCall&, ::everything::Number number) override { return Elements(number, number); }
  nb::Reply<LocalsObjectResults> Object(nb::ServerCall&, std::optional<nb::Error>) override {
    return LocalsObjectResults({}, W(1));
  }
};

TEST_CASE("parameters may be called like what generated functions use") {
  CHECK(Local().service_descriptor().methods.size() == 3);
}

TEST_CASE("a service lists its own interface first and binds the methods of all") {
  const Thing thing;
  const nb::ServiceDescriptor& service = thing.service_descriptor();
  std::vector<std::string> interfaces;
  for (const auto* interface : service.interfaces) interfaces.push_back(interface->name);
  CHECK(interfaces == std::vector<std::string>{"Everything", "Renamable", "Cheap", "Named"});
  for (const char* name : {"Name", "Rename", "Cheap", "Nothing", "One", "Several", "Send", "Receive", "Both", "Names",
                           "EverythingClient"}) {
    CAPTURE(name);
    CHECK(service.find(name) != nullptr);
    CHECK(service.find_descriptor(name) != nullptr);
  }
  CHECK(service.find("EverythingClient_") == nullptr);
  CHECK(service.methods.size() == 11);
}

TEST_CASE("descriptors tell what VDL says") {
  const nb::InterfaceDescriptor& everything = EverythingDescriptor();
  CHECK(everything.package_path == "everything");
  CHECK(everything.doc == "// Everything has every sort of method.");
  REQUIRE(everything.embeds.size() == 2);
  CHECK(everything.embeds[0].package_path == "base");
  CHECK(everything.embeds[0].doc == "// Renamable lets it be called something else.");
  REQUIRE(everything.methods.size() == 8);
  const nb::MethodDescriptor& both = everything.methods[5];
  CHECK(both.name == "Both");
  CHECK(both.in_args[0].name == "start");
  CHECK(both.in_args[0].type == nb::Codec<Expr>::type());
  CHECK(both.out_args[0].name == "count");
  CHECK(both.in_stream->type == nb::Codec<Expr>::type());
  CHECK(both.out_stream->type == nb::Codec<Key>::type());
  REQUIRE(both.tags.size() == 4);
  CHECK(both.tags[0].as<base::Colour>().value() == base::Colour::Red);
  CHECK(both.tags[3].type() == nb::Codec<Words>::type());
  CHECK(both.file == "everything/interfaces.vdl");
  CHECK(both.line == 16);
  CHECK(!everything.methods[0].in_stream);
  CHECK(everything.methods[0].doc == "// Nothing comes and goes.");
}

TEST_CASE("clients have the methods of what they embed, and become its clients") {
  static_assert(std::is_convertible_v<EverythingClient, base::RenamableClient>);
  static_assert(std::is_convertible_v<EverythingClient, base::NamedClient>);
  static_assert(std::is_convertible_v<EverythingClient, CheapClient>);
  static_assert(!std::is_convertible_v<CheapClient, EverythingClient>);
  static_assert(std::is_copy_constructible_v<EverythingClient>);
  using Rename = decltype(std::declval<EverythingClient>().Rename(nb::Context(), ""));
  static_assert(std::is_same_v<Rename, nb::Call<base::RenamableRenameResults>>);
  using Watch = decltype(std::declval<EverythingClient>().Receive(nb::Context(), 1));
  static_assert(std::is_same_v<Watch, nb::StreamCall<void, std::string, void>>);
}

TEST_CASE("several results are tied in order") {
  EverythingNamesResults results(3, 4);
  auto tied = nb::MultipleResults<EverythingNamesResults>::tie(results);
  CHECK(std::get<0>(tied) == 3);
  CHECK(std::get<1>(tied) == 4);
  CHECK(results.operator_ == 3);
}

}  // namespace
