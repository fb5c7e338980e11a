// The messages of the flow protocol as values (docs/spec/flow-protocol.md 5). codec.h turns them into bytes.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <nb/base/bytes.h>

#include "flow/event.h"

namespace nb::flow {

// The first byte of a message.
enum class MessageType : std::uint8_t {
  kSetup = 0x7e,
  kTearDown = 0x7d,
  kEnterLameDuck = 0x7c,
  kAckLameDuck = 0x7b,
  kAuth = 0x7a,  // signed with ECDSA, or not signed
  kOpenFlow = 0x79,
  kRelease = 0x78,
  kData = 0x77,
  kMultiProxyRequest = 0x76,
  kProxyServerRequest = 0x75,
  kProxyResponse = 0x74,
  kHealthCheckRequest = 0x73,
  kHealthCheckResponse = 0x72,
  kProxyErrorResponse = 0x71,
  kAuthEd25519 = 0x70,
  kAuthRsa = 0x6f,
};

// Bits of OpenFlow::flags and Data::flags; others are ignored and kept.
inline constexpr std::uint64_t kClose = 1;              // the sender closes the flow after this payload
inline constexpr std::uint64_t kDisableEncryption = 2;  // the payload is the next frame, in the clear
inline constexpr std::uint64_t kSideChannel = 4;        // OpenFlow: the flow does not count for idleness

// Codes of Setup options.
enum class SetupCode : std::uint64_t {
  kKey = 1,             // 32 bytes, X25519
  kRemoteEndpoint = 2,  // whom the sender thinks it talks to
  kLocalEndpoint = 3,   // the sender's own
  kMtu = 4,
  kSharedTokens = 5,
  kSuites = 26467,  // ours: suite numbers, best first
};

// Options in the order of the wire; codes nobody knows are kept, since the channel binding covers them.
struct SetupOption {
  std::uint64_t code = 0;
  Bytes value;
  friend bool operator==(const SetupOption&, const SetupOption&) = default;
};

struct Setup {
  std::uint64_t min_version = 0;
  std::uint64_t max_version = 0;
  std::vector<SetupOption> options;
  friend bool operator==(const Setup&, const Setup&) = default;
};

struct TearDown {
  std::string text;  // may be empty, may be no UTF-8
  friend bool operator==(const TearDown&, const TearDown&) = default;
};

struct EnterLameDuck {
  friend bool operator==(const EnterLameDuck&, const EnterLameDuck&) = default;
};
struct AckLameDuck {
  friend bool operator==(const AckLameDuck&, const AckLameDuck&) = default;
};
struct HealthCheckRequest {
  friend bool operator==(const HealthCheckRequest&, const HealthCheckRequest&) = default;
};
struct HealthCheckResponse {
  friend bool operator==(const HealthCheckResponse&, const HealthCheckResponse&) = default;
};
struct MultiProxyRequest {
  friend bool operator==(const MultiProxyRequest&, const MultiProxyRequest&) = default;
};
struct ProxyServerRequest {
  friend bool operator==(const ProxyServerRequest&, const ProxyServerRequest&) = default;
};

// Both empty: the unsigned Auth of a refresh.
struct EcdsaSignature {
  Bytes r;
  Bytes s;
  friend bool operator==(const EcdsaSignature&, const EcdsaSignature&) = default;
};
struct Ed25519Signature {
  Bytes bytes;
  friend bool operator==(const Ed25519Signature&, const Ed25519Signature&) = default;
};
struct RsaSignature {
  Bytes bytes;
  friend bool operator==(const RsaSignature&, const RsaSignature&) = default;
};

struct Auth {
  std::uint64_t blessings_key = 0;
  std::uint64_t discharges_key = 0;
  Bytes purpose;
  std::string hash;
  std::variant<EcdsaSignature, Ed25519Signature, RsaSignature> signature;
  friend bool operator==(const Auth&, const Auth&) = default;
};

struct OpenFlow {
  FlowId id = 0;
  std::uint64_t initial_counters = 0;  // what the other end may send before the first Release
  std::uint64_t blessings_key = 0;
  std::uint64_t discharges_key = 0;
  std::uint64_t flags = 0;
  Bytes payload;
  friend bool operator==(const OpenFlow&, const OpenFlow&) = default;
};

struct Data {
  FlowId id = 0;
  std::uint64_t flags = 0;
  Bytes payload;
  friend bool operator==(const Data&, const Data&) = default;
};

struct Counter {
  FlowId id = 0;
  std::uint64_t tokens = 0;
  friend bool operator==(const Counter&, const Counter&) = default;
};

struct Release {
  std::vector<Counter> counters;
  friend bool operator==(const Release&, const Release&) = default;
};

struct ProxyResponse {
  std::vector<std::string> endpoints;
  friend bool operator==(const ProxyResponse&, const ProxyResponse&) = default;
};

struct ProxyErrorResponse {
  std::string text;
  friend bool operator==(const ProxyErrorResponse&, const ProxyErrorResponse&) = default;
};

using Message =
    std::variant<Setup, TearDown, EnterLameDuck, AckLameDuck, Auth, OpenFlow, Release, Data, MultiProxyRequest,
                 ProxyServerRequest, ProxyResponse, HealthCheckRequest, HealthCheckResponse, ProxyErrorResponse>;

}  // namespace nb::flow
