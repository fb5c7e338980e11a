#include "explain/question.h"

#include <nb/security/access.h>
#include <nb/security/blessing_names.h>
#include <nb/security/principal.h>

#include "cli/failure.h"
#include "cli/files.h"
#include "cli/inputs.h"
#include "words/lists.h"
#include "words/times.h"

namespace tool {
namespace {

using nb::Result;

// PATTERN=KEY, blessings whose roots are meant, or a folder whose roots are meant.
Result<void> add_root(const Console& console, const std::string& argument, nb::BlessingRoots& roots) {
  if (is_folder(argument)) {
    auto principal = console.open_to_read(argument);
    if (!principal) return principal.error();
    for (const auto& [pattern, keys] : (*principal)->roots().dump()) {
      for (const nb::PublicKey& key : keys) {
        if (auto added = roots.add(key, pattern); !added) return added;
      }
    }
    return {};
  }
  const std::size_t equals = argument.find('=');
  if (equals != std::string::npos && equals + 2 < argument.size() && !is_file(argument)) {
    const nb::BlessingPattern pattern(argument.substr(0, equals));
    auto key = read_key(console, argument.substr(equals + 1));
    if (!key) return key.error();
    return roots.add(*key, pattern);
  }
  auto blessings = read_blessings(argument);
  if (!blessings) return blessings.error();
  for (const nb::Blessings& root : blessings->roots()) {
    const nb::BlessingPattern pattern(root.claimed_names().front());
    if (auto added = roots.add(root.public_key(), pattern); !added) return added;
  }
  return {};
}

// Who decides: the principal of --credentials with the roots of --root added, or one made for this question. With
// --peer it has these names, of its own making.
Result<std::shared_ptr<const nb::Principal>> make_judge(const Console& console, const ExplainOptions& options,
                                                        nb::Blessings& shown) {
  auto given = nb::memory_roots();
  for (const std::string& root : options.roots) {
    if (auto added = add_root(console, root, *given); !added)
      return about("--root " + root.substr(0, 60), added.error());
  }
  std::vector<std::shared_ptr<nb::BlessingRoots>> parts{given};
  std::shared_ptr<const nb::Principal> keeper;
  if (options.roots.empty() || !console.credentials.empty()) {
    auto where = console.folder();
    if (!where) {
      return failure(
          "it is not said whom the end that decides believes; give --root PATTERN=KEY, --root BLESSINGS, "
          "or its folder with --credentials");
    }
    auto opened = console.open_to_read(*where);
    if (!opened) return opened.error();
    keeper = *opened;
    for (const auto& [pattern, keys] : keeper->roots().dump()) {
      for (const nb::PublicKey& key : keys) {
        if (auto added = given->add(key, pattern); !added) return added.error();
      }
    }
  }
  if (keeper && options.peers.empty()) {
    shown = keeper->store().default_blessings();
    return keeper->can_sign() || !shown.is_zero()
               ? nb::Principal::make_public_only(keeper->public_key(), nb::memory_store(keeper->public_key()),
                                                 nb::combined_roots(parts))
               : Result<std::shared_ptr<const nb::Principal>>(keeper);
  }
  auto key = nb::PrivateKey::make();
  if (!key) return key.error();
  auto own = nb::memory_roots();
  parts.push_back(own);
  auto judge = nb::Principal::make(*key, nb::memory_store(key->public_key()), nb::combined_roots(parts));
  if (!judge) return judge.error();
  std::vector<nb::Blessings> names;
  for (const std::string& peer : options.peers) {
    auto self = (*judge)->bless_self(peer);
    if (!self) return about("--peer " + peer, self.error());
    if (auto added = own->add(key->public_key(), nb::BlessingPattern(peer)); !added) return added.error();
    names.push_back(std::move(*self));
  }
  auto all = nb::union_of(names);
  if (!all) return all.error();
  shown = std::move(*all);
  return judge;
}

// JSON itself or a file with it.
Result<std::string> json_text(const std::string& argument) {
  if (argument.starts_with('{')) return argument;
  return read_text(argument);
}

Result<void> add_rule(const ExplainOptions& options, Question& question) {
  const int rules = (options.patterns.empty() ? 0 : 1) + (options.access_list.empty() ? 0 : 1) +
                    (options.permissions.empty() ? 0 : 1) + (options.default_rule ? 1 : 0);
  if (rules > 1)
    return failure("only one rule can decide; give one of --pattern, --access-list, --permissions, --default");
  if (!options.patterns.empty()) {
    std::vector<nb::BlessingPattern> patterns;
    for (const std::string& text : options.patterns) {
      patterns.emplace_back(text);
      if (!nb::is_valid(patterns.back())) return failure("--pattern `" + text + "` is no pattern and matches nothing");
    }
    question.rule = "a name must match " + listed(patterns, "or", "");
    question.decides = nb::patterns_authorizer(std::move(patterns));
  } else if (!options.access_list.empty()) {
    auto text = json_text(options.access_list);
    if (!text) return text.error();
    // An access list is what permissions hold for a tag.
    auto wrapped = nb::permissions_from_json("{\"list\":" + *text + "}");
    if (!wrapped || wrapped->size() != 1) {
      return failure("--access-list holds no access list; write {\"In\":[\"alice\"],\"NotIn\":[\"alice:bob\"]}" +
                     (wrapped ? std::string() : ": " + std::string(wrapped.error().message())));
    }
    const nb::AccessList list = wrapped->begin()->second;
    question.rule = "an access list of " + listed(list.In, "and", "nobody") +
                    (list.NotIn.empty() ? std::string() : " without " + listed(list.NotIn, "and", ""));
    question.decides = nb::access_list_authorizer(list);
  } else if (!options.permissions.empty()) {
    auto text = json_text(options.permissions);
    if (!text) return text.error();
    auto permissions = nb::permissions_from_json(*text);
    if (!permissions) return about("--permissions", permissions.error());
    if (options.tags.empty()) {
      return failure("permissions go by the method's tag; give it with --tag, for example --tag Read");
    }
    question.rule = "permissions for a method tagged " + listed(options.tags, "and", "");
    question.decides = nb::permissions_authorizer(std::move(*permissions));
  } else if (options.default_rule) {
    question.rule = "one end's name must extend the other's (the rule of servers that ask for none)";
    question.decides = nb::default_authorizer();
  } else {
    question.rule = "any name that counts";
  }
  return {};
}

}  // namespace

void ExplainOptions::add_to(CLI::App& verb) {
  verb.add_option("blessings", blessings, "what the caller shows: text, file, - or a folder of credentials")
      ->required();
  verb.add_option("--root", roots,
                  "whom the end that decides believes, repeatable: PATTERN=KEY, blessings, or a folder; else the "
                  "roots of --credentials")
      ->type_name("ROOT")
      ->allow_extra_args(false);
  verb.add_option("--pattern", patterns, "rule: a name must match one of these")->allow_extra_args(false);
  verb.add_option("--access-list", access_list, "rule: an access list as JSON, or a file with it")->type_name("JSON");
  verb.add_option("--permissions", permissions, "rule: permissions as JSON, or a file with them")->type_name("JSON");
  verb.add_flag("--default", default_rule, "rule: one end's name must extend the other's");
  verb.add_option("--method", method, "the method that is called");
  verb.add_option("--tag", tags, "the method's tags")->allow_extra_args(false);
  verb.add_option("--time", time, "when: now, +24h or 2030-01-02T03:04:05Z");
  verb.add_option("--peer", peers, "the names of the end that decides; else those of --credentials")
      ->allow_extra_args(false);
  verb.add_option("--discharge", discharges, "a discharge that the caller shows: text or file, repeatable")
      ->type_name("DISCHARGE")
      ->allow_extra_args(false);
}

Result<Question> make_question(const Console& console, const ExplainOptions& options) {
  Question question;
  auto blessings = read_blessings_or_folder(console, options.blessings);
  if (!blessings) return blessings.error();
  question.call.remote_blessings = std::move(*blessings);
  auto judge = make_judge(console, options, question.call.local_blessings);
  if (!judge) return judge.error();
  question.call.local_principal = *judge;
  auto time = parse_time(options.time, nb::Time::now());
  if (!time) return about("--time", time.error());
  question.call.timestamp = *time;
  question.call.method = options.method;
  for (const std::string& tag : options.tags) {
    question.call.method_tags.emplace_back(v23::security::access::Tag(tag));
  }
  for (const std::string& argument : options.discharges) {
    auto discharge = read_discharge(argument);
    if (!discharge) return discharge.error();
    question.call.remote_discharges.push_back(std::move(*discharge));
  }
  if (auto added = add_rule(options, question); !added) return added.error();
  return question;
}

}  // namespace tool
