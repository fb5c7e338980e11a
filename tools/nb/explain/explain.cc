#include "explain/explain.h"

#include "explain/judgement.h"
#include "explain/question.h"

namespace tool {
namespace {

nb::Result<int> run_explain(Console& console, const ExplainOptions& options) {
  auto question = make_question(console, options);
  if (!question) return question.error();
  const Judgement judgement = judge(*question);
  console.answer(to_text(*question, judgement), to_json(*question, judgement));
  return judgement.is_accepted ? 0 : kRefused;
}

}  // namespace

void add_explain(Verbs& verbs) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App& verb = verbs.add("explain", "say whether blessings are accepted in a call, and why", options, run_explain);
  verb.footer("Ends with 0 when they are accepted and with 3 when they are refused.");
  options->add_to(verb);
}

}  // namespace tool
