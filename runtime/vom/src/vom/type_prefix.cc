#include "vom/type_prefix.h"

#include <memory>

#include <nb/vom/primitive.h>

#include "vom/type_encoder_state.h"

namespace nb::vom {

const TypePrefix* prefix_of(const Type& type) {
  const TypeNode& node = *type.node();
  if (const auto* known = node.extension.load(std::memory_order_acquire)) return static_cast<const TypePrefix*>(known);
  if (node.store || built_in_id(type)) return nullptr;

  TypeEncoder::State encoder;
  (void)encoder.define(type);
  auto prefix = std::make_unique<TypePrefix>();
  prefix->bytes = std::move(encoder.output);
  prefix->types.resize(encoder.ids.size());
  for (const auto& [defined, id] : encoder.ids) prefix->types[static_cast<std::size_t>(id - kFirstUserId)] = defined;
  prefix->ids = std::move(encoder.ids);

  const TypeExtension* expected = nullptr;
  if (!node.extension.compare_exchange_strong(expected, prefix.get(), std::memory_order_acq_rel)) {
    return static_cast<const TypePrefix*>(expected);  // another thread was faster
  }
  return prefix.release();
}

}  // namespace nb::vom
