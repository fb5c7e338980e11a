// Judgement: what becomes of each chain, each certificate and each caveat in a call, and what the rule says in the end.
#pragma once

#include <string>
#include <vector>

#include <nb/security/security_call.h>
#include <nlohmann/json.hpp>

#include "explain/question.h"

namespace tool {

struct CaveatFinding {
  nb::Caveat caveat;
  std::string refusal;  // "" when it holds
};

struct CertificateFinding {
  std::string extension;
  std::string key;  // whom it blesses
  std::vector<CaveatFinding> caveats;
};

struct ChainFinding {
  std::string name;
  std::string root;          // its key
  std::string root_refusal;  // "" when it is recognized for the name
  std::vector<CertificateFinding> certificates;
  bool counts = false;
  std::string why_not;  // the first thing that refuses it
};

struct Judgement {
  std::vector<ChainFinding> chains;
  std::vector<std::string> names;  // those that count
  bool is_accepted = false;
  std::string because;
};

Judgement judge(const Question& question);

std::string to_text(const Question& question, const Judgement& judgement);
nlohmann::ordered_json to_json(const Question& question, const Judgement& judgement);

}  // namespace tool
