#include "flow/codec.h"

#include <cstdio>

#include "flow/errors.h"
#include "flow/varuint.h"

namespace nb::flow {
namespace {

template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;

void append_type(Bytes& out, MessageType type) { out.push_back(static_cast<std::uint8_t>(type)); }

void append_rest(Bytes& out, BytesView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void append(Bytes& out, const Setup& setup) {
  append_type(out, MessageType::kSetup);
  append_varuint(out, setup.min_version);
  append_varuint(out, setup.max_version);
  for (const SetupOption& option : setup.options) {
    append_varuint(out, option.code);
    append_block(out, option.value);
  }
}

void append(Bytes& out, const Auth& auth) {
  append_type(out, std::visit(Overload{[](const EcdsaSignature&) { return MessageType::kAuth; },
                                       [](const Ed25519Signature&) { return MessageType::kAuthEd25519; },
                                       [](const RsaSignature&) { return MessageType::kAuthRsa; }},
                              auth.signature));
  append_varuint(out, auth.blessings_key);
  append_varuint(out, auth.discharges_key);
  append_block(out, auth.purpose);
  append_block(out, as_bytes(auth.hash));
  std::visit(Overload{[&](const EcdsaSignature& signature) {
                        append_block(out, signature.r);
                        append_block(out, signature.s);
                      },
                      [&](const Ed25519Signature& signature) { append_block(out, signature.bytes); },
                      [&](const RsaSignature& signature) { append_block(out, signature.bytes); }},
             auth.signature);
}

void append(Bytes& out, const Release& release) {
  append_type(out, MessageType::kRelease);
  for (const Counter& counter : release.counters) {
    append_varuint(out, counter.id);
    append_varuint(out, counter.tokens);
  }
}

void append(Bytes& out, const ProxyResponse& response) {
  append_type(out, MessageType::kProxyResponse);
  for (const std::string& endpoint : response.endpoints) append_block(out, as_bytes(endpoint));
}

// Reads the fields of one message. After the first failure everything reads as zero and error() tells of that failure.
class Reader {
 public:
  Reader(std::string_view message, BytesView bytes) : message_(message), rest_(bytes) {}

  bool at_end() const { return rest_.empty() || failed_ != nullptr; }
  std::uint64_t number(const char* field) {
    const auto value = take_varuint(rest_);
    if (!value) fail(field);
    return value.value_or(0);
  }
  Bytes block(const char* field) { return to_bytes(view(field)); }
  std::string text(const char* field) { return std::string(as_text(view(field))); }
  Bytes rest() { return to_bytes(take_rest()); }
  std::string rest_text() { return std::string(as_text(take_rest())); }

  Result<Message> finish(Message message) {
    if (failed_ == nullptr) return message;
    return kAborted(std::string(message_) + " message: bad " + failed_);
  }

 private:
  static Bytes to_bytes(BytesView view) { return Bytes(view.begin(), view.end()); }
  void fail(const char* field) {
    if (failed_ == nullptr) failed_ = field;
    rest_ = {};
  }
  BytesView view(const char* field) {
    const auto bytes = take_block(rest_);
    if (!bytes) fail(field);
    return bytes.value_or(BytesView{});
  }
  BytesView take_rest() {
    const BytesView all = rest_;
    rest_ = {};
    return all;
  }

  std::string_view message_;
  BytesView rest_;
  const char* failed_ = nullptr;
};

Result<Message> decode_setup(BytesView body) {
  Reader in("Setup", body);
  Setup setup;
  setup.min_version = in.number("lowest version");
  setup.max_version = in.number("highest version");
  while (!in.at_end()) {
    SetupOption& option = setup.options.emplace_back();
    option.code = in.number("option code");
    option.value = in.block("option value");
  }
  return in.finish(std::move(setup));
}

Result<Message> decode_auth(MessageType type, BytesView body) {
  Reader in("Auth", body);
  Auth auth;
  auth.blessings_key = in.number("blessings key");
  auth.discharges_key = in.number("discharges key");
  auth.purpose = in.block("purpose");
  auth.hash = in.text("hash name");
  if (type == MessageType::kAuth) {
    EcdsaSignature signature;
    signature.r = in.block("signature");
    signature.s = in.block("signature");
    auth.signature = std::move(signature);
  } else if (type == MessageType::kAuthEd25519) {
    auth.signature = Ed25519Signature{in.block("signature")};
  } else {
    auth.signature = RsaSignature{in.block("signature")};
  }
  return in.finish(std::move(auth));
}

Result<Message> decode_open_flow(BytesView body) {
  Reader in("OpenFlow", body);
  OpenFlow open;
  open.id = in.number("flow id");
  open.initial_counters = in.number("initial counters");
  open.blessings_key = in.number("blessings key");
  open.discharges_key = in.number("discharges key");
  open.flags = in.number("flags");
  open.payload = in.rest();
  return in.finish(std::move(open));
}

Result<Message> decode_data(BytesView body) {
  Reader in("Data", body);
  Data data;
  data.id = in.number("flow id");
  data.flags = in.number("flags");
  data.payload = in.rest();
  return in.finish(std::move(data));
}

Result<Message> decode_release(BytesView body) {
  Reader in("Release", body);
  Release release;
  while (!in.at_end()) {
    Counter& counter = release.counters.emplace_back();
    counter.id = in.number("flow id");
    counter.tokens = in.number("tokens");
  }
  return in.finish(std::move(release));
}

Result<Message> decode_proxy_response(BytesView body) {
  Reader in("ProxyResponse", body);
  ProxyResponse response;
  while (!in.at_end()) response.endpoints.push_back(in.text("endpoint"));
  return in.finish(std::move(response));
}

Error unknown_type(std::uint8_t type) {
  char hex[8];
  std::snprintf(hex, sizeof hex, "0x%02x", type);
  return kAborted(std::string("message of unknown type ") + hex);
}

}  // namespace

void append_head(Bytes& out, const OpenFlow& message) {
  append_type(out, MessageType::kOpenFlow);
  append_varuint(out, message.id);
  append_varuint(out, message.initial_counters);
  append_varuint(out, message.blessings_key);
  append_varuint(out, message.discharges_key);
  append_varuint(out, message.flags);
}

void append_head(Bytes& out, const Data& message) {
  append_type(out, MessageType::kData);
  append_varuint(out, message.id);
  append_varuint(out, message.flags);
}

void append_message(Bytes& out, const Message& message) {
  std::visit(Overload{
                 [&](const Setup& m) { append(out, m); },
                 [&](const TearDown& m) {
                   append_type(out, MessageType::kTearDown);
                   append_rest(out, as_bytes(m.text));
                 },
                 [&](const EnterLameDuck&) { append_type(out, MessageType::kEnterLameDuck); },
                 [&](const AckLameDuck&) { append_type(out, MessageType::kAckLameDuck); },
                 [&](const Auth& m) { append(out, m); },
                 [&](const OpenFlow& m) {
                   append_head(out, m);
                   append_rest(out, m.payload);
                 },
                 [&](const Release& m) { append(out, m); },
                 [&](const Data& m) {
                   append_head(out, m);
                   append_rest(out, m.payload);
                 },
                 [&](const MultiProxyRequest&) { append_type(out, MessageType::kMultiProxyRequest); },
                 [&](const ProxyServerRequest&) { append_type(out, MessageType::kProxyServerRequest); },
                 [&](const ProxyResponse& m) { append(out, m); },
                 [&](const HealthCheckRequest&) { append_type(out, MessageType::kHealthCheckRequest); },
                 [&](const HealthCheckResponse&) { append_type(out, MessageType::kHealthCheckResponse); },
                 [&](const ProxyErrorResponse& m) {
                   append_type(out, MessageType::kProxyErrorResponse);
                   append_rest(out, as_bytes(m.text));
                 },
             },
             message);
}

Bytes encode(const Message& message) {
  Bytes out;
  append_message(out, message);
  return out;
}

Result<Message> decode(BytesView bytes) {
  if (bytes.empty()) return kAborted("empty message");
  const auto type = static_cast<MessageType>(bytes.front());
  const BytesView body = bytes.subspan(1);
  switch (type) {
    case MessageType::kSetup:
      return decode_setup(body);
    case MessageType::kTearDown:
      return Message(TearDown{std::string(as_text(body))});
    case MessageType::kEnterLameDuck:
      return Message(EnterLameDuck{});
    case MessageType::kAckLameDuck:
      return Message(AckLameDuck{});
    case MessageType::kAuth:
    case MessageType::kAuthEd25519:
    case MessageType::kAuthRsa:
      return decode_auth(type, body);
    case MessageType::kOpenFlow:
      return decode_open_flow(body);
    case MessageType::kRelease:
      return decode_release(body);
    case MessageType::kData:
      return decode_data(body);
    case MessageType::kMultiProxyRequest:
      return Message(MultiProxyRequest{});
    case MessageType::kProxyServerRequest:
      return Message(ProxyServerRequest{});
    case MessageType::kProxyResponse:
      return decode_proxy_response(body);
    case MessageType::kHealthCheckRequest:
      return Message(HealthCheckRequest{});
    case MessageType::kHealthCheckResponse:
      return Message(HealthCheckResponse{});
    case MessageType::kProxyErrorResponse:
      return Message(ProxyErrorResponse{std::string(as_text(body))});
  }
  return unknown_type(bytes.front());
}

}  // namespace nb::flow
