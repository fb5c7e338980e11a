#include "rpc/server_proxies.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include <nb/base/verror.h>

#include "naming/names.h"

namespace nb::rpc {

namespace {

constexpr std::chrono::seconds kFirstAnswers(10);

struct Waiting {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t left = 0;
};

}  // namespace

Result<naming::Endpoint> proxy_endpoint(const std::string& name) {
  const auto split = naming::split_address_name(name.starts_with('/') ? name : "/" + name);
  if (split.address.empty() || !split.suffix.empty()) {
    return verror::BadArg("`" + name +
                          "` is no name of a proxy: that is an endpoint or an address, and nothing below it");
  }
  return naming::parse_endpoint(split.address);
}

void listen_by_proxies(conn::Manager& manager, const ServerOptions& options, conn::Proxied as) {
  const auto waiting = std::make_shared<Waiting>();
  for (const auto& [name, authorizer] : options.proxies()) {
    auto endpoint = proxy_endpoint(name);
    if (!endpoint) continue;  // start() has refused it
    conn::ProxyListen wish(name, *std::move(endpoint));
    wish.authorizer = authorizer;
    wish.as = as;
    {
      const std::lock_guard lock(waiting->mutex);
      ++waiting->left;
    }
    manager.proxy_listen(wish, [waiting](const Result<void>&) {
      const std::lock_guard lock(waiting->mutex);
      --waiting->left;
      waiting->changed.notify_all();
    });
  }
  if (manager.event_loop()->is_loop_thread()) return;
  std::unique_lock lock(waiting->mutex);
  waiting->changed.wait_for(lock, kFirstAnswers, [&] { return waiting->left == 0; });
}

}  // namespace nb::rpc
