// ServerStatus: what a server is doing, and how far its names have got (docs/spec/rpc.md 8.2).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nb/base/clock.h>
#include <nb/base/error.h>

namespace nb {

enum class PublishState : std::uint8_t { kUnmounted, kMounting, kMounted, kUnmounting };

// One name, for one of the server's endpoints.
struct PublishedName {
  PublishedName() = default;
  std::string name;
  std::string server;  // the endpoint, as an object name
  std::optional<Clock::Wall> last_mount;
  Error last_mount_error;
  std::chrono::nanoseconds ttl{};
  std::optional<Clock::Wall> last_unmount;
  Error last_unmount_error;
  PublishState last_state = PublishState::kUnmounted;
  PublishState desired_state = PublishState::kMounted;  // or kUnmounted
};

enum class ServerState : std::uint8_t { kReady, kStopping, kStopped };

struct ServerStatus {
  ServerStatus() = default;
  ServerState state = ServerState::kReady;
  bool serves_mount_table = false;
  std::vector<std::string> endpoints;
  std::vector<PublishedName> published;
};

}  // namespace nb
