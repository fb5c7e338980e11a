// Our principals, blessings and credentials for programs in other languages: reads a command a line, answers each with
// a line. Bytes are in hexadecimal, blessings in their text form, lists separated by commas, "-" for nothing; an answer
// that begins with "error: " says what went wrong. The table at the end lists the commands.
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include <nb/base/context.h>
#include <nb/security/access.h>
#include <nb/security/blessing_names.h>
#include <nb/security/credentials.h>
#include <nb/security/principal.h>

#include "words.h"

namespace authority {
namespace {

using nb::Result;
using PrincipalPtr = std::shared_ptr<const nb::Principal>;
using Words = std::vector<std::string>;

std::map<std::string, PrincipalPtr> g_principals;  // by the name that the tests give them

const nb::Principal& principal(const std::string& name) { return *g_principals.at(name); }

Result<std::vector<nb::Caveat>> caveats(const std::string& word) {
  std::vector<nb::Caveat> all;
  for (const std::string& one : list(word)) {
    auto caveat = vom<nb::Caveat>(one);
    if (!caveat) return caveat.error();
    all.push_back(std::move(*caveat));
  }
  return all;
}

// "names|key|unique id|text of the same again".
std::string told(const Result<nb::Blessings>& blessings) {
  if (!blessings) return failed(blessings.error());
  if (blessings->is_zero()) return "-|-|-|" + blessings->to_text();
  return joined(blessings->claimed_names()) + "|" + hex(blessings->public_key().der()) + "|" +
         hex(blessings->unique_id()) + "|" + blessings->to_text();
}

std::string make(const Words& w) {
  const auto type = nb::key_type_from_string(w[2]);
  if (!type) return failed(type.error());
  auto made = nb::Principal::make(*type);
  if (!made) return failed(made.error());
  g_principals[w[1]] = *made;
  return hex((*made)->public_key().der());
}

std::string bless_self(const Words& w) {
  auto conditions = caveats(w[3]);
  if (!conditions) return failed(conditions.error());
  return answer(principal(w[1]).bless_self(w[2], std::move(*conditions)));
}

std::string bless(const Words& w) {
  const auto with = nb::Blessings::from_text(w[2]);
  if (!with) return failed(with.error());
  const auto key = nb::PublicKey::from_der(unhex(w[3]));
  if (!key) return failed(key.error());
  auto conditions = caveats(w[5]);
  if (!conditions) return failed(conditions.error());
  if (conditions->empty()) conditions->push_back(nb::unconstrained_use());
  return answer(
      principal(w[1]).bless(*key, *with, w[4], conditions->front(), {conditions->begin() + 1, conditions->end()}));
}

std::string unite(const Words& w) {
  std::vector<nb::Blessings> parts;
  for (std::size_t i = 1; i < w.size(); ++i) {
    auto part = nb::Blessings::from_text(w[i]);
    if (!part) return failed(part.error());
    parts.push_back(std::move(*part));
  }
  return told(nb::union_of(parts));
}

std::string verify(const Words& w) {
  const auto key = nb::PublicKey::from_der(unhex(w[1]));
  if (!key) return failed(key.error());
  const auto signature = vom<v23::security::Signature>(w[3]);
  if (!signature) return failed(signature.error());
  return done(key->verify(*signature, "S1", unhex(w[2])));
}

std::string third_party(const Words& w) {
  const auto key = nb::PublicKey::from_der(unhex(w[1]));
  if (!key) return failed(key.error());
  return answer(nb::third_party_caveat(*key, w[2], nb::DischargeRequirements(), {nb::unconstrained_use()}));
}

std::string third_party_id(const Words& w) {
  const auto caveat = vom<nb::Caveat>(w[1]);
  if (!caveat) return failed(caveat.error());
  const auto third = nb::third_party(*caveat);
  return third ? third->id + "|" + hex(third->discharger.der()) + "|" + third->location
               : "error: no third-party caveat";
}

std::string mint(const Words& w) {
  const auto caveat = vom<nb::Caveat>(w[2]);
  if (!caveat) return failed(caveat.error());
  auto conditions = caveats(w[3]);
  if (!conditions) return failed(conditions.error());
  if (conditions->empty()) conditions->push_back(nb::unconstrained_use());
  return answer(
      principal(w[1]).mint_discharge(*caveat, conditions->front(), {conditions->begin() + 1, conditions->end()}));
}

// The call that the other words of a command describe: ROOTS BLESSINGS TIME METHOD TAGS DISCHARGES. ROOTS are blessings
// whose roots are believed; the end that decides is a principal with nothing but these. TIME in VOM.
Result<nb::SecurityCall> call_of(const Words& w, std::size_t at) {
  nb::SecurityCall call;
  auto judge = nb::Principal::make();
  if (!judge) return judge.error();
  for (const std::string& root : list(w[at])) {
    auto blessings = nb::Blessings::from_text(root);
    if (!blessings) return blessings.error();
    if (auto added = (*judge)->add_to_roots(*blessings); !added) return added.error();
  }
  call.local_principal = *judge;
  auto blessings = nb::Blessings::from_text(w[at + 1]);
  if (!blessings) return blessings.error();
  call.remote_blessings = std::move(*blessings);
  auto time = vom<nb::Time>(w[at + 2]);
  if (!time) return time.error();
  call.timestamp = *time;
  if (w[at + 3] != "-") call.method = w[at + 3];
  for (const std::string& tag : list(w[at + 4])) call.method_tags.emplace_back(v23::security::access::Tag(tag));
  for (const std::string& word : list(w[at + 5])) {
    auto discharge = vom<nb::Discharge>(word);
    if (!discharge) return discharge.error();
    call.remote_discharges.push_back(std::move(*discharge));
  }
  return call;
}

// "valid names|rejected names".
std::string names(const Words& w) {
  const auto call = call_of(w, 1);
  if (!call) return failed(call.error());
  const nb::BlessingNames found = nb::remote_blessing_names(nb::Context(), *call);
  Words rejected;
  for (const auto& one : found.rejected) rejected.push_back(one.Blessing);
  return joined(found.valid) + "|" + joined(rejected);
}

std::string holds(const Words& w) {
  const auto call = call_of(w, 2);
  if (!call) return failed(call.error());
  const auto caveat = vom<nb::Caveat>(w[1]);
  if (!caveat) return failed(caveat.error());
  return done(nb::CaveatValidators().validate(nb::Context(), *call, *caveat));
}

std::string permitted(const Words& w) {
  const auto permissions = nb::permissions_from_json(text(w[1]));
  if (!permissions) return failed(permissions.error());
  const auto call = call_of(w, 2);
  if (!call) return failed(call.error());
  return done(nb::permissions_authorizer(*permissions)->authorize(nb::Context(), *call));
}

std::string permissions(const Words& w) {
  const auto permissions = nb::permissions_from_json(text(w[1]));
  if (!permissions) return failed(permissions.error());
  const auto json = nb::permissions_to_json(*permissions);
  return json ? hex(nb::as_bytes(*json)) : failed(json.error());
}

std::string included(const Words& w) {
  const auto accesses = vom<nb::AccessList>(w[1]);
  if (!accesses) return failed(accesses.error());
  return nb::includes(*accesses, list(w[2])) ? "yes" : "no";
}

nb::CredentialsOptions with_passphrase(const std::string& word) {
  nb::CredentialsOptions options;
  return word == "-" ? options : options.passphrase(nb::Passphrase(word));
}

std::string create(const Words& w) {
  const auto type = nb::key_type_from_string(w[2]);
  if (!type) return failed(type.error());
  const auto made = nb::create_credentials(w[1], *type, with_passphrase(w[3]));
  return made ? hex((*made)->public_key().der()) : failed(made.error());
}

// Opens a folder under a name for the other commands.
std::string open(const Words& w) {
  const auto opened = nb::open_credentials(w[1], with_passphrase(w[2]));
  if (!opened) return failed(opened.error());
  g_principals[w[3]] = *opened;
  return hex((*opened)->public_key().der());
}

std::string set_default(const Words& w) {
  const auto blessings = nb::Blessings::from_text(w[2]);
  return blessings ? done(principal(w[1]).set_default_blessings(*blessings)) : failed(blessings.error());
}

std::string set_for_peer(const Words& w) {
  const auto blessings = nb::Blessings::from_text(w[2]);
  if (!blessings) return failed(blessings.error());
  const auto before = principal(w[1]).store().set(*blessings, nb::BlessingPattern(w[3]));
  return before ? "ok" : failed(before.error());
}

std::string add_root(const Words& w) {
  const auto key = nb::PublicKey::from_der(unhex(w[2]));
  return key ? done(principal(w[1]).roots().add(*key, nb::BlessingPattern(w[3]))) : failed(key.error());
}

// "default names|pattern=names,…|pattern=key,…", sorted.
std::string contents(const Words& w) {
  const nb::Principal& p = principal(w[1]);
  Words peers;
  Words roots;
  for (const auto& [pattern, blessings] : p.store().peer_blessings())
    peers.push_back(pattern + "=" + blessings.to_string());
  for (const auto& [pattern, keys] : p.roots().dump()) {
    for (const nb::PublicKey& key : keys) roots.push_back(pattern + "=" + hex(key.der()));
  }
  return joined(p.store().default_blessings().claimed_names()) + "|" + joined(peers) + "|" + joined(roots);
}

std::string cache(const Words& w) {
  const auto caveat = vom<nb::Caveat>(w[2]);
  if (!caveat) return failed(caveat.error());
  if (w[3] != "-") {
    const auto discharge = vom<nb::Discharge>(w[3]);
    if (!discharge) return failed(discharge.error());
    principal(w[1]).store().cache_discharge(*discharge, *caveat, {}, nb::Time::now());
    return "ok";
  }
  const auto cached = principal(w[1]).store().discharge(*caveat, {}, nb::Time::now());
  return cached ? nb::discharge_id(cached->discharge) : "-";
}

struct Command {
  std::size_t words;  // at least, itself included
  std::function<std::string(const Words&)> run;
};

const std::map<std::string, Command> kCommands{
    {"make", {3, make}},              // make NAME KEY-TYPE: a principal in memory; its key
    {"bless-self", {4, bless_self}},  // bless-self NAME EXTENSION CAVEATS: blessings
    {"bless", {6, bless}},            // bless NAME BLESSINGS KEY EXTENSION CAVEATS: blessings
    {"union", {2, unite}},            // union BLESSINGS…: told
    {"told", {2, [](const Words& w) { return told(nb::Blessings::from_text(w[1])); }}},
    {"key",
     {2,
      [](const Words& w) {  // key DER: the same again
        const auto key = nb::PublicKey::from_der(unhex(w[1]));
        return key ? hex(key->der()) : failed(key.error());
      }}},
    {"sign", {3, [](const Words& w) { return answer(principal(w[1]).sign(unhex(w[2]))); }}},
    {"verify", {4, verify}},                  // verify KEY MESSAGE SIGNATURE: ok
    {"third-party", {3, third_party}},        // third-party KEY LOCATION: a caveat
    {"third-party-id", {2, third_party_id}},  // third-party-id CAVEAT: its id, discharger and location
    {"mint", {4, mint}},                      // mint NAME CAVEAT CAVEATS: a discharge
    {"names", {7, names}},                    // names CALL: names that count, names that do not
    {"holds", {8, holds}},                    // holds CAVEAT CALL: ok
    {"permitted", {8, permitted}},            // permitted JSON CALL: ok
    {"permissions", {2, permissions}},        // permissions JSON: as we write them
    {"included", {3, included}},              // included ACCESS-LIST NAMES: yes or no
    {"create", {4, create}},                  // create FOLDER KEY-TYPE PASSPHRASE: the key
    {"open", {4, open}},                      // open FOLDER PASSPHRASE NAME: the key
    {"set-default", {3, set_default}},        // set-default NAME BLESSINGS: ok
    {"set-for-peer", {4, set_for_peer}},      // set-for-peer NAME BLESSINGS PATTERN: ok
    {"add-root", {4, add_root}},              // add-root NAME KEY PATTERN: ok
    {"contents", {2, contents}},              // contents NAME
    {"cache", {4, cache}},                    // cache NAME CAVEAT DISCHARGE|-: keeps one, or finds one and tells its id
};

std::string answer_to(const std::string& line) {
  std::istringstream in(line);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  const auto found = kCommands.find(words.empty() ? "" : words[0]);
  if (found == kCommands.end() || words.size() < found->second.words) return "error: no such command";
  return found->second.run(words);
}

}  // namespace
}  // namespace authority

int main() {
  for (std::string line; std::getline(std::cin, line) && line != "end";) {
    std::cout << authority::answer_to(line) << std::endl;
  }
  return 0;
}
