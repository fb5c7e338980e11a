#include "principal/answer.h"

#include "words/blessings.h"

namespace tool {

void answer_with(const Console& console, const nb::Blessings& blessings) {
  console.answer(blessings.to_text() + "\n", blessings_json(blessings, nb::Time::now()));
}

}  // namespace tool
