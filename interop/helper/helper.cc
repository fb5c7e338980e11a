// Our codecs for programs in other languages: reads a command a line, answers each with a line. Bytes are in
// hexadecimal; an answer that begins with "error: " says what went wrong.
//
//   recode VOM            decodes the value dynamically, encodes it again
//   convert VOM TYPE      decodes, converts to the type (a VOM typeobject), encodes
//   type VOM              the unique string of a typeobject
//   wire-type NAME        the unique string of a type of our own .vdl files
//   wire NAME VOM         decodes into the C++ type of that name, encodes it again
//   fail-id VOM           decodes an error: its id, action and message; then "|" and the error encoded again
//   endpoint TEXT         parses and prints an endpoint
//   message BYTES         decodes and encodes a message of the flow layer
//   end                   leaves
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include <nb/base/error.h>
#include <nb/vdl/codec.h>
#include <nb/vdl/value.h>
#include <nb/vom/vom.h>

#include "flow/codec.h"
#include "naming/endpoint.h"
#include "signature/signature.vdl.h"
#include "v.io/v23/naming/naming.vdl.h"
#include "v.io/v23/rpc/rpc.vdl.h"
#include "v.io/v23/security/access/access.vdl.h"
#include "v.io/v23/security/security.vdl.h"
#include "v.io/v23/vtrace/vtrace.vdl.h"

namespace {

using nb::Bytes;
using nb::Result;

std::string hex(nb::BytesView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Bytes unhex(const std::string& text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::string failed(const nb::Error& error) { return "error: " + std::string(error.message()); }

template <class T>
std::string encoded(const T& value) {
  const auto bytes = nb::vom::encode(value);
  return bytes ? hex(*bytes) : failed(bytes.error());
}

template <class T>
std::string recode(const std::string& vom) {
  const auto value = nb::vom::decode<T>(unhex(vom));
  return value ? encoded(*value) : failed(value.error());
}

std::string convert(const std::string& vom, const std::string& type_vom) {
  const auto type = nb::vom::decode<nb::Type>(unhex(type_vom));
  if (!type) return failed(type.error());
  const auto value = nb::vom::decode<nb::Value>(unhex(vom));
  if (!value) return failed(value.error());
  const auto converted = nb::convert(*value, *type);
  return converted ? encoded(*converted) : failed(converted.error());
}

std::string type_string(const std::string& vom) {
  const auto type = nb::vom::decode<nb::Type>(unhex(vom));
  return type ? type->to_string() : failed(type.error());
}

std::string error_parts(const std::string& vom) {
  const auto error = nb::vom::decode<std::optional<nb::Error>>(unhex(vom));
  if (!error) return failed(error.error());
  if (!*error) return "none|" + encoded(*error);
  return std::string((*error)->id()) + ' ' + std::to_string(static_cast<int>((*error)->action())) + ' ' +
         std::string((*error)->message()) + '|' + encoded(*error);
}

std::string endpoint(const std::string& text) {
  const auto parsed = nb::naming::parse_endpoint(text);
  return parsed ? to_string(*parsed) : failed(parsed.error());
}

std::string message(const std::string& bytes) {
  const auto decoded = nb::flow::decode(unhex(bytes));
  return decoded ? hex(nb::flow::encode(*decoded)) : failed(decoded.error());
}

// What can be done with a type of our .vdl files.
struct WireType {
  std::function<std::string()> type;
  std::function<std::string(const std::string&)> recode;
};

template <class T>
WireType wire_type() {
  return {[] { return nb::Codec<T>::type().to_string(); }, recode<T>};
}

const std::map<std::string, WireType>& wire_types() {
  static const std::map<std::string, WireType> types = {
      {"rpc.Request", wire_type<v23::rpc::Request>()},
      {"rpc.Response", wire_type<v23::rpc::Response>()},
      {"naming.MountEntry", wire_type<v23::naming::MountEntry>()},
      {"naming.GlobReply", wire_type<v23::naming::GlobReply>()},
      {"naming.GlobChildrenReply", wire_type<v23::naming::GlobChildrenReply>()},
      {"security.WireBlessings", wire_type<v23::security::WireBlessings>()},
      {"security.WireDischarge", wire_type<v23::security::WireDischarge>()},
      {"security.DischargeImpetus", wire_type<v23::security::DischargeImpetus>()},
      {"security.CaveatDescriptor", wire_type<v23::security::CaveatDescriptor>()},
      {"security.RejectedBlessing", wire_type<v23::security::RejectedBlessing>()},
      {"access.Permissions", wire_type<v23::security::access::Permissions>()},
      {"vtrace.TraceRecord", wire_type<v23::vtrace::TraceRecord>()},
      {"vtrace.Request", wire_type<v23::vtrace::Request>()},
      {"signature.Interface", wire_type<vdl::signature::Interface>()},
  };
  return types;
}

std::string answer(const std::string& line) {
  std::istringstream words(line);
  std::string command, first, second;
  words >> command >> first >> second;
  if (command == "recode") return recode<nb::Value>(first);
  if (command == "convert") return convert(first, second);
  if (command == "type") return type_string(first);
  if (command == "fail-id") return error_parts(first);
  if (command == "endpoint") return endpoint(line.size() > 9 ? line.substr(9) : "");
  if (command == "message") return message(first);
  const auto wire = wire_types().find(first);
  if (wire == wire_types().end()) return "error: unknown command or type: " + line;
  return command == "wire-type" ? wire->second.type() : wire->second.recode(second);
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line) && line != "end";) std::cout << answer(line) << std::endl;
  return 0;
}
