#include "cli/caveat_text.h"

#include <array>

#include <nb/security/access.h>

#include "cli/failure.h"
#include "cli/inputs.h"
#include "words/lists.h"
#include "words/times.h"

namespace tool {

const char* const kCaveatHelp =
    "a condition, repeatable, all must hold:\n"
    "method=Get,Put  expires=TIME  not-before=TIME  peer=PATTERN,PATTERN  tag=Read,Write  const=true|false\n"
    "third-party=LOCATION,KEY[,server][,method][,arguments]";

namespace {

nb::Result<nb::Caveat> third_party_of(const Console& console, const std::vector<std::string>& words) {
  if (words.size() < 2) {
    return failure("third-party wants the object name of the discharger and its key: third-party=LOCATION,KEY");
  }
  auto key = read_key(console, words[1]);
  if (!key) return key.error();
  nb::DischargeRequirements requirements;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "server") {
      requirements.server = true;
    } else if (words[i] == "method") {
      requirements.method = true;
    } else if (words[i] == "arguments") {
      requirements.arguments = true;
    } else {
      return failure("`" + words[i] + "` is nothing that a discharger can be told; server, method and arguments are");
    }
  }
  return nb::third_party_caveat(*key, words[0], requirements, {nb::unconstrained_use()});
}

template <class T>
std::vector<T> as(const std::vector<std::string>& words) {
  std::vector<T> list;
  for (const std::string& word : words) list.push_back(T(word));
  return list;
}

nb::Result<nb::Caveat> peer_of(const std::vector<std::string>& words) {
  const auto patterns = as<nb::BlessingPattern>(words);
  for (const auto& pattern : patterns) {
    if (!nb::is_valid(pattern)) {
      return failure("`" + pattern +
                     "` is no pattern; write names like alice:phone, alice:$ for exactly alice, or ...");
    }
  }
  return nb::peer_blessings_caveat(patterns);
}

nb::Result<nb::Caveat> make(const Console& console, std::string_view kind, const std::vector<std::string>& words,
                            nb::Time now) {
  for (const std::string& word : words) {
    if (word.empty()) return failure("the list behind " + std::string(kind) + "= has an empty place");
  }
  if (kind == "method") return nb::method_caveat(words);
  if (kind == "peer") return peer_of(words);
  if (kind == "tag") return nb::access_tag_caveat(as<v23::security::access::Tag>(words));
  if (kind == "third-party") return third_party_of(console, words);
  if (words.size() != 1) return failure(std::string(kind) + " takes one parameter and no list");
  if (kind == "const") {
    if (words[0] != "true" && words[0] != "false") return failure("const is true or false, not `" + words[0] + "`");
    return nb::const_caveat(words[0] == "true");
  }
  auto time = parse_time(words[0], now);
  if (!time) return time.error();
  return kind == "expires" ? nb::expiry_caveat(*time) : nb::not_before_caveat(*time);
}

struct Kind {
  std::string_view name;
  std::string_view go_name;
};
constexpr std::array<Kind, 7> kKinds{{{"method", "\"v.io/v23/security\".MethodCaveat"},
                                      {"expires", "\"v.io/v23/security\".ExpiryCaveat"},
                                      {"not-before", "\"v.io/v23/security\".NotBeforeCaveat"},
                                      {"peer", "\"v.io/v23/security\".PeerBlessingsCaveat"},
                                      {"tag", "\"v.io/v23/security/access\".AccessTagCaveat"},
                                      {"const", "\"v.io/v23/security\".ConstCaveat"},
                                      {"third-party", "\"v.io/v23/security\".PublicKeyThirdPartyCaveat"}}};

// {"Get", "Put"} or true: the constants of VDL that need no compiler.
nb::Result<std::vector<std::string>> go_words(std::string_view text) {
  const nb::Error bad = failure("`" + std::string(text) +
                                "` is not one of the parameters read here, a list of strings or a boolean; "
                                "the short forms take the others: expires=TIME, not-before=TIME, third-party=…");
  if (text == "true" || text == "false") return std::vector<std::string>{std::string(text)};
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return bad;
  std::vector<std::string> words;
  for (std::string& part : split(text.substr(1, text.size() - 2), ',')) {
    const auto first = part.find('"');
    const auto last = part.rfind('"');
    if (first == std::string::npos || first == last || part.find_first_not_of(' ') != first ||
        part.find_last_not_of(' ') != last) {
      return bad;
    }
    words.push_back(part.substr(first + 1, last - first - 1));
    if (words.back().find_first_of("\"\\") != std::string::npos) return bad;
  }
  return words;
}

}  // namespace

nb::Result<nb::Caveat> parse_caveat(const Console& console, std::string_view text, nb::Time now) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return failure("caveat `" + std::string(text) + "` has no =; write KIND=PARAMETER, for example method=Get,Put");
  }
  const std::string_view kind = text.substr(0, equals);
  const std::string_view parameter = text.substr(equals + 1);
  std::vector<std::string> names;
  for (const Kind& known : kKinds) {
    if (kind == known.name) {
      auto caveat = make(console, known.name, split(parameter, ','), now);
      return caveat ? caveat : about("caveat `" + std::string(text) + "`", caveat.error());
    }
    if (kind == known.go_name) {
      auto words = go_words(parameter);
      if (!words) return words.error();
      auto caveat = make(console, known.name, *words, now);
      return caveat ? caveat : about("caveat `" + std::string(text) + "`", caveat.error());
    }
    names.emplace_back(known.name);
  }
  return failure("`" + std::string(kind) + "` is no kind of caveat known here; there are " + listed(names, "and", ""));
}

}  // namespace tool
