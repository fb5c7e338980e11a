#include "words/caveats.h"

#include <nb/security/discharge.h>
#include <nb/vom/vom.h>

#include "v.io/v23/security/access/access.vdl.h"
#include "words/lists.h"

namespace tool {
namespace {

using Json = nlohmann::ordered_json;

struct Description {
  std::string kind;
  std::string text;
  Json parameter;  // null when it is not known
};

// What others wrote must not move the cursor or break the line.
std::string visible(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else {
      out += "\\x" + hex(nb::Bytes{byte});
    }
  }
  return out;
}

template <class Texts>
Json strings(const Texts& texts) {
  Json list = Json::array();
  for (const auto& text : texts) list.push_back(std::string(text));
  return list;
}

template <class T>
bool is(const nb::Caveat& caveat, const v23::security::CaveatDescriptor& descriptor, T& parameter) {
  if (caveat.Id != descriptor.Id) return false;
  auto decoded = nb::vom::decode<T>(caveat.ParamVom);
  if (decoded) parameter = std::move(*decoded);
  return decoded.ok();
}

Description of_third_party(const nb::ThirdParty& third) {
  std::vector<std::string> told;
  if (third.requirements.ReportServer) told.push_back("server");
  if (third.requirements.ReportMethod) told.push_back("method");
  if (third.requirements.ReportArguments) told.push_back("arguments");
  std::vector<std::string> checks;
  Json checks_json = Json::array();
  for (const nb::Caveat& check : third.checks) {
    checks.push_back(describe(check));
    checks_json.push_back(caveat_json(check));
  }
  std::string text = "needs a discharge from " + third.discharger.fingerprint() + " at " + visible(third.location);
  if (!told.empty()) text += ", which is told the " + listed(told, "and", "");
  text += ", and checks: " + listed(checks, "and", "nothing");
  return {"third-party",
          text,
          {{"id", third.id},
           {"location", third.location},
           {"discharger", third.discharger.fingerprint()},
           {"reports", told},
           {"checks", checks_json}}};
}

Description description(const nb::Caveat& caveat) {
  bool holds = false;
  if (is(caveat, v23::security::ConstCaveat(), holds)) {
    return {"const", holds ? "no condition (always holds)" : "never holds", holds};
  }
  nb::Time time;
  if (is(caveat, v23::security::ExpiryCaveat(), time)) {
    return {"expires", "expires at " + time.to_string(), time.to_string()};
  }
  if (is(caveat, v23::security::NotBeforeCaveat(), time)) {
    return {"not-before", "not valid before " + time.to_string(), time.to_string()};
  }
  std::vector<std::string> methods;
  if (is(caveat, v23::security::MethodCaveat(), methods)) {
    return {"method", "method is " + visible(listed(methods, "or", "in an empty list (never holds)")),
            strings(methods)};
  }
  std::vector<nb::BlessingPattern> patterns;
  if (is(caveat, v23::security::PeerBlessingsCaveat(), patterns)) {
    return {"peer", "used only with peers that match " + visible(listed(patterns, "or", "nothing (never holds)")),
            strings(patterns)};
  }
  std::vector<v23::security::access::Tag> tags;
  if (is(caveat, v23::security::access::AccessTagCaveat(), tags)) {
    return {"tag", "method is tagged " + visible(listed(tags, "or", "nothing (never holds)")), strings(tags)};
  }
  if (const auto third = nb::third_party(caveat)) return of_third_party(*third);
  std::string parameter = "a parameter that cannot be read";
  if (const auto value = nb::vom::decode<nb::Any>(caveat.ParamVom)) {
    parameter = visible(value->to_string());
    if (parameter.size() > 200) parameter.replace(200, std::string::npos, "...");
  }
  return {"unknown", "unknown caveat " + hex(caveat.Id) + " with " + parameter, nullptr};
}

}  // namespace

std::string describe(const nb::Caveat& caveat) { return description(caveat).text; }

Json caveat_json(const nb::Caveat& caveat) {
  const Description description = tool::description(caveat);
  Json json = {{"kind", description.kind}, {"id", hex(caveat.Id)}, {"text", description.text}};
  if (!description.parameter.is_null()) json["parameter"] = description.parameter;
  return json;
}

std::string hex(nb::BytesView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace tool
