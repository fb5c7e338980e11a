#include "rpc/own_principal.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include <nb/base/verror.h>
#include <nb/security/credentials.h>

#include "rpc/runtime_core.h"
#include "rpc/testing/vault_service.h"

namespace nb::rpc {
namespace {

using testing::Journal;
using testing::Vault;

// A folder with credentials of alice, gone at the end.
struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nb-rpc-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    parent = pattern;
    path = parent + "/alice";
    const auto alice = create_credentials(path).value();
    alice->set_default_blessings(alice->bless_self("alice").value()).value();
  }
  ~Folder() { std::filesystem::remove_all(parent); }
  std::string parent;
  std::string path;
};

RuntimeOptions options(const LocalNetwork& network) {
  return RuntimeOptions().threads(1).log(std::make_shared<Journal>()).local_network(network);
}

struct Environment {
  explicit Environment(const std::string& folder) { ::setenv("V23_CREDENTIALS", folder.c_str(), 1); }
  ~Environment() { ::unsetenv("V23_CREDENTIALS"); }
};

bool contains(const Error& error, std::string_view part) {
  return error.message().find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("runtimes with the same credentials may call each other") {
  const Folder folder;
  const LocalNetwork network = LocalNetwork::make();
  auto server_runtime = Runtime::make(options(network).credentials(folder.path)).value();
  auto client_runtime = Runtime::make(options(network).credentials(folder.path)).value();
  auto server = server_runtime.serve(std::make_shared<Vault>(), ServerOptions().listen("local", "vault")).value();
  CHECK(server.name().find("alice") != std::string::npos);
  const auto names = vault::VaultClient(client_runtime, server.name()).Names(client_runtime.context()).get();
  REQUIRE_MESSAGE(names, names.error().message());
  CHECK(*names == std::vector<std::string>{"alice"});
}

TEST_CASE("V23_CREDENTIALS names the folder where nothing else is said") {
  const Folder folder;
  const Environment environment(folder.path);
  const auto runtime = Runtime::make(RuntimeOptions().threads(1)).value();
  CHECK(runtime.principal()->store().default_blessings().claimed_names() == std::vector<std::string>{"alice"});
  const auto bob = testing::stranger("bob");
  CHECK(Runtime::make(RuntimeOptions().threads(1).principal(bob)).value().principal() == bob);
}

TEST_CASE("credentials that cannot be used are an error that says where they were to come from") {
  const Folder folder;
  const auto missing = Runtime::make(RuntimeOptions().threads(1).credentials(folder.parent + "/nobody"));
  CHECK(contains(missing.error(), folder.parent + "/nobody"));
  const Environment environment(folder.parent + "/nobody");
  CHECK(contains(Runtime::make(RuntimeOptions().threads(1)).error(), "V23_CREDENTIALS"));
}

TEST_CASE("a key that is encrypted needs its passphrase, and the error says who can take one") {
  const Folder folder;
  const std::string path = folder.parent + "/locked";
  const auto locked =
      create_credentials(path, KeyType::kEcdsa256, CredentialsOptions().passphrase(Passphrase("open sesame")));
  REQUIRE(locked);
  const auto journal = std::make_shared<Journal>();
  const auto refused = Runtime::make(RuntimeOptions().threads(1).log(journal).credentials(path));
  CHECK(contains(refused.error(), "open_credentials()"));
}

TEST_CASE("without credentials a principal is made up, whose name says so") {
  const auto runtime = Runtime::make(RuntimeOptions().threads(1)).value();
  const auto names = runtime.principal()->store().default_blessings().claimed_names();
  REQUIRE(names.size() == 1);
  CHECK(names[0].starts_with("anonymous-"));
  CHECK(names[0].find("-" + std::to_string(::getpid()) + "@") != std::string::npos);
  CHECK(runtime.core()->has_made_up_principal());
}

TEST_CASE("a program alone may call itself without any credentials") {
  const LocalNetwork network = LocalNetwork::make();
  auto runtime = Runtime::make(options(network)).value();
  auto server = runtime.serve(std::make_shared<Vault>(), ServerOptions().listen("local", "vault")).value();
  CHECK(vault::VaultClient(runtime, server.name()).Get(runtime.context()).get());
}

TEST_CASE("programs without credentials do not trust each other, and the errors say what to do") {
  const LocalNetwork network = LocalNetwork::make();
  auto server_runtime = Runtime::make(options(network)).value();
  auto client_runtime = Runtime::make(options(network)).value();
  auto server = server_runtime.serve(std::make_shared<Vault>(), ServerOptions().listen("local", "vault")).value();
  const auto context = client_runtime.context();
  const auto distrust = vault::VaultClient(client_runtime, server.name()).Get(context).get().error();
  CHECK(verror::NotTrusted.matches(distrust));
  CHECK(contains(distrust, "V23_CREDENTIALS"));
  CHECK(contains(distrust, "server_authorizer(nb::allow_everyone())"));
  const auto accepting = CallOptions().server_authorizer(allow_everyone());
  const auto refused = vault::VaultClient(client_runtime, server.name(), accepting).Get(context).get().error();
  CHECK(verror::NoAccess.matches(refused));
  CHECK(contains(refused, "ServerOptions().authorizer(nb::allow_everyone())"));

  auto open =
      server_runtime
          .serve(std::make_shared<Vault>(), ServerOptions().listen("local", "open").authorizer(allow_everyone()))
          .value();
  CHECK(vault::VaultClient(client_runtime, open.name(), accepting).Get(context).get());
}

}  // namespace nb::rpc
