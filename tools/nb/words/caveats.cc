#include "words/caveats.h"

#include <nb/security/discharge.h>
#include <nb/vom/vom.h>

#include "v.io/v23/security/access/access.vdl.h"
#include "words/lists.h"
#include "words/visible.h"

namespace tool {
namespace {

using Json = nlohmann::ordered_json;

struct Description {
  std::string kind;
  std::string text;
  Json parameter;  // null when it is not known
};

// Third-party caveats may have such caveats among their checks, as deep as who makes them likes.
constexpr int kMaxDepth = 8;

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

Description description(const nb::Caveat& caveat, int depth);
Json to_json(const nb::Caveat& caveat, const Description& description);

// Each check is described once, for text and JSON both: twice at each level would be 2^depth in all.
Description of_third_party(const nb::ThirdParty& third, int depth) {
  std::vector<std::string> told;
  if (third.requirements.ReportServer) told.push_back("server");
  if (third.requirements.ReportMethod) told.push_back("method");
  if (third.requirements.ReportArguments) told.push_back("arguments");
  std::vector<std::string> checks;
  Json checks_json = Json::array();
  for (const nb::Caveat& check : third.checks) {
    const Description of_check = description(check, depth + 1);
    checks.push_back(of_check.text);
    checks_json.push_back(to_json(check, of_check));
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

Description description(const nb::Caveat& caveat, int depth) {
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
  if (caveat.Id == v23::security::PublicKeyThirdPartyCaveat().Id && depth == kMaxDepth) {
    return {"third-party", "needs a discharge, under conditions too deep inside each other to show", nullptr};
  }
  if (const auto third = nb::third_party(caveat)) return of_third_party(*third, depth);
  std::string parameter = "a parameter that cannot be read";
  if (const auto value = nb::vom::decode<nb::Any>(caveat.ParamVom)) {
    parameter = visible(value->to_string());
    if (parameter.size() > 200) parameter.replace(200, std::string::npos, "...");
  }
  return {"unknown", "unknown caveat " + hex(caveat.Id) + " with " + parameter, nullptr};
}

Json to_json(const nb::Caveat& caveat, const Description& description) {
  Json json = {{"kind", description.kind}, {"id", hex(caveat.Id)}, {"text", description.text}};
  if (!description.parameter.is_null()) json["parameter"] = description.parameter;
  return json;
}

}  // namespace

std::string describe(const nb::Caveat& caveat) { return description(caveat, 0).text; }

Json caveat_json(const nb::Caveat& caveat) { return to_json(caveat, description(caveat, 0)); }

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
